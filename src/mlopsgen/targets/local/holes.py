"""Commands and values in plan.json: plain words, and holes that only a run can fill."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mlopsgen.records import dataclass
from mlopsgen.spec.model import tag
from mlopsgen.targets.local.part import Name, Part, Scalar, by_key


@dataclass(frozen=True, slots=True)
class FromParameter(Part):
    """The value of a run parameter."""

    parameter: Name


@dataclass(frozen=True, slots=True)
class FromRun(Part):
    """What only the run knows: its id, or when it was started."""

    run: Literal["id", "scheduled_at"]


@dataclass(frozen=True, slots=True)
class Joined(Part):
    """Text and run values, joined without anything between them."""

    text: tuple[TextPart, ...]


OfParameter: TypeAlias = Annotated[FromParameter, tag("parameter")]
OfRun: TypeAlias = Annotated[FromRun, tag("run")]
OfText: TypeAlias = Annotated["Joined", tag("text")]
TextPart: TypeAlias = Annotated[Annotated[str, tag("plain")] | OfParameter | OfRun, by_key("parameter", "run")]
Value: TypeAlias = Annotated[
    Annotated[Scalar | tuple[Scalar, ...], tag("plain")] | OfParameter | OfRun | OfText,
    by_key("parameter", "run", "text"),
]


@dataclass(frozen=True, slots=True)
class InputFolder(Part):
    """The folder of one of the step's inputs."""

    input: Name


@dataclass(frozen=True, slots=True)
class OutputFolder(Part):
    """The folder that one of the step's outputs is written to."""

    output: Name


@dataclass(frozen=True, slots=True)
class AppFile(Part):
    """A path inside the bundle's application folder."""

    app: str


@dataclass(frozen=True, slots=True)
class BundleFile(Part):
    """A path inside the bundle."""

    bundle: str


@dataclass(frozen=True, slots=True)
class FromParam(Part):
    """The value of one of the step's params: its own, or the trial's when it is searched."""

    param: str


@dataclass(frozen=True, slots=True)
class Registry(Part):
    """The URI of the folder that keeps the versions of this model; null: of all models."""

    registry: Name | None


@dataclass(frozen=True, slots=True)
class State(Part):
    """The URI of a folder that keeps small things from one run to the next."""

    state: str


OfApp: TypeAlias = Annotated[AppFile, tag("app")]
Hole: TypeAlias = Annotated[
    Annotated[InputFolder, tag("input")]
    | Annotated[OutputFolder, tag("output")]
    | OfApp
    | Annotated[BundleFile, tag("bundle")]
    | Annotated[FromParam, tag("param")]
    | OfParameter
    | OfRun
    | OfText
    | Annotated[Registry, tag("registry")]
    | Annotated[State, tag("state")],
    by_key("input", "output", "app", "bundle", "param", "parameter", "run", "text", "registry", "state"),
]


@dataclass(frozen=True, slots=True)
class Interpreter(Part):
    """The Python that runs the steps."""

    interpreter: Literal["python"]


@dataclass(frozen=True, slots=True)
class Flag(Part):
    """One argument `--flag=value`; left out when the value is null, or empty and `optional`."""

    flag: str
    value: Hole
    optional: bool


Argument: TypeAlias = Annotated[
    Annotated[str, tag("plain")] | Annotated[Interpreter, tag("interpreter")] | OfApp | Annotated[Flag, tag("flag")],
    by_key("interpreter", "app", "flag"),
]
Argv: TypeAlias = Annotated[tuple[Argument, ...], Field(min_length=1)]
