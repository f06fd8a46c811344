"""What a person sees while a run goes on: a live line for each running step, or plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import field
from typing import TextIO, assert_never

from mlopsgen.findings.safe_text import inert
from mlopsgen.records import dataclass
from mlopsgen.targets.local.execution.events import (
    Event,
    LeftAlone,
    Note,
    Retrying,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarted,
    Tick,
    TrialEnded,
)

_MARKS = {
    "ran": "✓",
    "cached": "=",
    "resumed": "=",
    "skipped": "-",
    "refused": "!",
    "failed": "✗",
    "stopped": "·",
    "not started": "·",
}
_WORDS = {"cached": "taken from an earlier run", "resumed": "done before the run was cut off"}


def duration(seconds: float) -> str:
    """Seconds as people say them: `0.4 s`, `12 s`, `3 min 05 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"


@dataclass(slots=True)
class Lines:
    """One plain line for everything that happens: for logs and pipes."""

    stream: TextIO

    def __call__(self, event: Event) -> None:
        """Writes the line of an event, if it has one."""
        text = line_of(event)
        if text:
            print(inert(text), file=self.stream, flush=True)


@dataclass(slots=True)
class Live:
    """Finished steps as lines, and below them one line that says what runs now."""

    stream: TextIO
    width: Callable[[], int]
    running: dict[str, float] = field(default_factory=dict)
    trials: dict[str, str] = field(default_factory=dict)

    def __call__(self, event: Event) -> None:
        """Writes the line of an event and draws the last line again."""
        match event:
            case StepStarted():
                self.running.setdefault(event.step, time.monotonic())
            case TrialEnded():
                self.trials[event.step] = f"{event.trial}/{event.of}"
            case StepEnded():
                self.running.pop(event.step, None)
            case _:
                self.trials = dict(self.trials)
        text = "" if isinstance(event, StepStarted) else line_of(event)
        self.stream.write("\r\x1b[K" + (f"{inert(text)}\n" if text else ""))
        if not isinstance(event, RunEnded):
            self.stream.write(self._now()[: max(10, self.width() - 1)])
        self.stream.flush()

    def _now(self) -> str:
        parts = []
        for step, began in self.running.items():
            count = f" {self.trials[step]}" if step in self.trials else ""
            parts.append(f"{step}{count} {duration(time.monotonic() - began)}")
        return "  … " + ", ".join(parts) if parts else ""


def line_of(event: Event) -> str:
    """An event as one line; empty for what is not worth one."""
    match event:
        case RunStarted():
            again = "goes on with" if event.resumed else "run"
            return f"{again} {event.run}: {len(event.steps)} steps"
        case StepStarted():
            return f"  … {event.step}" + (f" trial {event.trial}: {event.params}" if event.trial else "")
        case Retrying():
            trial = f" trial {event.trial}" if event.trial else ""
            again = f"attempt {event.attempt} of {event.attempts} in {event.wait:.0f} s"
            return f"  ! {event.step}{trial} failed, {again}: {_last(event.reason)}"
        case TrialEnded():
            return _trial(event)
        case StepEnded():
            reason = _last(event.reason) or _WORDS.get(event.state, "")
            took = duration(event.seconds) if event.state == "ran" else event.state
            return f"  {_MARKS[event.state]} {event.step} ({took})" + (f": {reason}" if reason else "")
        case Note():
            return f"  {event.text}"
        case Tick() | RunEnded() | LeftAlone():
            return ""
        case _:
            assert_never(event)


def _trial(event: TrialEnded) -> str:
    message = f"    trial {event.trial}/{event.of} {event.params}"
    if event.value is None:
        return f"{message} {event.state}: {_last(event.reason)}"
    took = duration(event.seconds) if event.state == "ran" else event.state
    best = ""
    if event.value == event.best:
        best = ", the best so far" if event.equal is None else f", equal to the best so far (trial {event.equal})"
    return f"{message}: {event.metric} {event.value:.4g}{best} ({took})"


def _last(reason: str) -> str:
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    return lines[-1] if lines else ""
