"""The table at the end of a run: what every step did, and where everything lies.

What went wrong is not in it: that are findings (complaints.py), said before it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mlopsgen.targets.local.outcome import Outcome, Registered, StepOutcome
from mlopsgen.targets.local.progress import duration

_MOST_METRICS = 4


def summary(outcome: Outcome) -> str:
    """All of it, as text; paths can be opened from where the reader stands."""
    return "\n".join([*_table(outcome), "", *_results(outcome)]) + "\n"


def _table(outcome: Outcome) -> Iterator[str]:
    rows = [("step", "state", "time", "result"), *(_row(step) for step in outcome.steps)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for number, row in enumerate(rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[3]]).rstrip()
        if number == 0:
            yield "  ".join("─" * width for width in (*widths, len(row[3])))


def _row(step: StepOutcome) -> tuple[str, str, str, str]:
    took = duration(step.seconds) if step.seconds else ""
    return step.name, step.state, took, _said(step)


def _said(step: StepOutcome) -> str:
    if step.state == "failed":
        return ""  # a finding says it
    if step.state in ("skipped", "refused", "not started", "stopped"):
        lines = [line.strip() for line in step.reason.splitlines() if line.strip()]
        return lines[-1] if lines else ""
    shown = list(step.metrics.items())[:_MOST_METRICS]
    metrics = ", ".join(f"{name} {value:.4g}" for name, value in shown)
    more = ", …" if len(step.metrics) > _MOST_METRICS else ""
    trials = f"best of {step.trials} trials, {step.best}: " if step.trials else ""
    return trials + metrics + more


def _results(outcome: Outcome) -> Iterator[str]:
    for made in outcome.registered:
        yield f"registered  {made.model} version {made.version}, {_role(made)}: {near(made.folder)}"
    if outcome.gates_held:
        yield f"gates held  {', '.join(outcome.gates_held)}"
    for picture in outcome.pictures:
        yield f"picture     {near(picture)}"
    yield f"run         {near(outcome.folder)} (logs and outputs of every step)"
    yield _verdict(outcome)


_STATUS = {
    "pending": "which waits for a person's approval",
    "rejected": "never approved: its gates did not hold",
}


def _role(made: Registered) -> str:
    return "the champion now" if made.champion else _STATUS.get(made.status, "not the champion")


def _verdict(outcome: Outcome) -> str:
    took = duration(outcome.seconds)
    match outcome.status:
        case "succeeded":
            return f"\ndone in {took}"
        case "refused":
            return f"\nthe gate said no after {took}: nothing was registered"
        case "failed":
            return f"\nfailed after {took}"
        case _:
            return f"\nstopped after {took}; run the same again and it goes on from here"


def near(path: Path) -> str:
    """A path that can be opened from here, short where it lies below."""
    shown = os.path.relpath(path)
    return str(path.resolve()) if shown.startswith("..") else shown
