"""Azure ML's own terms, as its YAML (CLI v2) and Azure Resource Manager know them.

The names of fields are the keys of the files, in the order in which the platform's own pages show them. Steps
are nodes of one pipeline job; each node has a component in a file of its own; a node that searches is a sweep
whose trial is such a component.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.steps import Image
from mlopsgen.records import dataclass
from mlopsgen.render.job import Patch
from mlopsgen.targets.azureml.readme import Guide
from mlopsgen.targets.uploads import Upload

if TYPE_CHECKING:
    from mlopsgen.targets.azureml.serving.live_native import Live

Literal: TypeAlias = str | int | float | bool
"""A value that stands in a file; `${{parent.inputs.x}}` and `${{parent.jobs.x.outputs.y}}` are text here."""
Tags: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataInput:
    """Data that the pipeline reads: an asset, or an address."""

    name: str
    type: str
    path: str
    """`azureml:<asset>:<version>`, or a URI."""
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueInput:
    """A run parameter with its default; `--set inputs.<name>=…` gives another one."""

    name: str
    value: Literal


PipelineInput: TypeAlias = DataInput | ValueInput


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentInput:
    """One input of a component: a folder (`uri_folder`, `custom_model`) or a typed value."""

    name: str
    type: str
    description: str | None = None
    optional: bool = False
    default: Literal | None = None
    min: int | float | None = None
    max: int | float | None = None
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentOutput:
    """One folder that a component writes."""

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """`components/<file>.yml`: a command, and what it reads and writes."""

    file: str
    """`components/training.yml`."""
    name: str
    display_name: str
    description: str | None
    is_deterministic: bool
    """Whether an earlier result of the same inputs may be used again."""
    inputs: tuple[ComponentInput, ...]
    outputs: tuple[ComponentOutput, ...]
    environment: str | Mapping[str, str]
    """`azureml:<name>:<version>`, or `{image: …}` for a foreign image."""
    distribution: Mapping[str, Any] | None
    command: str
    """One shell command: every word is quoted where it has to be."""

    @property
    def version(self) -> str:
        """A digest of all that the component says, so that another one is another version."""
        facts = (self.name, self.is_deterministic, self.inputs, self.outputs, self.environment, self.distribution)
        return f"cmp-{hashlib.sha256(repr((*facts, self.command)).encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """What both kinds of nodes have."""

    name: str
    """The key under `jobs`."""
    component: Component
    """A node names the file: `component: ./components/x.yml`, `trial: ./components/x.yml`, as its pipeline sees it."""
    inputs: Mapping[str, Literal]
    """A literal value, or what it is bound to."""
    compute: str | None
    """`azureml:<cluster>`; None is the pipeline's default."""
    instance_count: int
    shm_size: str | None
    """Shared memory of a container, which data loaders fill; None is Azure ML's 2 GiB."""
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandNode(NodeFacts):
    """A node of type `command`."""

    environment_variables: Mapping[str, str]
    timeout: int | None
    """limits.timeout, in seconds."""
    identity: Mapping[str, str] | None
    """`{type: managed}` where the runtime calls Azure; else the job has the workspace's token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepLimits:
    """How many trials, how many at once, and how long."""

    max_total_trials: int
    max_concurrent_trials: int
    timeout: int | None
    trial_timeout: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepNode(NodeFacts):
    """A node of type `sweep`: the trial's outputs of the best trial are its outputs."""

    search_space: Mapping[str, Mapping[str, Any]]
    """Input of the component → `{type: choice, values: […]}`, `{type: uniform, min_value:, max_value:}`, …"""
    sampling_algorithm: Mapping[str, Any]
    """`{type: random, seed: 7}`, `{type: grid}`, `{type: bayesian}`."""
    goal: str
    primary_metric: str
    early_termination: Mapping[str, Any] | None
    limits: SweepLimits


Node: TypeAlias = CommandNode | SweepNode


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """A pipeline job: `pipeline.yml`, `exit-handler.yml` where steps always run, and one for each batch deployment."""

    file: str
    display_name: str
    description: str | None
    experiment_name: str
    tags: Tags
    inputs: tuple[PipelineInput, ...]
    default_compute: str
    default_datastore: str
    jobs: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """`environment.yml`: built from `image/`, or an image that exists."""

    name: str
    version: str
    """A digest of all that the image is built from."""
    description: str | None
    image: str | None
    """None: built from the folder `image/`."""
    tags: Tags
    serves: bool = False
    """Whether online deployments run in it, which have to know the routes of its server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataAsset:
    """`data/<name>.yml`: a folder of the datastore under the digest of its files, so that it never changes."""

    file: str
    name: str
    version: str
    description: str | None
    path: str
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """`compute/<name>.yml`: a cluster that grows from nothing and shrinks again."""

    file: str
    name: str
    size: str
    tier: str
    """`dedicated` or `low_priority`."""
    max_instances: int
    idle_time_before_scale_down: int
    location: str
    identity: str
    """The resource id of the user-assigned identity that jobs have."""
    network: Mapping[str, str] | None
    """`{vnet_name:, subnet:}`; of another resource group `{subnet:}`, its id (azure-ai-ml, NetworkSettings)."""
    private: bool
    """Whether its machines have no public address."""
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`schedules/<trigger or deployment>.yml`; some only keep a job for others to start."""

    file: str
    name: str
    description: str | None
    trigger: Mapping[str, Any]
    """`{type: cron, expression:, time_zone:}` or `{type: recurrence, …}`; zones by their Windows names."""
    job: str
    """`../pipeline.yml`."""
    inputs: Mapping[str, str]
    """`${{creation_context.trigger_time}}` where a step reads when it was scheduled."""
    kept: bool
    """Never fires by itself: it keeps the job on the workspace, for others to start."""
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Infrastructure:
    """`infra/<name>.json`: an ARM template for a deployment into the workspace's resource group."""

    file: str
    description: str
    parameters: Mapping[str, Any]
    variables: Mapping[str, Any]
    resources: tuple[Mapping[str, Any], ...]
    outputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureMLNative:
    """Everything that the bundle is made of."""

    pipeline: Pipeline
    exit_handler: Pipeline | None
    deployments: tuple[Pipeline, ...]
    """Of each batch deployment one."""
    lives: tuple[Live, ...]
    """The real-time deployments."""
    command: tuple[str, ...]
    """What the image starts by itself."""
    environment: Environment
    data: tuple[DataAsset, ...]
    computes: tuple[Compute, ...]
    schedules: tuple[Schedule, ...]
    infrastructure: tuple[Infrastructure, ...]
    uploads: tuple[Upload, ...]
    guide: Guide
    image: Image
    requirements: tuple[str, ...]
    patches: tuple[Patch, ...]
