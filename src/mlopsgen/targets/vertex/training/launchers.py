"""Jobs of Vertex AI that a pipeline starts: the launchers of google-cloud-pipeline-components, by their image.

Nothing of that package is needed to compile: a launcher is an image, a module, and a request as JSON with the
names of the API's messages in snake_case. Its source is github.com/kubeflow/pipelines, components/google-cloud,
google_cloud_pipeline_components/container/v1/<module>. It leaves out what is empty, 0 or false.

The request is one argument with holes that the run fills. What a hole brings is put into the text as it is, so a
text among the holes has to be asked for escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from mlopsgen.records import dataclass
from mlopsgen.targets.ir.parts import Command, Hole, Where, Word

IMAGE: Final = "gcr.io/ml-pipeline/google-cloud-pipeline-components:2.22.0"
"""The release that the launchers' arguments were read from."""
RESOURCES: Final = "gcp_resources"
"""The output parameter that says which job it was: the console links to it, and a retry finds it."""
ENTRY: Final = 4


@dataclass(frozen=True, slots=True)
class Launcher:
    """One kind of job: the launcher's module, and what it calls the job."""

    module: str
    type: str


CUSTOM_JOB: Final = Launcher("custom_job", "CustomJob")
TUNING_JOB: Final = Launcher("hyperparameter_tuning_job", "HyperparameterTuningJob")


def launch(launcher: Launcher, request: Word, project: str, region: str) -> Command:
    """The container that makes the job and waits for its end."""
    module = f"google_cloud_pipeline_components.container.v1.{launcher.module}.launcher"
    words: tuple[Word, ...] = (
        *(("python3",), ("-u",), ("-m",), (module,)),
        *(("--type",), (launcher.type,)),
        *(("--payload",), request),
        *(("--project",), (project,)),
        *(("--location",), (region,)),
        *(("--gcp_resources",), (Hole(Where.OUTPUT_FILE, RESOURCES),)),
    )
    return Command(image=IMAGE, words=words, entry=ENTRY)


Value: TypeAlias = Any
"""JSON, in which a text may be `HoledText` and a number `Counted`."""


@dataclass(frozen=True, slots=True)
class HoledText:
    """A text with holes."""

    word: Word


@dataclass(frozen=True, slots=True)
class Counted:
    """A number that a run parameter says."""

    hole: Hole


def payload(value: Value) -> Word:
    """The argument."""
    return joined(_spelled(value))


def joined(parts: Iterator[str | Hole]) -> Word:
    """Neighbouring texts as one."""
    words: list[str | Hole] = []
    for part in parts:
        if words and isinstance(part, str) and isinstance(words[-1], str):
            words[-1] += part
        else:
            words.append(part)
    return tuple(words)


def _spelled(value: Value) -> Iterator[str | Hole]:
    match value:
        case HoledText(word=word):
            yield '"'
            for part in word:
                yield json.dumps(part)[1:-1] if isinstance(part, str) else escaped(part)
            yield '"'
        case Counted(hole=hole):
            yield hole
        case Mapping():
            yield from _listed("{}", [[f"{json.dumps(key)}: ", *_spelled(one)] for key, one in value.items()])
        case str() | None | bool() | int() | float():
            yield json.dumps(value)
        case Sequence():
            yield from _listed("[]", [list(_spelled(one)) for one in value])
        case _:
            raise TypeError(f"{type(value).__name__} is no JSON")


def _listed(around: str, entries: list[list[str | Hole]]) -> Iterator[str | Hole]:
    yield around[0]
    for number, entry in enumerate(entries):
        if number:
            yield ", "
        yield from entry
    yield around[1]


def escaped(hole: Hole) -> Hole:
    """The hole as it may stand inside a text: paths are the service's own and hold nothing to escape."""
    if hole.where in (None, Where.PARAMETER):
        return Hole(hole.where, hole.name, escaped=True)
    return hole
