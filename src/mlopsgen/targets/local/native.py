"""plan.json in Python: the target's own format, which `lower` writes and the executor reads.

Every key is always there; null stands where there is nothing. What only a run knows is a hole:
an object of one key that says what the run puts in its place, such as `{"input": "train"}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mlopsgen.records import dataclass
from mlopsgen.spec.model import tag
from mlopsgen.targets.local.holes import (
    AppFile,
    Argument,
    Argv,
    Axis,
    BundleFile,
    Choice,
    Count,
    Flag,
    FromParam,
    FromParameter,
    FromRun,
    Hole,
    InputFolder,
    Interpreter,
    Interval,
    Joined,
    Live,
    Name,
    OfParameter,
    OfText,
    OutputFolder,
    Part,
    Refit,
    Registry,
    Scalar,
    Seconds,
    State,
    TextPart,
    Tune,
    Value,
    by_key,
)
from mlopsgen.targets.local.native_rollouts import Rollout

__all__ = [
    "AppFile",
    "Argument",
    "Argv",
    "Axis",
    "BundleFile",
    "Choice",
    "Code",
    "Count",
    "Deployment",
    "Flag",
    "FromParam",
    "FromParameter",
    "FromRegistry",
    "FromRun",
    "FromSource",
    "FromStep",
    "Gate",
    "Hole",
    "Input",
    "InputFolder",
    "Interpreter",
    "Interval",
    "Joined",
    "Kind",
    "Live",
    "LocalFiles",
    "OnFailure",
    "Origin",
    "OutputFolder",
    "Parameter",
    "Place",
    "Places",
    "PlanFile",
    "Refit",
    "Register",
    "Registry",
    "Remote",
    "Retries",
    "Rollout",
    "Scalar",
    "Source",
    "State",
    "Step",
    "StepKind",
    "TextPart",
    "Tune",
    "Value",
]


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
    by_key("step", "source", "model"),
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


StepKind: TypeAlias = Literal["run", "prepare", "train", "tune", "evaluate", "register", "score", "serve"]
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
    champion: Literal["approval", "rollout"]
    """What makes an approved version the champion: a rollout where a real-time deployment asks the model."""


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
class Deployment(Part):
    """What answers with the model when training has ended."""

    mode: Literal["batch", "real-time"]
    model: FromRegistry
    step: Step
    """The command: `mlopsgen score` runs it once, `mlopsgen serve` until it is stopped."""
    rollout: Rollout | None
    """Of a server that answers with the version just approved."""


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

    uri: Annotated[Annotated[str, tag("plain")] | OfParameter | OfText, by_key("parameter", "text")]
    place: Place


Source: TypeAlias = Annotated[Annotated[LocalFiles, tag("path")] | Annotated[Remote, tag("uri")], by_key("path", "uri")]


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
    steps: tuple[Step, ...]
    deployments: Mapping[Name, Deployment]
