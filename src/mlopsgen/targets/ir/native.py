"""A pipeline in PipelineSpec's own terms (schema 2.1.0), field by field as kfp's pipeline_spec.proto has it.

Vertex AI and Kubeflow read the same document. Templates print these as they are; every name, sum and
choice has been made by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal, TypeAlias

from mlopsgen.records import dataclass

SCHEMA = "2.1.0"
ARTIFACT_SCHEMA = "0.0.1"
"""The version of every `system.…` type."""
ParameterType: TypeAlias = Literal["STRING", "NUMBER_INTEGER", "NUMBER_DOUBLE", "BOOLEAN", "LIST", "STRUCT"]
Plain: TypeAlias = bool | int | float | str | tuple[Any, ...] | Mapping[str, Any]
COMPLETED = "ALL_UPSTREAM_TASKS_COMPLETED"
"""The strategy of a task that runs however those before it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSpec:
    """A parameter that a component (or the pipeline) takes; `default` None: it has none."""

    type: ParameterType
    default: Plain | None = None
    optional: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """An artifact that a component takes or makes, `system.Dataset` and the like."""

    schema_title: str
    is_list: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """inputDefinitions or outputDefinitions."""

    parameters: Mapping[str, ParameterSpec] = field(default_factory=dict)
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FromTask:
    """An output of another task of the same dag."""

    task: str
    key: str


@dataclass(frozen=True, slots=True)
class FromInput:
    """An input of the component that the task lies in."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is known now, or a whole placeholder such as `{{$.pipeline_job_uuid}}`."""

    value: Plain


ParameterInput: TypeAlias = FromTask | FromInput | Constant
ArtifactInput: TypeAlias = FromTask | FromInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """retryPolicy; durations in seconds."""

    attempts: int
    backoff: int = 0
    factor: float = 2.0
    longest: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """triggerPolicy."""

    condition: str | None = None
    """CEL over `inputs.parameter_values['…']`."""
    strategy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Iterator:
    """parameterIterator and iteratorPolicy: the component runs once for each item."""

    item: str
    """The input of the component that holds one item."""
    raw: str | None = None
    """The items as a JSON list, or …"""
    input: str | None = None
    """… the component's input that holds it."""
    parallel: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task of a dag."""

    name: str
    """The key in `tasks`, which other tasks refer to."""
    title: str
    """taskInfo.name, which people see."""
    component: str
    parameters: Mapping[str, ParameterInput] = field(default_factory=dict)
    artifacts: Mapping[str, ArtifactInput] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    """dependentTasks: all that it waits for, those whose outputs it reads too; sorted."""
    cache: bool | None = None
    """cachingOptions; None: the task has none (a dag), False: never."""
    trigger: Trigger | None = None
    retry: Retry | None = None
    iterator: Iterator | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dag:
    """Tasks, and those of their outputs that are the component's own."""

    tasks: tuple[Task, ...]
    artifacts: Mapping[str, FromTask] = field(default_factory=dict)
    """Output → the task that makes it."""
    parameters: Mapping[str, FromTask] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One thing that tasks run: a dag, or the executor of this label."""

    name: str
    inputs: Ports = Ports()
    outputs: Ports = Ports()
    body: Dag | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerator:
    """Accelerators of one machine, under the platform's own name: `NVIDIA_TESLA_T4`, `nvidia.com/gpu`."""

    type: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a container may use, as Kubernetes writes amounts (`4`, `500m`, `16Gi`); None: the platform's default."""

    cpu_limit: str | None = None
    memory_limit: str | None = None
    cpu_request: str | None = None
    memory_request: str | None = None
    accelerator: Accelerator | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A command in an image. Placeholders stand in `command` and `args` alone."""

    image: str
    command: tuple[str, ...]
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    resources: Resources = Resources()


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Makes an artifact of what lies at an address."""

    uri: str | FromInput
    """The address, or the component's parameter that holds it."""
    schema_title: str
    metadata: Mapping[str, Plain] = field(default_factory=dict)
    reimport: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    """What a component really runs."""

    label: str
    body: Container | Importer
    platform: Mapping[str, Any] = field(default_factory=dict)
    """What the platform's own document says about it (Kubernetes: secretAsEnv, pvcMount, nodeSelector…)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """A whole PipelineSpec, and what a platform's document beside it says."""

    name: str
    description: str
    default_root: str | None
    root: Component
    components: tuple[Component, ...]
    """Sorted by name, the root is not among them."""
    executors: tuple[Executor, ...]
    """Sorted by label."""
    platform: Mapping[str, Any] = field(default_factory=dict)
    """pipelineConfig of the platform's document."""
    sdk_version: str = "mlopsgen"


GIB = 1 << 30
_BYTES: dict[str, int] = {
    **{unit: 1000**power for power, unit in enumerate(("K", "M", "G", "T", "P", "E"), 1)},
    **{f"{unit}i": 1024**power for power, unit in enumerate(("K", "M", "G", "T", "P", "E"), 1)},
}


def cpu_text(cores: float) -> str:
    """A share of cores: `4`, or `500m` for half of one."""
    return str(round(cores)) if float(cores).is_integer() else f"{round(cores * 1000)}m"


def memory_text(size: int) -> str:
    """Bytes: `16Gi` where that says all of it, else `512Mi`, `100Ki` or the bare number."""
    for unit, factor in (("Gi", GIB), ("Mi", 1 << 20), ("Ki", 1 << 10)):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def cores(amount: str) -> float:
    """`4` and `500m` as a number."""
    return float(amount[:-1]) / 1000 if amount.endswith("m") else float(amount)


def gigabytes(amount: str) -> float:
    """`16Gi` in thousands of millions of bytes, which is what kfp's number means."""
    unit = amount.lstrip("0123456789.")
    return float(amount.removesuffix(unit)) * _BYTES.get(unit, 1) / 1000**3
