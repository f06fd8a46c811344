"""One emitted command, executed as its platform would: the image's files, the step's inputs, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mlopsgen.targets.image import APP

_IMAGE = "image/app/"
WRITES = b"""import sys
from pathlib import Path

for word in sys.argv[1:]:
    name, _, folder = word.removeprefix("--").partition("=")
    if name in ("model", "metrics"):
        (Path(folder) / ("metrics.json" if name == "metrics" else "model.txt")).write_text("{}")
"""
"""A training script that makes no folder, as users' scripts are."""


def execute(
    words: Sequence[str], files: Mapping[str, bytes], own_folders: Sequence[str], machine: Path, inputs: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """Runs a command of a bundle below `machine`, where `own_folders` lie as well; inputs are there and empty."""
    app = machine / "app"
    for name, content in files.items():
        if name.startswith(_IMAGE):
            path = app / name.removeprefix(_IMAGE)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    folders = {APP: app, **{folder: machine / folder.lstrip("/") for folder in own_folders}}
    command = [_placed(word, folders) for word in words]
    for word in command:
        name, _, folder = word.removeprefix("--").partition("=")
        if name in inputs:
            Path(folder).mkdir(parents=True, exist_ok=True)
    if command[0] == "python":
        command[0] = sys.executable
    variables = {**environment(), "PYTHONPATH": str(app)}
    return subprocess.run(command, cwd=app, env=variables, capture_output=True, text=True, check=False)


def environment() -> dict[str, str]:
    """This process's variables for one that starts elsewhere: folders of PYTHONPATH are absolute."""
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    absolute = {"PYTHONPATH": os.pathsep.join(str(Path(path).resolve()) for path in paths)} if paths else {}
    return {**os.environ, **absolute}


def _placed(word: str, folders: Mapping[str, Path]) -> str:
    """A word with the platform's folders where they are on this machine."""
    for folder, place in folders.items():
        word = re.sub(rf"(^|=){re.escape(folder)}(?=/|$)", rf"\g<1>{place}", word)
    return word
