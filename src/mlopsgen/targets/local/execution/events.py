"""What happens during a run, as data: whoever shows it decides how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from mlopsgen.records import dataclass

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
    params: str
    """What the trial tries, in words."""
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
    params: str
    state: State
    seconds: float
    metric: str
    value: float | None
    best: float | None
    reason: str
    equal: int | None = None
    """The first of the trials that ended before with the same value."""


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


@dataclass(frozen=True, slots=True)
class CutOff:
    """A run that was cut off, and what is different now."""

    folder: Path
    changed: tuple[str, ...]
    """Of plan, code, parameters, data and python."""


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A new run starts although others were cut off, the newest first: they were of something else."""

    runs: tuple[CutOff, ...]


Event: TypeAlias = LeftAlone | RunStarted | StepStarted | Retrying | TrialEnded | StepEnded | Note | Tick | RunEnded


def in_words(params: Mapping[str, object]) -> str:
    """Params as a line shows them: `depth=3, rate=0.01234`."""
    shown = ((name, f"{value:.4g}" if isinstance(value, float) else value) for name, value in params.items())
    return ", ".join(f"{name}={value}" for name, value in shown)
