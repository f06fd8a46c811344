"""What came of a run, as data: for the summary, the exit code and other programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Literal, TypeAlias

from mlopsgen.records import dataclass
from mlopsgen.targets.local.execution.events import State
from mlopsgen.targets.local.native import OnFailure, Place

Status: TypeAlias = Literal["succeeded", "refused", "failed", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutcome:
    """How one step ended and where what it made lies."""

    name: str
    kind: str
    state: State
    seconds: float
    attempts: int
    reason: str
    log: Path | None
    """err.log when the command wrote to stderr, else out.log; both lie side by side."""
    outputs: Mapping[str, Path]
    metrics: Mapping[str, float]
    without: Mapping[str, str] = field(default_factory=dict)
    """Metrics that have no value, each with the reason."""
    trials: int = 0
    best: str = ""
    """The params of the best trial, in words."""
    limit: tuple[str, ...] = ()
    """The field of the spec whose time limit ended it, below `place`."""
    place: Place = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A gate that said no."""

    gate: str
    """Its name; empty when the verdict names none."""
    reason: str
    verdict: Path
    """gate.json: what was judged."""
    on_failure: OnFailure
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The version that this run added to the registry, or found there."""

    model: str
    version: str
    folder: Path
    champion: bool
    status: str
    """What version.json says: approved, pending or rejected."""
    rolled_out: bool = False
    """Whether an approved version becomes the champion by its rollout."""
    unchanged: bool = False
    """Whether an earlier run has added it, with the same model, code and data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A whole run."""

    run: str
    folder: Path
    status: Status
    seconds: float
    steps: tuple[StepOutcome, ...]
    gate_refused: tuple[Refusal, ...] = ()
    gates_held: tuple[str, ...] = ()
    """The names of the gates that said yes."""
    registered: tuple[Registered, ...] = ()
    pictures: tuple[Path, ...] = field(default=())
    reports: tuple[Path, ...] = field(default=())
    """Pages and pictures of the outputs that are reports."""

    @property
    def exit_code(self) -> int:
        """0 fine, 4 a step failed, 5 the gate said no, 130 the run was interrupted."""
        return {"succeeded": 0, "failed": 4, "refused": 5, "stopped": 130}[self.status]
