"""What a step waits for before it may run: the guards of all that it reads, and its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mlopsgen.plan.steps import Evaluate, FromStep, Register, Step
from mlopsgen.targets.ir.commands import PASSED
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.parameters import when
from mlopsgen.targets.ir.parts import Given, Guard, Told, equals, fails, holds

AUTOMATIC, MANUAL = "automatic", "manual"
Guards = tuple[Guard, ...]


def guards(context: Context, steps: Iterable[Step], first: Guards = ()) -> Mapping[str, Guards]:
    """Every step's guards, those that are asked first first; `steps` come in an order they could run in."""
    found: dict[str, Guards] = {}
    for step in steps:
        before = [found[name] for name in reads(step) if name in found]
        # The longest comes first, so that steps that wait for each other share a branch.
        inherited = sorted(before, key=len, reverse=True)
        own = tuple(_own(context, step))
        found[step.name] = tuple(dict.fromkeys(guard for group in (first, *inherited, own) for guard in group))
    return found


def _own(context: Context, step: Step) -> Iterator[Guard]:
    if isinstance(step, Register) and step.gate is not None and step.on_gate_failure != "report":
        yield passed(step.gate.source.step) if isinstance(step.gate.source, FromStep) else passed("")
    if step.when is not None:
        yield when(context, step.when.name)


def reads(step: Step) -> tuple[str, ...]:
    """The steps that have to be over before this one."""
    if isinstance(step, Register):
        inputs = [i for i in (step.model, step.metrics, step.gate, *step.figures) if i is not None]
    else:
        inputs = list(step.inputs)
    named = [i.source.step for i in inputs if isinstance(i.source, FromStep)]
    return tuple(dict.fromkeys((*named, *step.after)))


def passed(evaluation: str) -> Guard:
    """The gates of this evaluation hold."""
    return holds(Told(evaluation, PASSED), f"{evaluation}-gate")


def not_passed(evaluation: str) -> Guard:
    """The gates of this evaluation do not hold."""
    return fails(Told(evaluation, PASSED), f"{evaluation}-gate-not-passed")


def approval(registry: str, parameter: str, value: str) -> Guard:
    """A run parameter says how versions are approved."""
    return equals(Given(parameter), value, f"{registry}-{value}-approval")


def ends_failed(step: Step) -> bool:
    """Whether a gate that says no fails the run."""
    return isinstance(step, Evaluate) and bool(step.gates) and step.on_gate_failure == "fail"
