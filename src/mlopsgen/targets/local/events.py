"""What happens during a run, as data: whoever shows it decides how."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

State: TypeAlias = Literal["ran", "cached", "resumed", "skipped", "refused", "failed", "stopped", "not started"]
"""How a step ended. `refused`: behind a gate that said no; `stopped`: the run was interrupted."""


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins, or one that was cut off goes on."""

    run: str
    folder: Path
    steps: tuple[str, ...]
    resumed: bool


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step's command runs; `trial` is its number in a search."""

    step: str
    trial: int | None
    log: Path


@dataclass(frozen=True, slots=True)
class Retrying:
    """A command failed and is tried again after a wait."""

    step: str
    trial: int | None
    reason: str
    wait: float
    attempt: int
    attempts: int


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """One trial of a search is over; `value` is the metric that the search looks at."""

    step: str
    trial: int
    of: int
    state: State
    seconds: float
    metric: str
    value: float | None
    best: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A step is over, or will not run."""

    step: str
    state: State
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth a line that stops nothing."""

    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing happened for a moment: a display may move its clock."""


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over."""

    status: str
    seconds: float


Event: TypeAlias = RunStarted | StepStarted | Retrying | TrialEnded | StepEnded | Note | Tick | RunEnded
