"""What a step waits for before it may run: the guards of all that it reads, and its own; versions stand behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mlopsgen.plan.steps import Evaluate, FromStep, Job, Register, Step
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref
from mlopsgen.targets.ir.api import Lowering, Verdict
from mlopsgen.targets.ir.commands import PASSED
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.jobs import after
from mlopsgen.targets.ir.parameters import when
from mlopsgen.targets.ir.parts import Guard, ParameterValue, Part, PartOutput, equals, fails, holds

AUTOMATIC, MANUAL = "automatic", "manual"
Guards = tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class Guarded:
    """The guards of every step, and what stands in for some of them."""

    guards: Mapping[str, Guards]
    """Those that are asked first first: the dags that a step lies in."""
    parameters: Mapping[str, tuple[str, ...]]
    """Run parameters that a step's launcher asks, and no dag: other steps wait for it, whether it is skipped or not."""


def guarded(context: Context, first: Guards = ()) -> Guarded:
    """What every step stands behind; a step that another branch needs lies outside of its own."""
    names = {when(context, step.when.name): step.when.name for step in context.plan.steps if step.when is not None}
    outside: dict[str, set[Guard]] = {step.name: set() for step in context.plan.steps}
    whole = _whole(context, first, frozenset(names))
    while True:
        own = {name: tuple(g for g in guards if g not in outside[name]) for name, guards in whole.items()}
        more = [(name, guard) for name, guard in _needed_outside(context, own) if guard in names]
        if not more:
            return Guarded(own, {name: tuple(names[g] for g in whole[name] if g in outside[name]) for name in whole})
        for name, guard in more:
            outside[name].add(guard)


def _whole(context: Context, first: Guards, whens: frozenset[Guard]) -> Mapping[str, Guards]:
    """All that has to hold for each step. What only waits for a step that is skipped runs even so."""
    guards_of: dict[str, Guards] = {}
    for step in context.plan.steps:
        read = reads(step)
        before = [guards_of[name] for name in read if name in guards_of]
        waits = [name for name in step.after if name in guards_of and name not in read]
        before += [
            tuple(g for g in guards_of[name] if g not in whens or name in context.registrations) for name in waits
        ]
        # The longest comes first, so that steps that wait for each other share a branch.
        inherited = sorted(before, key=len, reverse=True)
        own = tuple(_own(context, step))
        guards_of[step.name] = tuple(dict.fromkeys(guard for group in (first, *inherited, own) for guard in group))
    return guards_of


def _needed_outside(context: Context, own: Mapping[str, Guards]) -> Iterator[tuple[str, Guard]]:
    """Steps that another one waits for which does not lie in their branch, and the guards that make the branch."""
    for step in context.plan.steps:
        if isinstance(step, Job) and step.always:
            continue
        for name in (*reads(step), *step.after):
            theirs, mine = own.get(name, ()), own[step.name]
            if mine[: len(theirs)] != theirs:
                yield from ((name, guard) for guard in theirs)


def _own(context: Context, step: Step) -> Iterator[Guard]:
    if isinstance(step, Register) and step.gate is not None and step.on_gate_failure != "report":
        assert isinstance(step.gate.source, FromStep)
        yield passed(step.gate.source.step)
    if step.when is not None:
        yield when(context, step.when.name)


def reads(step: Step) -> tuple[str, ...]:
    """The steps whose outputs this one needs."""
    if isinstance(step, Register):
        inputs = [i for i in (step.model, step.metrics, step.gate, *step.figures) if i is not None]
    else:
        inputs = list(step.inputs)
    return tuple(dict.fromkeys(i.source.step for i in inputs if isinstance(i.source, FromStep)))


def passed(evaluation: str) -> Guard:
    """The gates of this evaluation hold."""
    return holds(PartOutput(evaluation, PASSED), f"{evaluation}-gate")


def not_passed(evaluation: str) -> Guard:
    """The gates of this evaluation do not hold."""
    return fails(PartOutput(evaluation, PASSED), f"{evaluation}-gate-not-passed")


def approval(registry: str, parameter: str, value: str) -> Guard:
    """A run parameter says how versions are approved."""
    return equals(ParameterValue(parameter), value, f"{registry}-{value}-approval")


def ends_failed(step: Step) -> bool:
    """Whether a gate that says no fails the run."""
    return isinstance(step, Evaluate) and bool(step.gates) and step.on_gate_failure == "fail"


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
        parts = context.platform.register(context, step, _VERDICTS[step.approval], step.name)
        yield from _behind(context, step, guards, parts)
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
