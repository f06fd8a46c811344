"""The kinds of step a plan is made of, and the plan. A target matches on the kinds and ends in assert_never.

Data only: every value is known or is a hole that the run fills. `origin` is the place in the
spec that a finding about the step points to. What steps are made of lies in values.py, what is no
step in product.py; all of it is imported from here.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.features import Use
from mlopsgen.plan.job import Gpu, Job, Resources, Retries, Run, Secret
from mlopsgen.plan.product import (
    Governance,
    Image,
    LocalData,
    OnInvoke,
    OnNewData,
    OnSchedule,
    RunParameter,
    Source,
    Tracking,
    Trigger,
)
from mlopsgen.plan.services import Batch, RealTime, Service
from mlopsgen.plan.values import FromRegistry, FromSource, FromStep, Input, InputSource, NamedValue, Output
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref

__all__ = [
    "AnyJob",
    "Axis",
    "Batch",
    "Card",
    "Choice",
    "Evaluate",
    "FromRegistry",
    "FromSource",
    "FromStep",
    "GateRule",
    "Governance",
    "Gpu",
    "Image",
    "Input",
    "InputSource",
    "Interval",
    "Job",
    "LocalData",
    "NamedValue",
    "OnGateFailure",
    "OnInvoke",
    "OnNewData",
    "OnSchedule",
    "Output",
    "Plan",
    "Prepare",
    "RealTime",
    "Register",
    "Resources",
    "Retries",
    "Run",
    "RunParameter",
    "Secret",
    "Service",
    "Source",
    "Step",
    "Tracking",
    "Train",
    "Trigger",
    "Tune",
]


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
class Plan:
    """The whole of what a spec asks for, without a word of any target."""

    name: str
    """The product's name with the suffix of its environment: every name in a cloud derives from it."""
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
    environment: str | None = None
    """The environment of the spec that this is the plan of."""
    uses: tuple[Use, ...] = ()
    """The features that the spec uses, each place of them: a target's `support` answers every one."""
    services: tuple[Service, ...] = ()
    """What lives on when training has ended."""
    deployments: tuple[str, ...] = ()
    """Names of all deployments, those too that there is no service for yet."""
    monitors: tuple[str, ...] = ()
    """Names of monitors."""
