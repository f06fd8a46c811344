"""The executor input of a pipeline task, as Kubeflow Pipelines and Vertex AI hand it over: where its files are.

Objects are files below /gcs, /s3 and /minio, whoever brings them there. A script is promised folders, so these are
made where there are none; numbers that it writes are handed on as the artifact's own metadata.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .files import read_json, write_json
from .measured import read_metrics
from .problems import Failed, Usage

_MOUNTS = {"gs://": "/gcs/", "s3://": "/s3/", "minio://": "/minio/"}
_METRICS = "system.Metrics"
TRIAL = "trial-params"
"""The artifact in which each trial of a loop keeps its params."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One artifact: its name, address and type, and where its files are."""

    name: str
    uri: str
    title: str
    path: Path


@dataclass(frozen=True, slots=True)
class ExecutorInput:
    """What a task reads and makes, by the name of the input or output; a loop's outputs are several."""

    inputs: Mapping[str, tuple[Artifact, ...]]
    outputs: Mapping[str, tuple[Artifact, ...]]
    output_file: Path | None


def read_executor_input(text: str) -> ExecutorInput:
    """Reads what stood in the place of `{{$}}`."""
    try:
        said = json.loads(text)
        outputs = said.get("outputs") or {}
        inputs = (said.get("inputs") or {}).get("artifacts") or {}
        made = {name: tuple(map(_artifact, one["artifacts"])) for name, one in (outputs.get("artifacts") or {}).items()}
        read = {name: tuple(map(_artifact, one["artifacts"])) for name, one in inputs.items()}
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise Usage(f"--executor-input is no executor input of a pipeline: {error!r}") from None
    file = outputs.get("outputFile")
    return ExecutorInput(read, made, Path(file) if file else None)


def _artifact(said: Mapping[str, Any]) -> Artifact:
    uri = str(said["uri"])
    path = said.get("customPath") or _path(uri)
    title = str((said.get("type") or {}).get("schemaTitle", ""))
    return Artifact(str(said.get("name", "")), uri, title, Path(path))


def _path(uri: str) -> str:
    for scheme, mount in _MOUNTS.items():
        if uri.startswith(scheme):
            return mount + uri.removeprefix(scheme)
    raise Failed(f"{uri} is no address whose files a step finds below /gcs, /s3 or /minio")


def make_folders(task: ExecutorInput) -> None:
    """Makes the folders that a command is promised, also those of inputs that hold nothing."""
    for artifact in _each(task.outputs):
        artifact.path.mkdir(parents=True, exist_ok=True)
    for artifact in _each(task.inputs):
        if not artifact.path.exists():
            _make_empty(artifact.path)


def in_folders(task: ExecutorInput, command: Sequence[str], spare: Path) -> list[str]:
    """The command with inputs of one file put into folders of their own, since a script reads folders."""
    moved = {
        str(artifact.path): str(_alone(artifact.path, spare / name))
        for name, artifacts in task.inputs.items()
        for artifact in artifacts
        if artifact.path.is_file()
    }
    return [_moved(word, moved) for word in command]


def _each(artifacts: Mapping[str, tuple[Artifact, ...]]) -> Iterator[Artifact]:
    for several in artifacts.values():
        yield from several


def _alone(file: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, folder / file.name)
    return folder


def _make_empty(folder: Path) -> None:
    """An object store keeps no empty folder; where nothing may be written there, the script sees none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        print(f"{folder} holds nothing")


def _moved(word: str, moved: Mapping[str, str]) -> str:
    name, equals, value = word.partition("=")
    return f"{name}={moved[value]}" if equals and value in moved else word


def collect(task: ExecutorInput, folder: Path) -> None:
    """What all trials of a loop made, as one folder for each: FOLDER/<trial>/{params.json,<port>/}."""
    for port, artifacts in task.inputs.items():
        for number, artifact in enumerate(artifacts, 1):
            trial = folder / f"{number:04d}"
            trial.mkdir(parents=True, exist_ok=True)
            if port == TRIAL:
                write_json(trial / "params.json", _params(artifact.path))
            else:
                artifact.path.mkdir(parents=True, exist_ok=True)
                (trial / port).symlink_to(artifact.path, target_is_directory=True)


def _params(folder: Path) -> Any:
    return read_json(folder / "params.json") if (folder / "params.json").exists() else {}


def tell(task: ExecutorInput) -> None:
    """Hands the numbers of every metrics.json on as metadata of its artifact, which the platform shows."""
    told = {name: found for name, several in task.outputs.items() if (found := [_told(one) for one in several])}
    known = {name: {"artifacts": found} for name, found in told.items() if any(one["metadata"] for one in found)}
    if known and task.output_file is not None:
        write_json(task.output_file, {"artifacts": known})


def _told(artifact: Artifact) -> dict[str, Any]:
    metered = artifact.title == _METRICS and (artifact.path / "metrics.json").exists()
    return {
        "name": artifact.name,
        "uri": artifact.uri,
        "metadata": read_metrics(artifact.path) if metered else {},
    }
