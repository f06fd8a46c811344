"""Parts: containers and importers that say what they read, before they are tasks in dags.

A part knows nothing of where in the nested dags it will lie: `dags` finds that out from its guards, and
threads every input through the components between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any, TypeAlias

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.values import PortKind
from mlopsgen.records import dataclass
from mlopsgen.spec.values import RunFact
from mlopsgen.targets.ir.native import ParameterType, Plain, Resources, Retry

SCHEMAS: Mapping[PortKind, str] = {
    PortKind.SOURCE: "system.Dataset",
    PortKind.DATASET: "system.Dataset",
    PortKind.FILES: "system.Artifact",
    PortKind.MODEL: "system.Model",
    PortKind.METRICS: "system.Metrics",
    PortKind.PREDICTIONS: "system.Dataset",
    PortKind.FIGURE: "system.Artifact",
    # Not system.HTML: that is one file to those who show it, and a port is a folder.
    PortKind.REPORT: "system.Artifact",
    PortKind.GATE: "system.Artifact",
}
"""What a port's directory is called as an artifact."""


class Where(StrEnum):
    """A place in a container's arguments that the platform fills in."""

    INPUT_PATH = "inputs.artifacts['{}'].path"
    INPUT_URI = "inputs.artifacts['{}'].uri"
    OUTPUT_PATH = "outputs.artifacts['{}'].path"
    OUTPUT_URI = "outputs.artifacts['{}'].uri"
    PARAMETER = "inputs.parameters['{}']"
    OUTPUT_FILE = "outputs.parameters['{}'].output_file"


@dataclass(frozen=True, slots=True)
class Hole:
    """`{{$.inputs.artifacts['train'].path}}` and the like; `{{$}}`, the whole executor input, has no place."""

    where: Where | None = None
    name: str = ""
    escaped: bool = False
    """As it stands inside a text of a JSON document (Vertex AI alone): without it a quote would end the text."""

    def __str__(self) -> str:
        path = "." + self.where.format(self.name) if self.where else ""
        return "{{$" + path + (".json_escape[1]" if self.escaped else "") + "}}"


EXECUTOR_INPUT = Hole()
Word: TypeAlias = tuple[str | Hole, ...]
"""One argument: text (never with a placeholder in it) and holes."""


def word(*parts: str | Hole) -> Word:
    """One argument out of its parts."""
    return parts


def flag(name: str, *parts: str | Hole) -> Word:
    """`--name=<value>`."""
    return (f"--{name}=", *parts)


@dataclass(frozen=True, slots=True)
class PartArtifact:
    """An artifact that another part makes."""

    part: str
    port: str


@dataclass(frozen=True, slots=True)
class PartOutput:
    """An output parameter of another part."""

    part: str
    name: str


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A run parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """The item of the loop that the part lies in."""


@dataclass(frozen=True, slots=True)
class Known:
    """A value that is known now."""

    value: Plain


Value: TypeAlias = PartOutput | ParameterValue | Item | Known | RunFact


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """An input artifact of a part; what comes out of a loop is a list, one of each round."""

    source: PartArtifact
    schema: str
    is_list: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """An input parameter of a part."""

    source: Value
    type: ParameterType = "STRING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A container's command: `words[:entry]` become `command`, the rest `args`."""

    image: str
    words: tuple[Word, ...]
    entry: int = 1
    env: tuple[tuple[str, str], ...] = ()
    resources: Resources = Resources()


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An importer: its parameter `uri` is the address, its one output is called `artifact`."""

    schema: str
    metadata: Mapping[str, Plain] = field(default_factory=dict)
    reimport: bool = False


Operand: TypeAlias = ParameterValue | PartOutput


@dataclass(frozen=True, slots=True)
class Guard:
    """A part runs when this holds: an expression in CEL, with run parameters and told values in it."""

    condition: tuple[str | Operand, ...]
    title: str
    """What people read above the branch."""


def holds(operand: Operand, title: str) -> Guard:
    """Guards by a boolean."""
    return Guard((operand, " == true"), title)


def fails(operand: Operand, title: str) -> Guard:
    """Guards by a boolean that is false."""
    return Guard((operand, " == false"), title)


def equals(operand: Operand, value: str, title: str) -> Guard:
    """Guards by a text of letters, digits and hyphens."""
    return Guard((operand, f" == '{value}'"), title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A part that runs once for each item, several at a time."""

    title: str
    items: tuple[str, ...] | PartOutput
    """Known now, or a LIST that another part tells."""
    parallel: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One task with its component and its executor."""

    name: str
    """Unique in the pipeline; a step's own name for its last part, which others wait for."""
    step: str
    """The step of the plan that it belongs to."""
    runs: Command | Import
    artifacts: Mapping[str, Reads] = field(default_factory=dict)
    parameters: Mapping[str, Takes] = field(default_factory=dict)
    makes: Mapping[str, str] = field(default_factory=dict)
    """Output artifact → schema."""
    tells: Mapping[str, ParameterType] = field(default_factory=dict)
    """Output parameter → type."""
    after: tuple[str, ...] = ()
    """Parts to wait for beside those it reads from."""
    guards: tuple[Guard, ...] = ()
    """All that must hold, the outermost first; guards of what it reads come first."""
    loop: Loop | None = None
    retry: Retry | None = None
    cache: bool = True
    always: bool = False
    """Exit handler."""
    alone: bool = False
    """It lies in a dag of its own: Kubeflow's importers take an address from the dag around them and nowhere else."""
    platform: Mapping[str, Any] = field(default_factory=dict)
    """For the platform's own document (native.Executor.platform)."""
    origin: SpecPath = ()
