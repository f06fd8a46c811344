"""The kinds of step a plan is made of. A target matches on them and ends in assert_never.

Data only: every value is known or is a hole that the run fills. `origin` is the place in the
spec that a finding about the step points to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.values import Argv, PortKind, Scalar, Value
from mlopsgen.spec.values import Ref, Text


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


Origin: TypeAlias = FromStep | FromSource | FromRegistry


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing a step reads: the flag it arrives under, what it is, and who made it."""

    port: str
    kind: PortKind
    source: Origin
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


@dataclass(frozen=True, slots=True)
class Gpu:
    """Accelerators of one machine."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What one machine of a step must have; None means the target's default."""

    cpu: float | None = None
    memory: int | None = None
    """Bytes."""
    disk: int | None = None
    """Bytes."""
    gpu: Gpu | None = None
    nodes: int | Ref = 1
    spot: bool = False
    origin: SpecPath = ()


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a failed step is tried again: `attempts` more times, the first after `backoff` seconds, doubling."""

    attempts: int
    backoff: int


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that the step finds in environment variable `variable`; `name` is the target's own name or a URI."""

    variable: str
    name: str
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One container that runs one command: what every kind of step has in common."""

    name: str
    argv: Argv
    """The whole command, with holes where paths and params stand (values.py)."""
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    params: tuple[NamedValue, ...] = ()
    resources: Resources = Resources()
    env: tuple[tuple[str, str], ...] = ()
    secrets: tuple[Secret, ...] = ()
    image: str | None = None
    """A foreign image, which gets plain argv and no launcher; None is the product's own."""
    retries: Retries | None = None
    timeout: int | None = None
    """Seconds."""
    cache: bool = True
    after: tuple[str, ...] = ()
    """Steps that must have ended well, beside those it reads from."""
    when: Ref | None = None
    """A boolean run parameter: false skips the step and all that reads from it."""
    always: bool = False
    """Exit handler: runs when all else has ended, well or not."""
    runtime: bool = False
    """The command is (or is wrapped by) one of the runtime's own."""
    origin: SpecPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Job):
    """A user's own step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare(Job):
    """Checks the data contract, then splits (built-in) or runs the user's preparation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Train(Job):
    """Trains one model."""

    framework: str | None = None
    """The built-in trainer's framework; None for a user's script."""
    distributed: Literal["torchrun", "mpi", "tensorflow"] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these values."""

    name: str
    values: tuple[bool | int | float | str, ...]
    origin: SpecPath


@dataclass(frozen=True, slots=True)
class Interval:
    """A number between two bounds, both included."""

    name: str
    low: float
    high: float
    integer: bool
    scale: Literal["linear", "log"]
    points: int | None
    """How many values a grid takes of it; None for all of an int."""
    origin: SpecPath


Axis: TypeAlias = Choice | Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Tune(Job):
    """Trains many models, one a trial, and hands on the best one's outputs."""

    framework: str | None = None
    distributed: Literal["torchrun", "mpi", "tensorflow"] | None = None
    metric: str
    direction: Literal["maximize", "minimize"]
    strategy: Literal["grid", "random", "bayesian", "hyperband"]
    trials: int | Ref
    """For a grid without `trials`: the number of its points."""
    parallel: int | Ref
    axes: tuple[Axis, ...]
    search_timeout: int | None = None
    """Seconds for the whole search."""
    max_failures: int | None = None
    stop_at: float | None = None
    early_stopping: bool = False
    keep: int = 1
    refit: bool = False
    """Train once more on train + validation with the best trial's params."""
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRule:
    """One gate of an evaluation (its arguments stand in the evaluation's argv already)."""

    name: str
    metric: str
    direction: Literal["maximize", "minimize"] | None
    at_least: float | Ref | None = None
    at_most: float | Ref | None = None
    better_than: Literal["champion", "best"] | None = None
    by: float | Ref = 0.0
    confidence: float | None = None
    group: str | None = None
    measure: str | None = None
    when: Ref | None = None
    origin: SpecPath = ()


