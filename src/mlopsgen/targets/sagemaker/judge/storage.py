"""Rules for S3: what a step reads under the run's prefix must have been written by then."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents.document import Path, dig, items, maps, walk
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.definition import Definition, Step, function
from mlopsgen.targets.sagemaker.judge.graph import before
from mlopsgen.targets.sagemaker.judge.jobs import PROCESSING, trainings
from mlopsgen.targets.sagemaker.judge.operations import OPERATIONS

RUN = "${Execution.PipelineExecutionId}"
_WRITES = ("S3OutputPath",)
_ADDRESSES = ("S3Uri", "S3OutputPath", "ModelDataUrl")
_BUCKET = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]")
_ELSEWHERE = ("Lambda", "Callback", "EMR", "EMRServerless", "Athena", "Job", "ForEach")


class Uris:
    """S3 addresses of a definition with their references in one spelling: `s3://b/${Execution.…}/x`."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition

    def text(self, value: Any, depth: int = 0) -> str | None:
        """The address, or None where only the run knows it."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool | int | float):
            return str(value)
        name = function(value)
        if name == "Std:Join" and isinstance(value[name], dict) and isinstance(value[name].get("Values"), list):
            parts = [self.text(v, depth) for v in value[name]["Values"]]
            return None if None in parts else str(value[name].get("On", "")).join(p or "" for p in parts)
        if name == "Get" and isinstance(value["Get"], str):
            return self._reference(value["Get"], depth)
        return None

    def _reference(self, text: str, depth: int) -> str:
        """A reference to a step's own address is that address; any other stays a name."""
        match = re.fullmatch(r"Steps\.([^.]+)\.ProcessingOutputConfig\.Outputs\['([^']*)'\]\.S3Output\.S3Uri", text)
        step = self.definition.by_name.get(match[1]) if match else None
        if match and step and depth < 20:
            for _, output in maps(step.get("ProcessingOutputConfig", "Outputs")):
                if output.get("OutputName") == match[2] and isinstance(output.get("S3Output"), dict):
                    return self.text(output["S3Output"].get("S3Uri"), depth + 1) or f"${{{text}}}"
        return f"${{{text}}}"

    def written(self) -> Iterator[tuple[Step, str]]:
        """Every prefix that a step writes."""
        for step in self.definition.steps:
            for path, value in _own_values(step):
                if _writes(path):
                    text = self.text(value)
                    if text:
                        yield step, text.rstrip("/")

    def read(self) -> Iterator[tuple[Step, Path, str]]:
        """Every address that a step names and does not write, with its place."""
        for step in self.definition.steps:
            for path, value in _own_values(step):
                text = self.text(value) if _names_an_address(value) and not _writes(path) else None
                if text and text.startswith("s3://"):
                    yield step, path, text.rstrip("/")


def _own_values(step: Step) -> Iterator[tuple[Path, Any]]:
    inside_function: Path | None = None
    for path, value in walk(step.own().get("Arguments"), step.where("Arguments")):
        if inside_function is not None and path[: len(inside_function)] == inside_function:
            continue
        inside_function = path if function(value) else None
        if isinstance(value, str) or inside_function:
            yield path, value


def _names_an_address(value: Any) -> bool:
    return isinstance(value, str) or function(value) == "Std:Join"


def _writes(path: Path) -> bool:
    last, inside = path[-1], path[-2:-1]
    return last in _WRITES or (last == "S3Uri" and inside in (("S3Output",), ("CheckpointConfig",)))


@rule("produced", "measured: a path that no step writes is empty, and every checker passes it")
def produced(d: Definition) -> Iterator[Diagnostic]:
    """What is read under the run's own prefix is written by a step that has ended before."""
    uris = Uris(d)
    written, reached = list(uris.written()), before(d)
    elsewhere = any(s.type in _ELSEWHERE for s in d.steps)
    for step, path, text in uris.read():
        if RUN not in text:
            continue
        writers = [s for s, prefix in written if _overlap(prefix, text)]
        if not writers and not elsewhere:
            yield d.document.finding("MG434", f"no step writes `{text}`", path)
        elif writers and not any(w.name in reached[step.name] or w.name == step.name for w in writers):
            names = ", ".join(sorted({w.name for w in writers}))
            yield d.document.finding("MG434", f"`{text}` is read before `{names}` has written it", path)


def _overlap(prefix: str, text: str) -> bool:
    return prefix == text or text.startswith(prefix + "/") or prefix.startswith(text + "/")


@rule("one-writer", "two jobs that write one prefix overwrite each other")
def one_writer(d: Definition) -> Iterator[Diagnostic]:
    """No two outputs of a run go to the same address, nor one into another's."""
    seen: dict[str, str] = {}
    for step in d.steps:
        for i, output in maps(step.get("ProcessingOutputConfig", "Outputs")):
            target = output.get("S3Output")
            text = Uris(d).text(target.get("S3Uri")) if isinstance(target, dict) else None
            if text and text.startswith("s3://"):
                key = text.rstrip("/")
                if key in seen:
                    path = step.where("Arguments", "ProcessingOutputConfig", "Outputs", i, "S3Output", "S3Uri")
                    yield d.document.finding("MG436", f"`{seen[key]}` writes to `{key}` too", path)
                for other, writer in seen.items():
                    if other != key and _overlap(other, key):
                        path = step.where("Arguments", "ProcessingOutputConfig", "Outputs", i, "S3Output", "S3Uri")
                        message = f"this and what `{writer}` writes lie inside each other"
                        yield d.document.finding("MG433", message, path, severity=Severity.WARNING)
                seen[key] = f"{step.name}.{output.get('OutputName')}"


