"""All that a target implements, and all that a third party imports.

A target is an object found under the entry-point group `mlopsgen.targets`. It turns a Plan into
dataclasses of its own (`lower`), lays these out as files (`layout`), and names who judges them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

from mlopsgen.codes import Code
from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, SpecError, SpecPath
from mlopsgen.plan.features import FEATURES, Feature
from mlopsgen.plan.steps import Plan
from mlopsgen.render.job import Copy, FileJob, Patch
from mlopsgen.spec.model import Model
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.judging import Judge

__all__ = [
    "FEATURES",
    "Code",
    "Copy",
    "Diagnostic",
    "Feature",
    "FileJob",
    "Fix",
    "How",
    "Judge",
    "Model",
    "On",
    "Patch",
    "Plan",
    "Severity",
    "SpecError",
    "SpecPath",
    "Support",
    "Target",
    "TargetOptions",
]


class How(StrEnum):
    """How a target does something that a spec can ask for."""

    NATIVE = "native"
    EMULATED = "emulated"
    """The runtime does it inside the target's own scheduler."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Support:
    """How a target does one feature, and with what (or why not), in a few words."""

    how: How
    with_what: str


O_co = TypeVar("O_co", bound=TargetOptions, covariant=True)
O_contra = TypeVar("O_contra", bound=TargetOptions, contravariant=True)
N = TypeVar("N")


class Target(Protocol[N]):
    """One place that a spec can be compiled for."""

    @property
    def name(self) -> str:
        """The word after `--target` and the key under `targets:`."""
        ...

    @property
    def title(self) -> str:
        """The platform's own name, for people."""
        ...

    @property
    def options(self) -> type[TargetOptions]:
        """The model of the block `targets.<name>`."""
        ...

    @property
    def needs_options(self) -> bool:
        """Whether a spec must have that block before it compiles for this target."""
        ...

    @property
    def codes(self) -> tuple[Code, ...]:
        """Findings that only this target reports, for `mlopsgen explain`."""
        ...

    @property
    def templates(self) -> Path:
        """The folder that `FileJob.template` names start from."""
        ...

    @property
    def support(self) -> Mapping[str, Support]:
        """Feature name → how this target does it; one entry for every one of FEATURES."""
        ...

    def lower(self, plan: Plan, options: TargetOptions) -> tuple[N, tuple[Diagnostic, ...]]:
        """The plan in this target's own terms, with what it has to say about it.

        Raises SpecError with every finding where there is nothing to return.
        """
        ...

    def layout(self, native: N) -> Sequence[FileJob | Copy]:
        """Which file is printed by which template with what: no decision is made here."""
        ...

    def judges(self) -> tuple[Judge, ...]:
        """Who judges a bundle of this target, its own judge first."""
        ...