OnGateFailure: TypeAlias = Literal["stop", "fail", "register", "report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate(Job):
    """Evaluates the model and judges its gates in the same container; writes port `gate` when it has gates."""

    gates: tuple[GateRule, ...] = ()
    on_gate_failure: OnGateFailure = "stop"
    reads_champion: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """The model card's text, section by section, as the spec wrote it."""

    sections: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Makes the trained model a version in the target's own registry, behind the gates."""

    name: str = "registry"
    model: Input
    metrics: Input | None
    gate: Input | None
    """None: nothing stands between training and the registry."""
    figures: tuple[Input, ...] = ()
    group: str
    """The registry's name of the model."""
    approval: Literal["automatic", "manual"] | Ref
    card: Card | None = None
    after: tuple[str, ...] = ()
    when: Ref | None = None
    on_gate_failure: OnGateFailure = "stop"
    data_versions: tuple[tuple[str, str], ...] = ()
    """Source name → version, digest or URI, known at compile time."""
    origin: SpecPath = ("registry",)


Step: TypeAlias = Run | Prepare | Train | Tune | Evaluate | Register
AnyJob: TypeAlias = Run | Prepare | Train | Tune | Evaluate


@dataclass(frozen=True, slots=True, kw_only=True)
class RunParameter:
    """A value that a run may change."""

    name: str
    type: Literal["string", "integer", "number", "boolean", "list"]
    required: bool
    """No default: it must be given at start."""
    default: Scalar | tuple[Scalar, ...] = None
    """None with required=False: optional, its flag is left out."""
    values: tuple[Scalar, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    description: str = ""
    origin: SpecPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalData:
    """A source that lies beside the spec; submit uploads it under its digest."""

    path: str
    """Relative to the spec's folder, with forward slashes."""
    digest: str
    """sha256 over the files, hex."""
    files: tuple[str, ...]
    """Names relative to `path`'s folder, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A data source and where it is: beside the spec, or a URI (which may hold run parameters)."""

    name: str
    uri: str | Text | Ref
    local: LocalData | None
    format: Literal["csv", "parquet", "jsonl", "files"]
    version: str | None
    distribution: Literal["replicated", "sharded"]
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The image that every step of the product runs in."""

    given: str | None
    """An image that exists already: nothing is built."""
    base: str
    python: str
    files: tuple[tuple[str, bytes], ...] = field(repr=False, default=())
    """The user's code: path under the application folder → content, sorted."""
    requirements: tuple[str, ...] = ()
    """The user's own, line by line."""
    runtime_commands: tuple[str, ...] = ()
    """Which of the runtime's commands the plan uses: decides its requirements."""
    contract: bytes | None = field(repr=False, default=None)
    """contract.json, when the data section has one."""
    pinned: str | None = None
    """The pushed image's digest reference from mlopsgen.lock."""
    origin: SpecPath = ("code",)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSchedule:
    """Starts training by the clock."""

    name: str
    cron: str
    """Five fields."""
    timezone: str
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNewData:
    """Starts training when files arrive at a source."""

    name: str
    source: str
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class OnInvoke:
    """Lets another system start training."""

    name: str
    origin: SpecPath


Trigger: TypeAlias = OnSchedule | OnNewData | OnInvoke


@dataclass(frozen=True, slots=True, kw_only=True)
class Governance:
    """Who may, where it stays, and how it is locked."""

    encryption_key: str | None = None
    private_network: bool = False
    retention: int | None = None
    """Seconds."""
    lineage: bool = False
    audit: bool = False
    deploy: tuple[str, ...] = ()
    invoke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """Where runs are recorded."""

    experiment: str
    mlflow: str | None = None
    """A tracking URI; None is the target's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole of what a spec asks for, without a word of any target."""

    name: str
    description: str
    owner: str | None
    tags: tuple[tuple[str, str], ...]
    parameters: tuple[RunParameter, ...]
    sources: tuple[Source, ...]
    image: Image
    steps: tuple[Step, ...]
    """In an order in which they could run, ties in the spec's own order."""
    triggers: tuple[Trigger, ...]
    tracking: Tracking
    governance: Governance
    unsupported: tuple[tuple[str, SpecPath], ...] = ()
    """Sections that the spec has and no target emits yet: (words, place)."""
