"""Starts the server of an online deployment: Azure ML has no place for a command but the image's own.

`python -m mlopsgen_runtime.platforms.azure_start`: the words are those of MLOPSGEN_COMMAND, a list in JSON, where
`{model}` is the folder of the version's files, and `{version}` its number. Azure ML puts the files into
AZUREML_MODEL_DIR, or into a folder in there that is called as the folder was that had been registered.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

COMMAND, VERSION = "MLOPSGEN_COMMAND", "MLOPSGEN_VERSION"


def command_line(variables: Mapping[str, str]) -> list[str]:
    """The whole command line of the server."""
    words, folder = json.loads(variables[COMMAND]), Path(variables["AZUREML_MODEL_DIR"])
    version = variables.get(VERSION) or folder.name
    inner = folder / "model"
    model = inner if inner.is_dir() else folder
    return [sys.executable, "-m", "mlopsgen_runtime", *(_filled(word, model, version) for word in words)]


def _filled(word: str, model: Path, version: str) -> str:
    return word.replace("{model}", str(model)).replace("{version}", version)


if __name__ == "__main__":
    if COMMAND not in os.environ:
        sys.exit("this image is started by an online deployment, which says what it runs")
    line = command_line(os.environ)
    # In the place of this process, so that the server itself hears that it is to end.
    os.execv(line[0], line)  # noqa: S606
