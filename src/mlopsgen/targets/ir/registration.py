"""A version of the model in the platform's registry, behind what has to hold for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mlopsgen.plan.steps import Evaluate, FromStep, Register
from mlopsgen.spec.values import Ref
from mlopsgen.targets.ir.api import Lowering, Verdict
from mlopsgen.targets.ir.branches import AUTOMATIC, MANUAL, Guards, approval, not_passed, passed
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.jobs import after
from mlopsgen.targets.ir.parts import Part

REJECTED: Verdict = "rejected"
_VERDICTS: dict[str, Verdict] = {AUTOMATIC: "approved", MANUAL: "pending"}


def registrations(context: Lowering, step: Register, guards: Guards) -> Iterator[Part]:
    """The registration; several where a run parameter, or the gates, decide how it is made."""
    if isinstance(step.approval, Ref):
        _check_waiting(context, step)
        for value, name in ((AUTOMATIC, step.name), (MANUAL, f"{step.name}-{MANUAL}")):
            behind = (*guards, approval(step.name, step.approval.name, value))
            yield from _behind(context, step, behind, context.platform.register(context, step, _VERDICTS[value], name))
    else:
        made = context.platform.register(context, step, _VERDICTS[step.approval], step.name)
        yield from _behind(context, step, guards, made)
    if (evaluation := _rejecting(context, step)) is not None:
        # Rejected, not pending: a person could approve what is pending, and this must never be live.
        name = f"{step.name}-{REJECTED}"
        behind = tuple(not_passed(evaluation) if guard == passed(evaluation) else guard for guard in guards)
        yield from _behind(context, step, behind, context.platform.register(context, step, REJECTED, name))


def _behind(context: Context, step: Register, guards: Guards, parts: Sequence[Part]) -> Iterator[Part]:
    waits = after(context, step.after)
    yield from (replace(part, guards=guards, after=(*part.after, *waits)) for part in parts)


def _rejecting(context: Context, step: Register) -> str | None:
    """The evaluation whose failure registers a version too, which is never used."""
    if step.gate is None or not isinstance(step.gate.source, FromStep):
        return None
    evaluation = context.jobs[step.gate.source.step]
    rejects = isinstance(evaluation, Evaluate) and evaluation.on_gate_failure == "register"
    return evaluation.name if rejects else None


def _check_waiting(context: Context, step: Register) -> None:
    for other in context.plan.steps:
        if step.name in other.after:
            context.error(
                "MG301",
                f"`{other.name}` waits for the registration, of which there are two here when a run parameter "
                "decides how a version is approved",
                (*other.origin, "after", other.after.index(step.name)),
                hint="`approval: manual` or `approval: automatic`",
            )
