"""Steps in their branches: what a run parameter skips, and what stands behind the gates.

A step inherits the guards of all that it reads, and adds its own. Steps with the same guards lie in one
condition, which asks for all of them at once: no condition lies in another, which SageMaker does not do
(developer guide, "Condition step"). What reads a step of a branch that is not taken is not run either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import TypeAlias, assert_never

from mlopsgen.plan.steps import Evaluate, FromStep, Register, Step
from mlopsgen.plan.values import PortKind
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref
from mlopsgen.targets.sagemaker import native
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import made_by
from mlopsgen.targets.sagemaker.expressions import Word, join, json_get, parameter
from mlopsgen.targets.sagemaker.parameters import BOUNDS, truth
from mlopsgen.targets.sagemaker.training.registry import PENDING, REJECTED, register_step


@dataclass(frozen=True, slots=True)
class Bounds:
    """The run parameters have to lie within their bounds."""


@dataclass(frozen=True, slots=True)
class When:
    """A boolean run parameter has to be true."""

    parameter: str


@dataclass(frozen=True, slots=True)
class GatesHold:
    """An evaluation's gates have to hold, or must not."""

    evaluation: str
    passed: bool = True


@dataclass(frozen=True, slots=True)
class Approval:
    """A run parameter has to say how versions are approved."""

    registry: str
    parameter: str
    value: str


AUTOMATIC = "automatic"
MANUAL = "manual"

Guard: TypeAlias = Bounds | When | GatesHold | Approval
Guards: TypeAlias = tuple[Guard, ...]


def guards(steps: Iterable[Step], first: Guards = ()) -> Mapping[str, Guards]:
    """Every step's guards, those that are asked first first; `steps` come in an order they could run in."""
    guards_of: dict[str, Guards] = {}
    for step in steps:
        guards_of[step.name] = _guards(step, guards_of, first)
    return guards_of


def _guards(step: Step, guards_of: Mapping[str, Guards], first: Guards) -> Guards:
    before = [guards_of[name] for name in reads(step) if name in guards_of]
    own: list[Guard] = []
    if isinstance(step, Register) and step.gate is not None and step.on_gate_failure != "report":
        assert isinstance(step.gate.source, FromStep)
        own.append(GatesHold(step.gate.source.step))
    if step.when is not None:
        own.append(When(step.when.name))
    if isinstance(step, Register) and isinstance(step.approval, Ref):
        own.append(Approval(step.name, step.approval.name, AUTOMATIC))
    # The longest comes first, so that steps that wait for each other share a condition.
    inherited = sorted(before, key=len, reverse=True)
    return tuple(dict.fromkeys(guard for group in (first, *inherited, own) for guard in group))


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
    """The steps with the same guards, and those that run instead when the guards do not hold."""

    then: list[native.SageMakerStep] = field(default_factory=list)
    otherwise: list[native.SageMakerStep] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Branches:
    """A pipeline's steps by their guards."""

    context: Context
    bounds: native.ConditionStep | None
    guards: Mapping[str, Guards]
    first: frozenset[Guards]
    """Those of steps that wait for no other one: all the rest stands behind the bounds because of these."""
    by_guards: dict[Guards, Branch] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def at(self, path: Guards) -> Branch:
        """The branch behind these guards."""
        return self.by_guards.setdefault(path, Branch())

    def instead(self, path: Guards, opposite: Guard, steps: Iterable[native.SageMakerStep]) -> None:
        """Steps for when the last guard does not hold, and those before it do."""
        members = tuple(steps)
        if self.condition_guards(path) == path[-1:]:
            self.at(path).otherwise += members
        elif members:
            self.at((*path[:-1], opposite)).then += members

    def condition_guards(self, path: Guards) -> Guards:
        """The guards that a condition has to ask for: not those that all its steps wait behind already."""
        known = {guard for gate in path if isinstance(gate, GatesHold) for guard in self.guards[gate.evaluation]}
        if path not in self.first:
            known.add(Bounds())
        return tuple(guard for guard in path if guard not in known)

    def steps(self) -> Iterator[native.SageMakerStep]:
        """What stands alone, then every condition."""
        yield from self.by_guards.pop((), Branch()).then
        for path, branch in self.by_guards.items():
            yield self._condition(path, branch)

    def _condition(self, path: Guards, branch: Branch) -> native.ConditionStep:
        condition = self.condition_guards(path)
        comparisons = tuple(one for guard in condition for one in self._comparisons(guard))
        then, otherwise = tuple(branch.then), tuple(branch.otherwise)
        if self.bounds is not None and path == (Bounds(),):
            return replace(self.bounds, then=then)
        name = self._name(_called(path[-1]))
        return native.ConditionStep(name=name, comparisons=comparisons, then=then, otherwise=otherwise)

    def _name(self, name: str) -> str:
        self.names.append(name)
        return name if self.names.count(name) == 1 else f"{name}-{self.names.count(name)}"

    def _comparisons(self, guard: Guard) -> Iterator[native.Comparison | native.Membership]:
        match guard:
            case Bounds():
                assert self.bounds is not None
                yield from self.bounds.comparisons
            case When(parameter=name):
                yield native.Comparison(type="Equals", left=parameter(name), right=truth(self.context, name))
            case GatesHold(evaluation=name, passed=passed):
                yield native.Comparison(type="Equals", left=json_get(name, "gate", "passed"), right=passed)
            case Approval(parameter=name, value=value):
                yield native.Comparison(type="Equals", left=parameter(name), right=value)
            case _:
                assert_never(guard)


