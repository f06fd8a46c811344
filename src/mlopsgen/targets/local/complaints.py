"""What went wrong in a run, as findings at the place in the spec that it is about."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, On, Severity
from mlopsgen.targets.local.events import LeftAlone
from mlopsgen.targets.local.outcome import Outcome, Refusal, StepOutcome
from mlopsgen.targets.local.summary import near


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