@rule("one-resumes", 'developer guide, "Checkpoints in Amazon SageMaker AI": what lies there is copied in first')
def one_resumes(d: Definition) -> Iterator[Diagnostic]:
    """No training of a run goes on from the checkpoints of another."""
    uris, seen = Uris(d), dict[str, str]()
    for step, path, job in trainings(d):
        text = uris.text(dig(job, ("CheckpointConfig", "S3Uri")))
        key = text.rstrip("/") if text else ""
        if key and seen.setdefault(key, step.name) != step.name:
            where = (*path, "CheckpointConfig", "S3Uri")
            yield d.document.finding("MG436", f"`{seen[key]}` keeps its checkpoints in `{key}` too", where)


@rule("addresses", 'S3 user guide, "General purpose bucket naming rules"; botocore S3Uri')
def addresses(d: Definition) -> Iterator[Diagnostic]:
    """An S3 address starts as one, with a bucket name that S3 allows."""
    uris = Uris(d)
    for step in d.steps:
        for path, value in _own_values(step):
            text = uris.text(value) if _names_an_address(value) else None
            if text is None or text.startswith(("${", "https://")):
                continue
            if not text.startswith("s3://"):
                if function(value) and path[-1] in _ADDRESSES and step.type in OPERATIONS:
                    yield d.document.finding("MG433", f"`{text}` is no S3 address", path)
                continue
            bucket = text.removeprefix("s3://").split("/", 1)[0]
            if "${" not in bucket and not _BUCKET.fullmatch(bucket):
                yield d.document.finding("MG433", f"no bucket can be called `{bucket}`", path)


_LOCAL = re.compile(r"/opt/ml/processing/[^\s\"',;:=]+")
_CHANNEL = re.compile(r"/opt/ml/input/data/([A-Za-z0-9][A-Za-z0-9._-]*)")
_WORDS = ("ContainerEntrypoint", "ContainerArguments")
_SEVERAL = ("InstanceGroups", "InstancePreferences", "InstanceConfigs", "TrainingPlanArn", "InstancePlacementConfig")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every written text of a command, those inside joins too."""
    for where, text in walk(value, path):
        if isinstance(text, str) and where[-1] not in ("Get", "On"):
            yield where, text


@rule("named-directories", 'developer guide, "How Amazon SageMaker Processing configures your container"')
def named_directories(d: Definition) -> Iterator[Diagnostic]:
    """A command names no directory under /opt/ml/processing that is neither an input nor an output."""
    for step in d.of(*PROCESSING):
        places = [*items(step.get("ProcessingInputs")), *items(step.get("ProcessingOutputConfig", "Outputs"))]
        locals_ = [PurePosixPath(v) for p, v in walk(places) if p and p[-1] == "LocalPath" and isinstance(v, str)]
        for word in _WORDS:
            where = ("Arguments", "AppSpecification", word)
            for path, text in _texts(step.get(*where[1:]), step.where(*where)):
                for named in map(PurePosixPath, _LOCAL.findall(text)):
                    if not any(named.is_relative_to(here) or here.is_relative_to(named) for here in locals_):
                        message = f"`{named}` is neither an input nor an output of this step"
                        yield d.document.finding("MG434", message, path, severity=Severity.WARNING)


@rule("named-channels", 'developer guide, "How Amazon SageMaker provides training information"')
def named_channels(d: Definition) -> Iterator[Diagnostic]:
    """A training command names no directory under /opt/ml/input/data that is not a channel."""
    for _, path, job in trainings(d):
        channels = {str(c.get("ChannelName")) for _, c in maps(job.get("InputDataConfig"))}
        places = [("AlgorithmSpecification", word) for word in _WORDS] + [
            ("HyperParameters",),
            ("StaticHyperParameters",),
        ]
        for place in places:
            for where, text in _texts(dig(job, place), (*path, *place)):
                for name in _CHANNEL.findall(text):
                    # In pipe mode a channel is read as name_0, name_1, …
                    if name not in channels and re.sub(r"_\d+$", "", name) not in channels:
                        message = f"there is no channel `{name}`"
                        yield d.document.finding("MG434", message, where, severity=Severity.WARNING)


@rule("machines", "CreateProcessingJob and CreateTrainingJob API reference: a type and a number, or a list of choices")
def machines(d: Definition) -> Iterator[Diagnostic]:
    """A job says on what machines it runs, and on how many."""
    parts = [(s.where("Arguments"), s.arguments, ("ProcessingResources", "ClusterConfig")) for s in d.of(*PROCESSING)]
    jobs: list[tuple[Path, dict[str, Any], Path]] = [
        *parts,
        *((p, job, ("ResourceConfig",)) for _, p, job in trainings(d)),
    ]
    for path, job, place in jobs:
        config = dig(job, place)
        if not isinstance(config, dict) or function(config) or any(key in config for key in _SEVERAL):
            continue
        for key in ("InstanceType", "InstanceCount"):
            if key not in config:
                yield d.document.finding("MG432", f"needs `{key}`", (*path, *place))
