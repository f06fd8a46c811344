"""Asks the SDK of Vertex AI about a bundle: `python outside.py FOLDER` prints one finding a line, as JSON.

It runs in an environment of its own, with the standard library and google-cloud-aiplatform alone, and without
the network: PipelineJob reads the template as it would before it is submitted, requests are read into the
types of the API, strictly, and so are the payloads of launchers inside a pipeline.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

IMAGE = "image"
MARKS = {"pipelineInfo", "deploymentSpec", "root", "components"}
KINDS = {
    "PipelineJob": {"runtimeConfig", "templateUri", "pipelineSpec"},
    "Schedule": {"cron", "createPipelineJobRequest"},
    "HyperparameterTuningJob": {"studySpec", "trialJobSpec"},
    "CustomJob": {"jobSpec"},
}
_HOLE = re.compile(r"\{\{\$[^{}]*\}\}")
_QUOTE = re.compile(r'(?<!\\)(?:\\\\)*"')


def main(folder: Path) -> None:
    """Every finding of every pipeline and every request."""
    warnings.simplefilter("ignore")
    logging.disable()
    socket.socket.connect = _refuse  # type: ignore[method-assign]
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.suffix in (".yaml", ".yml", ".json") and path.is_file() and name.parts[0] != IMAGE:
            for finding in judge(path):
                sys.stdout.write(json.dumps({**finding, "file": name.as_posix()}) + "\n")


def _refuse(*_: object) -> None:
    raise OSError("nothing is asked of the network here")


def judge(path: Path) -> Iterator[dict[str, str]]:
    """What the SDK says of one file; nothing of one that is neither a pipeline nor a request."""
    try:
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        yield _finding("MG438", str(wrong).splitlines()[0], "")
        return
    first = documents[0] if documents and isinstance(documents[0], dict) else {}
    if MARKS & set(first) and not path.name.endswith(".tf.json"):
        yield from _template(path)
        yield from _payloads(first)
    elif path.suffix == ".json" and not path.name.endswith(".tf.json"):
        kind = next((kind for kind, keys in KINDS.items() if keys & set(first)), None)
        if kind:
            yield from _read(kind, json.dumps(first), "")


def _template(path: Path) -> Iterator[dict[str, str]]:
    """The pipeline, as a job that is made and not sent."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import aiplatform

    anonymous: Any = AnonymousCredentials
    try:
        aiplatform.PipelineJob(
            display_name="judged",
            template_path=str(path),
            pipeline_root="gs://judged/runs",
            project="judged-here",
            location="europe-west1",
            credentials=anonymous(),
        )
    except Exception as wrong:  # noqa: BLE001 — whatever it raises, a user would meet it too
        text = f"PipelineJob does not take it: {type(wrong).__name__}: {wrong}"
        yield _finding("MG433" if "document" in text else "MG441", text[:400], "")


def _payloads(pipeline: dict[str, Any]) -> Iterator[dict[str, str]]:
    """What launchers are told to send."""
    executors = (pipeline.get("deploymentSpec") or {}).get("executors")
    for label, executor in executors.items() if isinstance(executors, dict) else ():
        container = executor.get("container") if isinstance(executor, dict) else None
        words = container.get("args") if isinstance(container, dict) else None
        if not isinstance(words, list) or not {"--type", "--payload"} <= {w for w in words if isinstance(w, str)}:
            continue
        kind, at = words[words.index("--type") + 1], words.index("--payload") + 1
        if kind in KINDS:
            where = f"/deploymentSpec/executors/{label}/container/args/{at}"
            yield from _read(kind, _filled(words[at]), where)


def _read(kind: str, text: str, at: str) -> Iterator[dict[str, str]]:
    """A request as the message that the API takes."""
    from google.cloud import aiplatform_v1

    try:
        getattr(aiplatform_v1, kind).from_json(text)
    except Exception as wrong:  # noqa: BLE001 — protobuf raises what it meets
        message = str(wrong).split("\n Available")[0]
        yield _finding("MG430" if "no field named" in message else "MG431", f"{kind}: {message}"[:400], at)


def _filled(text: str) -> str:
    """The text as JSON: a hole inside quotes stays as it is, any other one becomes a number."""
    json_text, at = "", 0
    for hole in _HOLE.finditer(text):
        json_text += text[at : hole.start()]
        json_text += hole[0] if len(_QUOTE.findall(json_text)) % 2 else "1"
        at = hole.end()
    return json_text + text[at:]


def _finding(code: str, message: str, at: str) -> dict[str, str]:
    return {"code": code, "message": f"aiplatform: {message}", "at": at}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
