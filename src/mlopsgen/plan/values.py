"""Ports and commands of steps: what flows between steps, and the values that a target fills in when a run starts."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TypeAlias

from mlopsgen.diagnostics import SpecPath
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref, RunFact, Text

Scalar: TypeAlias = None | bool | int | float | str
Value: TypeAlias = Scalar | Ref | RunFact | Text | tuple[Scalar, ...]
"""A param's value: known now, or a hole that the run fills (Ref: a run parameter)."""


class PortKind(StrEnum):
    """The kind of content of a port's directory."""

    SOURCE = "source"
    DATASET = "dataset"
    FILES = "files"
    MODEL = "model"
    METRICS = "metrics"
    PREDICTIONS = "predictions"
    FIGURE = "figure"
    REPORT = "report"
    GATE = "gate"
    """gate.json, which a target's native condition reads."""


PICTURES = (PortKind.FIGURE, PortKind.REPORT)
"""Kinds that people look at beside a model or a run."""


@dataclass(frozen=True, slots=True)
class InputDir:
    """The directory of one of the step's inputs, as the target lays it out."""

    port: str


@dataclass(frozen=True, slots=True)
class OutputDir:
    """The directory that one of the step's outputs has to be written to."""

    port: str


@dataclass(frozen=True, slots=True)
class AppPath:
    """A path inside the image's application folder, `/opt/app` in a container."""

    path: str


@dataclass(frozen=True, slots=True)
class Param:
    """The value of the step's param of this name: what it says, or the trial's when it is tuned."""

    name: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that belongs to the command itself (a gate's bound), not to the user's script."""

    value: Value


@dataclass(frozen=True, slots=True)
class ChampionUri:
    """Where this target keeps the champion of the model (a registry URI of the runtime)."""

    model: str


@dataclass(frozen=True, slots=True)
class StateUri:
    """A place under the product's own prefix where the runtime keeps small state between runs."""

    path: str


@dataclass(frozen=True, slots=True)
class LiveUri:
    """A folder that a deployment reads or writes each time anew; a relative one lies under the product's own prefix."""

    uri: str | Ref | RunFact | Text


Hole: TypeAlias = InputDir | OutputDir | AppPath | Param | Setting | ChampionUri | StateUri | LiveUri


@dataclass(frozen=True, slots=True)
class Flag:
    """One argument `--name=<value>`; `optional` leaves it out when the value is null or empty."""

    name: str
    value: Hole
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Python:
    """The interpreter of the image."""


Argument: TypeAlias = str | Python | AppPath | Flag
Argv: TypeAlias = tuple[Argument, ...]


def spelled(value: Scalar | tuple[Scalar, ...]) -> str:
    """A known value as a command line has it: `true`/`false`, lists as JSON, null as nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case tuple():
            return json.dumps(list(value), ensure_ascii=False)
        case _:
            return str(value)


@dataclass(frozen=True, slots=True)
class FromStep:
    """An output of another step."""

    step: str
    port: str


@dataclass(frozen=True, slots=True)
class FromSource:
    """A declared data source (`Plan.sources`)."""

    source: str


@dataclass(frozen=True, slots=True)
class FromRegistry:
    """A model that is registered already: `version` is `champion` or the registry's own version."""

    model: str
    version: str


InputSource: TypeAlias = FromStep | FromSource | FromRegistry


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing a step reads: the flag it arrives under, what it is, and who made it."""

    port: str
    kind: PortKind
    source: InputSource
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One thing a step writes, under the flag of the same name."""

    port: str
    kind: PortKind
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedValue:
    """A param of a step or an argument of a command."""

    name: str
    value: Value
    origin: SpecPath
