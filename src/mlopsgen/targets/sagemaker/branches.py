"""Steps in their branches: what a run parameter skips, and what stands behind the gates.

A step inherits the guards of all that it reads, and adds its own. Steps with the same guards lie
in one branch, and a branch lies inside the one whose guards it shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from mlopsgen.plan.steps import Evaluate, FromStep, Register, Step
from mlopsgen.plan.values import PortKind
from mlopsgen.targets.sagemaker import native
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import made_by
from mlopsgen.targets.sagemaker.expressions import Word, join, json_get, parameter
from mlopsgen.targets.sagemaker.parameters import truth
from mlopsgen.targets.sagemaker.registry import REJECTED, register_step


@dataclass(frozen=True, slots=True)
class When:
    """A boolean run parameter has to be true."""

    parameter: str


@dataclass(frozen=True, slots=True)
class Gate:
    """An evaluation's gates have to hold."""

    evaluation: str


Guard: TypeAlias = When | Gate
Guards: TypeAlias = tuple[Guard, ...]


def guards(steps: Iterable[Step]) -> Mapping[str, Guards]:
    """Every step's guards, those that are asked first first; `steps` come in an order they could run in."""
    found: dict[str, Guards] = {}
    for step in steps:
        found[step.name] = _guards(step, found)
    return found


def _guards(step: Step, found: Mapping[str, Guards]) -> Guards:
    before = [found[name] for name in reads(step) if name in found]
    own: list[Guard] = []
    if isinstance(step, Register) and step.gate is not None and step.on_gate_failure != "report":
        assert isinstance(step.gate.source, FromStep)
        own.append(Gate(step.gate.source.step))
    if step.when is not None:
        own.append(When(step.when.name))
    # The longest comes first, so that branches nest as deep as they have to and no deeper.
    inherited = sorted(before, key=len, reverse=True)
    return tuple(dict.fromkeys(guard for group in (*inherited, own) for guard in group))


def reads(step: Step) -> tuple[str, ...]:
    """The steps that have to be over before this one."""
    if isinstance(step, Register):
        inputs = [i for i in (step.model, step.metrics, step.gate, *step.figures) if i is not None]
    else:
        inputs = list(step.inputs)
    named = [i.source.step for i in inputs if isinstance(i.source, FromStep)]
    return tuple(dict.fromkeys((*named, *step.after)))


@dataclass(slots=True)
class Branch:
    """Steps with the same guards, and the branches inside."""

    steps: list[native.Step] = field(default_factory=list)
    inside: dict[Guard, Branch] = field(default_factory=dict)

    def at(self, path: Guards) -> Branch:
        """The branch behind these guards."""
        here = self
        for guard in path:
            here = here.inside.setdefault(guard, Branch())
        return here


def in_branches(context: Context, lowered: Mapping[str, tuple[native.Step, ...]]) -> tuple[native.Step, ...]:
    """The steps of a pipeline, each in its branch."""
    whole = Branch()
    by_name = guards(context.plan.steps)
    for name, steps in lowered.items():
        whole.at(by_name[name]).steps += steps
    for step in context.plan.steps:
        if isinstance(step, Evaluate) and step.name in lowered and _fails(step):
            whole.at((*by_name[step.name], Gate(step.name)))
    return tuple(_opened(context, whole, Names()))


def _fails(step: Evaluate) -> bool:
    return step.on_gate_failure == "fail" and any(o.kind is PortKind.GATE for o in step.outputs)


@dataclass(slots=True)
class Names:
    """Names of conditions given so far: the same guard may be asked in two branches."""

    given: dict[str, int] = field(default_factory=dict)

    def next(self, name: str) -> str:
        """The name, with a number from the second time on."""
        self.given[name] = self.given.get(name, 0) + 1
        return name if self.given[name] == 1 else f"{name}-{self.given[name]}"


def _opened(context: Context, branch: Branch, names: Names) -> Iterator[native.Step]:
    yield from branch.steps
    for guard, inside in branch.inside.items():
        then = tuple(_opened(context, inside, names))
        yield _condition(context, guard, then, names)


def _condition(context: Context, guard: Guard, then: tuple[native.Step, ...], names: Names) -> native.ConditionStep:
    match guard:
        case When(parameter=name):
            asked = native.Comparison(type="Equals", left=parameter(name), right=truth(context, name))
            called = names.next(f"when-{name.strip('_').replace('_', '-')}")
            return native.ConditionStep(name=called, comparisons=(asked,), then=then, otherwise=())
        case Gate(evaluation=name):
            passed = native.Comparison(type="Equals", left=json_get(name, "gate", "passed"), right=True)
            called = names.next(f"{name}-gate")
            otherwise = tuple(_otherwise(context, name))
            return native.ConditionStep(name=called, comparisons=(passed,), then=then, otherwise=otherwise)
        case _:
            assert_never(guard)


def _otherwise(context: Context, name: str) -> Iterator[native.Step]:
    step = context.jobs[name]
    assert isinstance(step, Evaluate)
    match step.on_gate_failure:
        case "fail":
            yield native.FailStep(name=f"{name}-gate-failed", message=_message(context, step), origin=step.origin)
        case "register":
            for registered in context.plan.steps:
                if isinstance(registered, Register):
                    # Rejected, not pending: a person could approve what is pending, and this must never be live.
                    yield register_step(context, registered, REJECTED, f"{registered.name}-rejected")
        case "stop" | "report":
            return
        case _:
            assert_never(step.on_gate_failure)


def _message(context: Context, step: Evaluate) -> Word:
    gate = next(o.port for o in step.outputs if o.kind is PortKind.GATE)
    place = made_by(context, FromStep(step.name, gate)).uri
    asked = ", ".join(rule.name for rule in step.gates)
    said = f"The gates did not hold, so nothing was registered ({asked}). Each reason stands in "
    return join(said, place, "/gate.json")