def _called(guard: Guard) -> str:
    match guard:
        case Bounds():
            return BOUNDS
        case When(parameter=name):
            return f"when-{name.strip('_').replace('_', '-')}"
        case GatesHold(evaluation=name, passed=passed):
            return f"{name}-gate" if passed else f"{name}-gate-not-passed"
        case Approval(registry=name, value=value):
            return f"{name}-approval" if value == AUTOMATIC else f"{name}-{value}-approval"
        case _:
            assert_never(guard)


def in_branches(
    context: Context, lowered: Mapping[str, tuple[native.SageMakerStep, ...]], bounds: native.ConditionStep | None
) -> tuple[native.SageMakerStep, ...]:
    """The steps of a pipeline, each in its branch; behind the bounds of run parameters, where there are any."""
    first: Guards = (Bounds(),) if bounds else ()
    by_name = guards(context.plan.steps, first)
    starting = frozenset(by_name[step.name] for step in context.plan.steps if not reads(step))
    branches = Branches(context, bounds, by_name, starting)
    branches.at(first)
    for name, steps in lowered.items():
        branches.at(branches.guards[name]).then += steps
    for step in context.plan.steps:
        if isinstance(step, Evaluate) and step.name in lowered and _fails(step):
            _failed(branches, step)
        if isinstance(step, Register):
            _registered_otherwise(branches, step)
    return tuple(branches.steps())


def _failed(branches: Branches, step: Evaluate) -> None:
    message = _message(branches.context, step)
    fail = native.FailStep(name=f"{step.name}-gate-failed", message=message, origin=step.origin)
    gate = GatesHold(step.name)
    branches.instead((*branches.guards[step.name], gate), replace(gate, passed=False), (fail,))


def _registered_otherwise(branches: Branches, step: Register) -> None:
    """A version of the same model in another state: a status cannot be computed."""
    path = branches.guards[step.name]
    if isinstance(step.approval, Ref):
        version_step = register_step(branches.context, step, PENDING, f"{step.name}-manual")
        approval = next(guard for guard in path if isinstance(guard, Approval) and guard.registry == step.name)
        path = tuple(guard for guard in path if guard != approval)
        branches.instead((*path, approval), replace(approval, value=MANUAL), (version_step,))
    gate = next((guard for guard in path if isinstance(guard, GatesHold)), None)
    if gate is not None and _rejects(branches.context, gate):
        # Rejected, not pending: a person could approve what is pending, and this must never be live.
        version_step = register_step(branches.context, step, REJECTED, f"{step.name}-rejected")
        path = tuple(guard for guard in path if guard != gate)
        branches.instead((*path, gate), replace(gate, passed=False), (version_step,))


def _rejects(context: Context, gate: GatesHold) -> bool:
    evaluation = context.jobs[gate.evaluation]
    return isinstance(evaluation, Evaluate) and evaluation.on_gate_failure == "register"


def _fails(step: Evaluate) -> bool:
    return step.on_gate_failure == "fail" and any(o.kind is PortKind.GATE for o in step.outputs)


def _message(context: Context, step: Evaluate) -> Word:
    gate = next(o.port for o in step.outputs if o.kind is PortKind.GATE)
    place = made_by(context, FromStep(step.name, gate)).uri
    gates = ", ".join(rule.name for rule in step.gates)
    message = f"The gates did not hold, so nothing was registered ({gates}). Each reason stands in "
    return join(message, place, "/gate.json")
