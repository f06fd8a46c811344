"""All that a target implements, and all that a third party imports.

A target is an object found under the entry-point group `mlopsgen.targets`. It turns a Plan into
dataclasses of its own (`lower`), lays these out as files (`layout`), and names who judges them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TextIO, TypeVar, runtime_checkable

from mlopsgen.codes import Code
from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, SpecError, SpecPath
from mlopsgen.plan import steps, values
from mlopsgen.plan.features import FEATURES, Feature, Use
from mlopsgen.plan.graph import reads_from
from mlopsgen.plan.jobs import recorded
from mlopsgen.plan.steps import Plan
from mlopsgen.records import dataclass
from mlopsgen.render.job import Copy, FileJob, Patch
from mlopsgen.render.tokens import ImageRef, Name, RelPath
from mlopsgen.spec.environments import Places
from mlopsgen.spec.model import Model
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.values import Ref, RunFact, Text
from mlopsgen.targets.image import APP, content_tag, image_files, requirements_of_uris
from mlopsgen.targets.judging import Judge
from mlopsgen.targets.launcher import LAUNCHER, RUNTIME, fetch_values, flag_words, launched, plain, secret_values

__all__ = [
    "APP",
    "FEATURES",
    "LAUNCHER",
    "RUNTIME",
    "Code",
    "Copy",
    "Diagnostic",
    "Feature",
    "FileJob",
    "Fix",
    "How",
    "ImageRef",
    "Judge",
    "MissingParameter",
    "Model",
    "Name",
    "On",
    "Patch",
    "Places",
    "Plan",
    "Ran",
    "Ref",
    "RelPath",
    "RunFact",
    "Runnable",
    "Severity",
    "SpecError",
    "SpecPath",
    "Support",
    "Target",
    "TargetOptions",
    "Text",
    "Use",
    "content_tag",
    "fetch_values",
    "flag_words",
    "image_files",
    "launched",
    "plain",
    "reads_from",
    "recorded",
    "requirements_of_uris",
    "secret_values",
    "steps",
    "values",
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


@dataclass(frozen=True, slots=True)
class MissingParameter:
    """A run parameter that a run cannot start without."""

    name: str
    type: str
    values: tuple[object, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended: the exit code it means, and the table for people."""

    exit_code: int
    summary: str
    pending: tuple[str, ...] = ()
    """The versions that it registered and that wait for a person's approval."""


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A version of a model in a registry that mlopsgen itself keeps."""

    model: str
    name: str
    status: str
    """approved, pending or rejected."""
    champion: bool
    metrics: Mapping[str, float]
    rolled_out: bool = False
    """Whether an approved version becomes the champion by its rollout, and not before."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """All that version.json says: when it was registered, its gates, lineage, digests and card."""


@runtime_checkable
class Runnable(Protocol):
    """A target whose bundles can be executed where mlopsgen is."""

    def missing_parameters(
        self, bundle: Path, values: Mapping[str, str], deployment: str | None = None
    ) -> tuple[MissingParameter, ...]:
        """What has to be given before a run, or one of its deployments, can start."""
        ...

    def run(
        self,
        bundle: Path,
        root: Path,
        values: Mapping[str, str],
        *,
        parallel: int | None,
        isolated: bool,
        show: TextIO,
        tell: Callable[[Sequence[Diagnostic]], None],
        deployment: str | None = None,
    ) -> Ran:
        """Executes the bundle of the project at `root`, or the command of one of its batch deployments.

        `show` gets what happens, `tell` what goes wrong.

        Raises SpecError with everything that is wrong before anything has started.
        """
        ...

    def deployments(self, bundle: Path, mode: str) -> tuple[str, ...]:
        """Names of the deployments of this mode (`batch`, `real-time`) that a bundle has a command for."""
        ...

    def serve(self, bundle: Path, root: Path, deployment: str, port: int, *, isolated: bool, show: TextIO) -> int:
        """Answers requests on 127.0.0.1 until it is stopped; gives the server's exit code.

        Raises SpecError with everything that is wrong before it starts.
        """
        ...


@runtime_checkable
class Approvable(Protocol):
    """A target whose registered versions are approved where mlopsgen is."""

    def versions(self, files: Mapping[str, bytes], root: Path) -> tuple[RegisteredVersion, ...]:
        """Every registered version of the models that a bundle's files are about, for the project at `root`."""
        ...

    def decide(self, files: Mapping[str, bytes], root: Path, version: str, *, approved: bool) -> RegisteredVersion:
        """Approves a version, or rejects it; approved it is the champion at once, or when it has been rolled out.

        Raises SpecError where there is no such version, or nothing to decide.
        """
        ...


@runtime_checkable
class RollsOut(Protocol):
    """A target whose real-time deployments are served, and brought new versions, where mlopsgen is."""

    def servers(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """The real-time deployments that a bundle's files are about."""
        ...

    def ask(self, files: Mapping[str, bytes], root: Path, deployment: str, version: str) -> str:
        """Has a deployment roll a version out, and says what happens next.

        Raises SpecError where there is no such version, or it is not approved.
        """
        ...


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
