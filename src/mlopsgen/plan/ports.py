"""What flows between steps: where an input comes from, what an output is, and the value of a param."""

from __future__ import annotations

from typing import TypeAlias

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.values import PortKind, Value
from mlopsgen.records import dataclass


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
