"""Pieces of plan.json: commands and values with holes that only a run can fill, and the axes of a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Discriminator, Field

from mlopsgen.records import dataclass
from mlopsgen.spec.model import tag

Scalar: TypeAlias = None | bool | int | float | str
Name: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""A word that is safe as a folder's name."""
Seconds: TypeAlias = Annotated[int, Field(ge=1)]


def by_key(*keys: str) -> Discriminator:
    """Which alternative an object is: the one whose key it has; what is no object is plain."""

    def choose(value: Any) -> str | None:
        if value is None or isinstance(value, bool | int | float | str | list | tuple):
            return _PLAIN
        there = value if isinstance(value, Mapping) else value.__dataclass_fields__
        return next((_TAG + key for key in keys if key in there), None)

    words = f"one of {', '.join(keys)} must be a key here"
    return Discriminator(choose, custom_error_type="union_key", custom_error_message=words)


_TAG = tag("").tag
_PLAIN = tag("plain").tag


class Part:
    """A piece of the file: unknown keys are errors, and a value is never bent into another type."""

    __slots__ = ()
    __pydantic_config__: ClassVar[Mapping[str, Any]] = {
        "extra": "forbid",
        "strict": True,
        "use_attribute_docstrings": True,
        "allow_inf_nan": False,
    }


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


@dataclass(frozen=True, slots=True)
class Live(Part):
    """The URI of a folder that is read or written each time anew; a relative path lies beside the spec."""

    live: Annotated[Annotated[str, tag("plain")] | OfParameter | OfRun | OfText, by_key("parameter", "run", "text")]


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
    | Annotated[State, tag("state")]
    | Annotated[Live, tag("live")],
    by_key("input", "output", "app", "bundle", "param", "parameter", "run", "text", "registry", "state", "live"),
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


@dataclass(frozen=True, slots=True)
class Choice(Part):
    """One of these values."""

    name: str
    choice: Annotated[tuple[bool | int | float | str, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Interval(Part):
    """A number between two bounds, both included."""

    name: str
    low: float
    high: float
    integer: bool
    scale: Literal["linear", "log"]
    points: Annotated[int, Field(ge=1)] | None
    """How many values a grid takes; null for every whole number."""


Axis: TypeAlias = Annotated[Annotated[Choice, tag("choice")] | Annotated[Interval, tag("low")], by_key("choice", "low")]


@dataclass(frozen=True, slots=True)
class Refit(Part):
    """Trains once more, with the best trial's params, on two inputs joined."""

    into: Name
    """The input that holds the rows of both."""
    add: Name
    """The input whose rows are added."""


Count: TypeAlias = Annotated[Annotated[Annotated[int, Field(ge=1)], tag("plain")] | OfParameter, by_key("parameter")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tune(Part):
    """A search: the step's command runs once a trial, and the best trial's outputs are the step's."""

    metric: str
    direction: Literal["maximize", "minimize"]
    strategy: Literal["grid", "random", "bayesian"]
    trials: Count
    parallel: Count
    axes: Annotated[tuple[Axis, ...], Field(min_length=1)]
    timeout: Seconds | None
    """Seconds for the whole search."""
    max_failures: Annotated[int, Field(ge=0)] | None
    stop_at: float | None
    seed: int
    refit: Refit | None
