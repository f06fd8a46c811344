"""Asks kfp itself about the packages of a bundle: `python outside.py FOLDER` prints one finding a line, as JSON.

It runs in an environment of its own, with the standard library and kfp alone. kfp reads a package as four
messages, of which it parses two only when a run starts: the whole, what runs the executors, and what
Kubernetes does for each. Here all are parsed, strictly, and the package is loaded as a user would load it.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

IMAGE = "image"
MARKS = {"pipelineInfo", "deploymentSpec", "root", "components"}
_AT = re.compile(r'at "?[A-Za-z.]*?PipelineSpec\.?([^"\n]*?)"?(?:\.\s|\.\.\.|\.?$)', re.MULTILINE)
_PART = re.compile(r"\[([^\]]+)\]|([^.\[\]]+)")


def main(folder: Path) -> None:
    """Every finding of every package."""
    warnings.simplefilter("ignore")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.suffix in (".yaml", ".yml", ".json") and path.is_file() and name.parts[0] != IMAGE:
            for finding in judge(path):
                sys.stdout.write(json.dumps({**finding, "file": name.as_posix()}) + "\n")


def judge(path: Path) -> Iterator[dict[str, str]]:
    """What kfp says of one file; nothing of one that holds no pipeline."""
    try:
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        # Which files are to be YAML is not ours to say: the linter does.
        yield from () if path.suffix == ".json" else [_finding("MG438", str(wrong).splitlines()[0], "")]
        return
    if not documents or not isinstance(documents[0], dict) or not MARKS & set(documents[0]):
        return
    several = len(documents) > 1
    messages = list(_messages(documents[0], "/0" if several else ""))
    if several:
        messages += _platform(documents[1])
    yield from messages or _loaded(path)


def _messages(document: dict[str, Any], top: str) -> Iterator[dict[str, str]]:
    """The pipeline, then what runs its executors."""
    from kfp.pipeline_spec import pipeline_spec_pb2 as messages

    yield from _parsed(document, messages.PipelineSpec(), top)
    deployment = document.get("deploymentSpec", {})
    yield from _parsed(deployment, messages.PipelineDeploymentConfig(), f"{top}/deploymentSpec")


def _platform(document: Any) -> Iterator[dict[str, str]]:
    """What a platform does, then what Kubernetes does for each executor."""
    from kfp.kubernetes import kubernetes_executor_config_pb2 as kubernetes
    from kfp.pipeline_spec import pipeline_spec_pb2 as messages

    yield from _parsed(document, messages.PlatformSpec(), "/1")
    try:
        executors = document["platforms"]["kubernetes"]["deploymentSpec"]["executors"].items()
    except (KeyError, TypeError, AttributeError):
        return
    for label, executor in executors:
        place = f"/1/platforms/kubernetes/deploymentSpec/executors/{_escaped(label)}"
        yield from _parsed(executor, kubernetes.KubernetesExecutorConfig(), place)


def _parsed(value: Any, message: Any, top: str) -> Iterator[dict[str, str]]:
    from google.protobuf import json_format

    try:
        json_format.ParseDict(value, message)
    except json_format.ParseError as wrong:
        text = str(wrong).split("\n Available")[0].rstrip(".")
        code = "MG430" if "has no field named" in text else "MG431"
        yield _finding(code, text.rsplit("Failed to parse ", 1)[-1], top + _pointer(text))
    except Exception as wrong:  # noqa: BLE001 — protobuf raises what it meets: no object, no text, no number
        yield _finding("MG431", f"{type(message).__name__}: {wrong}", top)


def _pointer(text: str) -> str:
    """The place that protobuf tells, as a JSON pointer."""
    match = _AT.search(text)
    parts = [key or plain for key, plain in _PART.findall(match[1])] if match else []
    return "".join(f"/{_escaped(part)}" for part in parts)


def _escaped(part: str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _loaded(path: Path) -> Iterator[dict[str, str]]:
    """The package, loaded as one component of another pipeline would be."""
    from kfp import components

    try:
        components.load_component_from_file(str(path))
    except Exception as wrong:  # noqa: BLE001 — whatever it raises, a user would meet it too
        yield _finding("MG441", f"kfp does not load it: {type(wrong).__name__}: {wrong}"[:400], "")


def _finding(code: str, message: str, at: str) -> dict[str, str]:
    return {"code": code, "message": f"kfp: {message}", "at": at}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
