"""The end of a run: the table of what every step did and where everything lies, and findings about what went wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mlopsgen.diagnostics import Diagnostic, On, Severity
from mlopsgen.targets.local.execution.events import LeftAlone
from mlopsgen.targets.local.execution.outcome import Outcome, Refusal, Registered, StepOutcome
from mlopsgen.targets.local.execution.progress import duration

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
    return step.name, step.state, took, _remark(step)


def _remark(step: StepOutcome) -> str:
    if step.state == "failed":
        return ""  # a finding says it
    if step.state in ("skipped", "refused", "not started", "stopped"):
        lines = [line.strip() for line in step.reason.splitlines() if line.strip()]
        return lines[-1] if lines else ""
    shown = list(step.metrics.items())[:_MOST_METRICS]
    metrics = ", ".join(f"{name} {value:.4g}" for name, value in shown)
    more = ", …" if len(step.metrics) > _MOST_METRICS else ""
    trials = f"best of {step.trials} trials, {step.best}: " if step.trials else ""
    none = ", ".join(f"{name} {reason}" for name, reason in list(step.without.items())[:1])
    others = f" and {len(step.without) - 1} more without a value" if len(step.without) > 1 else ""
    return "; ".join(part for part in (trials + metrics + more, none + others) if part)


def _results(outcome: Outcome) -> Iterator[str]:
    for version in outcome.registered:
        word = "unchanged " if version.unchanged else "registered"
        yield f"{word}  {version.model} version {version.version}, {_role(version)}: {near(version.folder)}"
    if outcome.gates_held:
        yield f"gates held  {', '.join(outcome.gates_held)}"
    for picture in outcome.pictures:
        yield f"picture     {near(picture)}"
    for report in outcome.reports:
        yield f"report      {near(report)}"
    yield f"run         {near(outcome.folder)} (logs and outputs of every step)"
    yield _verdict(outcome)


_STATUS = {
    "pending": "which waits for a person's approval",
    "rejected": "never approved: its gates did not hold",
}


def _role(version: Registered) -> str:
    if version.rolled_out and version.status == "approved" and not version.champion:
        return "approved: `mlopsgen serve` rolls it out"
    if version.champion:
        return "the champion" if version.unchanged else "the champion now"
    if version.unchanged and version.status == "approved":
        return f"approved before: `mlopsgen approve {version.version}` goes back to it"
    if version.unchanged and version.status == "rejected":
        return "rejected before: change the code or the data"
    return _STATUS.get(version.status, "not the champion")


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


def complaints(outcome: Outcome) -> Iterator[Diagnostic]:
    """Findings about every step that failed and every gate that said no."""
    for step in outcome.steps:
        if step.state == "failed":
            yield _too_long(step) if step.limit else _failed(step)
    yield from map(_refused, outcome.gate_refused)


def _failed(step: StepOutcome) -> Diagnostic:
    again = "mend it and run the same again: what ended well before is kept"
    which = "the logs of its trials" if step.trials else "the whole log"
    hint = again if step.log is None else f"{which}: {near(step.log)}\n{again}"
    return Diagnostic("MG602", f"step `{step.name}` failed: {step.reason.rstrip()}", step.place, hint=hint, on=On.KEY)


def _too_long(step: StepOutcome) -> Diagnostic:
    more = f"allow more time (`{step.limit[-1]}`), or give it less to do"
    hint = more if step.log is None else f"{more}\nwhat it said until then: {near(step.log)}"
    return Diagnostic("MG607", f"step `{step.name}` was stopped: {step.reason}", (*step.place, *step.limit), hint=hint)


_GOES_ON = {
    "report": "the run goes on all the same, as `on_gate_failure: report` says",
    "register": "the version is registered and never approved, as `on_gate_failure: register` says",
}


def _refused(refusal: Refusal) -> Diagnostic:
    who = f"gate `{refusal.gate}`" if refusal.gate else "the gate"
    # The runtime names the gate at the end of its reason, for logs that have nothing else to tell it.
    why = refusal.reason.removesuffix(f" (gate `{refusal.gate}`)").removesuffix(f" ({refusal.gate})")
    goes_on = _GOES_ON.get(refusal.on_failure)
    hint = goes_on or "improve the model or the data; change the bound only with a reason"
    return Diagnostic(
        "MG603",
        f"{who} said no: {why}",
        refusal.place,
        hint=f"{hint}\nall that was judged: {near(refusal.verdict)}",
        severity=Severity.WARNING if goes_on else Severity.ERROR,
        on=On.KEY,
    )


_WORDS = {
    "plan": "the plan",
    "code": "the code",
    "parameters": "the values of its parameters",
    "data": "the data",
    "python": "the version of Python",
}


def not_gone_on_with(event: LeftAlone) -> Diagnostic:
    """A finding about runs that were cut off and are left as they are: one, however many there are."""
    newest, *older = event.runs
    changed = " and ".join(", ".join(_WORDS[key] for key in newest.changed).rsplit(", ", 1))
    more = f"\nneither are {len(older)} older ones" if len(older) > 1 else "\nneither is an older one" if older else ""
    have = "has" if len(newest.changed) == 1 and newest.changed != ("parameters",) else "have"
    return Diagnostic(
        "MG606",
        f"run {newest.folder.name} was cut off and is not gone on with: {changed} {have} changed since{more}",
        hint="a new run starts from the beginning\n"
        f"stop it and take the change back to finish the old one, or delete {near(newest.folder)}",
        severity=Severity.WARNING,
    )
