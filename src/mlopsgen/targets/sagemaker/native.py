"""A pipeline in SageMaker's own terms, field by field as the service's documents have it.

Templates print these as they are; every name, sum and choice has been made by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.steps import Image
from mlopsgen.records import dataclass
from mlopsgen.render.job import FileJob, Patch
from mlopsgen.targets.sagemaker.expressions import Expression, Number, Word
from mlopsgen.targets.sagemaker.guide_facts import Guide
from mlopsgen.targets.sagemaker.resources import Stack, Tags
from mlopsgen.targets.uploads import Upload

if TYPE_CHECKING:
    from mlopsgen.targets.sagemaker.serving.resources import EndpointResources


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineParameter:
    """A value that a run may change; `default` is None where a run has to give one."""

    name: str
    type: str
    default: bool | int | float | str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often the service tries again after a fault of its own."""

    exceptions: tuple[str, ...]
    interval: int
    attempts: int
    backoff_rate: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """What a job runs on."""

    count: Number
    type: Word
    volume_gib: int
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The part of a VPC that jobs run in."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """What every step has beside its arguments."""

    name: str
    depends_on: tuple[str, ...] = ()
    retries: tuple[Retry, ...] = ()
    cache_for: str | None = None
    """An ISO 8601 duration; None: the step runs every time."""
    origin: SpecPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataInput:
    """A prefix of S3 that a job finds in a directory."""

    name: str
    uri: Word
    path: str
    distribution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataOutput:
    """A directory that a job leaves in S3."""

    name: str
    uri: Word
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingStep(StepFacts):
    """A command in a container."""

    image: str
    entrypoint: tuple[str, ...]
    arguments: tuple[Word, ...]
    machines: Machines
    inputs: tuple[DataInput, ...]
    outputs: tuple[DataOutput, ...]
    output_key: str | None
    seconds: int
    environment: Mapping[str, Word]
    network: Network | None
    encrypt_traffic: bool
    role: str
    tags: Tags
    gate_output: str | None = None
    """The output with gate.json, which a condition reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number that the service reads from what a job prints."""

    name: str
    regex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Training on machines that may be taken away."""

    max_wait: int
    checkpoints: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingJob:
    """What a training, and each trial of a search, is."""

    image: str
    metrics: tuple[Metric, ...]
    inputs: tuple[DataInput, ...]
    output_path: Word
    output_key: str | None
    machines: Machines
    seconds: int
    spot: Spot | None
    environment: Mapping[str, Word]
    network: Network | None
    encrypt_traffic: bool
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStep(StepFacts):
    """One training."""

    job: TrainingJob
    entrypoint: tuple[str, ...]
    arguments: tuple[Word, ...]
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Categorical:
    """One of these values."""

    name: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A number between two bounds, which the service takes as text."""

    name: str
    low: str
    high: str
    scaling: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningStep(StepFacts):
    """A search over many trainings."""

    job: TrainingJob
    strategy: str
    objective_type: str
    objective: str
    max_jobs: Number | None
    max_parallel: Number
    max_seconds: int | None
    max_resource: int | None
    """Hyperband: how many times a trial reports before it is through."""
    categorical: tuple[Categorical, ...]
    integer: tuple[Range, ...]
    continuous: tuple[Range, ...]
    early_stopping: str
    target: float | None
    seed: int | None
    trial_retries: int
    """How often a trial is tried again after a fault of the service; 0: as the service itself has it."""
    static: Mapping[str, Word]
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One thing that a condition compares."""

    type: str
    left: Expression
    right: bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A value that has to be one of these."""

    query: Expression
    allowed: tuple[bool | int | float | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionStep(StepFacts):
    """Goes one way when all comparisons hold, the other way when not."""

    comparisons: tuple[Comparison | Membership, ...]
    then: tuple[SageMakerStep, ...]
    otherwise: tuple[SageMakerStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailStep(StepFacts):
    """Ends the run as failed and says why."""

    message: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterStep(StepFacts):
    """Makes a model package version."""

    group: str
    description: str
    image: str
    model_data: Word
    status: str
    stage_status: str | None
    """None: no life cycle, so never the champion."""
    stage: str
    environment: Mapping[str, Word]
    """How its image serves it."""
    measured: bool
    """Whether there is any of the three below."""
    metrics: Word | None
    bias: Word | None
    explanation: Word | None
    metadata: Mapping[str, Word]
    card: str | None


SageMakerStep: TypeAlias = ProcessingStep | TrainingStep | TuningStep | ConditionStep | FailStep | RegisterStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A pipeline definition."""

    parameters: tuple[PipelineParameter, ...]
    experiment: str | None
    steps: tuple[SageMakerStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SageMakerNative:
    """The whole bundle, before anything is printed."""

    definition: Definition
    exit_handler: Definition | None
    batches: Mapping[str, Definition]
    """The pipelines of batch deployments, by their files."""
    endpoints: Mapping[str, EndpointResources]
    """The stacks of real-time deployments, by their files."""
    rollouts: tuple[FileJob, ...]
    """The plans of their rollouts."""
    stack: Stack
    uploads: tuple[Upload, ...]
    guide: Guide
    image: Image
    requirements: tuple[str, ...]
    """What the image needs for this platform alone."""
    gpu: bool
    """Whether the image is run on machines with accelerators."""
    patches: tuple[Patch, ...] = field(default=())
