"""plan.json in Python: the target's own format, which `lower` writes and the executor reads.

Every key is always there; null stands where there is nothing. What only a run knows is a hole:
an object of one key that says what the run puts in its place, such as `{"input": "train"}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Discriminator, Field

from mlopsgen.spec.model import tag

Scalar: TypeAlias = None | bool | int | float | str
Name: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""A word that is safe as a folder's name."""
Seconds: TypeAlias = Annotated[int, Field(ge=1)]


def _by_key(*keys: str) -> Discriminator:
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


_OfParameter: TypeAlias = Annotated[FromParameter, tag("parameter")]
_OfRun: TypeAlias = Annotated[FromRun, tag("run")]
_OfText: TypeAlias = Annotated["Joined", tag("text")]
TextPart: TypeAlias = Annotated[Annotated[str, tag("plain")] | _OfParameter | _OfRun, _by_key("parameter", "run")]
Value: TypeAlias = Annotated[
    Annotated[Scalar | tuple[Scalar, ...], tag("plain")] | _OfParameter | _OfRun | _OfText,
    _by_key("parameter", "run", "text"),
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


_OfApp: TypeAlias = Annotated[AppFile, tag("app")]
Hole: TypeAlias = Annotated[
    Annotated[InputFolder, tag("input")]
    | Annotated[OutputFolder, tag("output")]
    | _OfApp
    | Annotated[BundleFile, tag("bundle")]
    | Annotated[FromParam, tag("param")]
    | _OfParameter
    | _OfRun
    | _OfText
    | Annotated[Registry, tag("registry")]
    | Annotated[State, tag("state")],
    _by_key("input", "output", "app", "bundle", "param", "parameter", "run", "text", "registry", "state"),
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
    Annotated[str, tag("plain")] | Annotated[Interpreter, tag("interpreter")] | _OfApp | Annotated[Flag, tag("flag")],
    _by_key("interpreter", "app", "flag"),
]
Argv: TypeAlias = Annotated[tuple[Argument, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class FromStep(Part):
    """An output of another step."""

    step: Name
    output: Name


@dataclass(frozen=True, slots=True)
class FromSource(Part):
    """A declared source."""

    source: Name


@dataclass(frozen=True, slots=True)
class FromRegistry(Part):
    """The files of a model that is registered here; an empty folder while there is no champion."""

    model: Name
    version: str


Origin: TypeAlias = Annotated[
    Annotated[FromStep, tag("step")] | Annotated[FromSource, tag("source")] | Annotated[FromRegistry, tag("model")],
    _by_key("step", "source", "model"),
]
Kind: TypeAlias = Literal["source", "dataset", "files", "model", "metrics", "predictions", "figure", "report", "gate"]
Place: TypeAlias = tuple[str | int, ...]
"""Where in the spec this comes from: keys and list positions."""


@dataclass(frozen=True, slots=True)
class Retries(Part):
    """How often a failed command is tried again."""

    attempts: Annotated[int, Field(ge=0)]
    backoff: Annotated[int, Field(ge=0)]
    """Seconds before the first one; the wait doubles each time."""


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


Axis: TypeAlias = Annotated[
    Annotated[Choice, tag("choice")] | Annotated[Interval, tag("low")], _by_key("choice", "low")
]


@dataclass(frozen=True, slots=True)
class Refit(Part):
    """Trains once more, with the best trial's params, on two inputs joined."""

    into: Name
    """The input that holds the rows of both."""
    add: Name
    """The input whose rows are added."""


Count: TypeAlias = Annotated[Annotated[Annotated[int, Field(ge=1)], tag("plain")] | _OfParameter, _by_key("parameter")]


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


StepKind: TypeAlias = Literal["run", "prepare", "train", "tune", "evaluate", "register"]
OnFailure: TypeAlias = Literal["stop", "fail", "register", "report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate(Part):
    """The step judges the model and writes gate.json to this output."""

    output: Name
    on_failure: OnFailure
    rules: Mapping[str, tuple[str, ...]]
    """Every gate, and which of its fields the command is told as `--<gate>.<field>=`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Part):
    """The step adds a version to the registry, unless a gate that stands before it said no."""

    model: Name
    gate: Name | None
    """The input that holds gate.json."""
    on_failure: OnFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Input(Part):
    """What a step reads: what kind it is and who made it."""

    kind: Kind
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Part):
    """One command and all that decides when and how it runs."""

    name: Name
    kind: StepKind
    argv: Argv
    inputs: Mapping[Name, Input]
    outputs: Mapping[Name, Kind]
    params: Mapping[str, Value]
    env: Mapping[str, str]
    secrets: Mapping[str, str]
    """Variable that the step sees → variable of the environment that `run` is started in."""
    retries: Retries | None
    timeout: Seconds | None
    """Seconds for one attempt."""
    cache: bool
    """Whether an unchanged step's outputs are used again."""
    after: tuple[Name, ...]
    """Steps that must have ended well, beside those it reads from."""
    when: FromParameter | None
    """A boolean parameter: false skips the step and all that reads from it."""
    always: bool
    """Runs when all else has ended, well or not."""
    tune: Tune | None
    gate: Gate | None
    register: Register | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Part):
    """A value that a run may change."""

    type: Literal["string", "integer", "number", "boolean", "list"]
    required: bool
    default: Scalar | tuple[Scalar, ...]
    values: tuple[Scalar, ...]
    minimum: float | None
    maximum: float | None
    description: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFiles(Part):
    """Files beside the spec."""

    path: str
    """Relative to the spec's folder."""
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """sha256 over names and contents."""
    files: Annotated[tuple[str, ...], Field(min_length=1)]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote(Part):
    """Files somewhere else; this machine reads `file://` URIs and paths alone."""

    uri: Annotated[Annotated[str, tag("plain")] | _OfParameter | _OfText, _by_key("parameter", "text")]
    place: Place


Source: TypeAlias = Annotated[
    Annotated[LocalFiles, tag("path")] | Annotated[Remote, tag("uri")], _by_key("path", "uri")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Part):
    """What the steps run on."""

    app: str
    """The application folder: the user's code, the runtime and its configuration."""
    requirements: str
    """What the interpreter must have installed."""
    python: Annotated[str, Field(pattern=r"^3\.[0-9]+$")]
    """The version of Python that the spec names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places(Part):
    """Where things are kept, relative to the spec's folder."""

    runs: str
    registry: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile(Part):
    """A whole pipeline, ready to be run on this machine by `mlopsgen run`."""

    schema_: Annotated[Literal["plan.schema.json"], Field(alias="$schema")]
    format: Literal["mlopsgen/local/v1"]
    name: Name
    description: str
    owner: str | None
    tags: Mapping[str, str]
    experiment: str
    code: Code
    places: Places
    parallel: Annotated[int, Field(ge=1)] | None
    """How many commands run at once; null means one for each processor."""
    parameters: Mapping[Name, Parameter]
    sources: Mapping[Name, Source]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
