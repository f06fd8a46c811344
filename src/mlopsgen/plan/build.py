"""Spec → Plan: every default that depends on another field, and every edge."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath, errors
from mlopsgen.lock import Lock
from mlopsgen.plan import data, starts
from mlopsgen.plan.checks import plan_findings, step_findings
from mlopsgen.plan.code import code_image, fixed
from mlopsgen.plan.commands import command, flags, optional_params
from mlopsgen.plan.evaluation import evaluation_step
from mlopsgen.plan.files import Files
from mlopsgen.plan.graph import cycles, in_order
from mlopsgen.plan.jobs import Placed, common
from mlopsgen.plan.needs import runtime_commands
from mlopsgen.plan.registry import register_step
from mlopsgen.plan.sections import outputs_of
from mlopsgen.plan.steps import Evaluate, Plan, Register, Run, Source, Step
from mlopsgen.plan.training import Section, training_step
from mlopsgen.plan.uses import uses
from mlopsgen.plan.wiring import Wires, outputs
from mlopsgen.records import dataclass
from mlopsgen.spec.product import Spec
from mlopsgen.spec.steps import Step as SpecStep


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan, and what is worth saying about it though it stands."""

    plan: Plan
    found: tuple[Diagnostic, ...]


def build_plan(spec: Spec, files: Files, lock: Lock, spec_file: str = "spec.yaml") -> Planned:
    """The whole of what a spec asks for.

    Raises SpecError with every finding at once: references that lead nowhere, kinds that do not
    fit, cycles, files that are not there.
    """
    found: list[Diagnostic] = []
    sources = tuple(data.sources(spec, files, lock, found))
    image = code_image(spec, files, lock, spec_file, found)
    wires = Wires(outputs_of(spec), tuple(spec.data.sources) if spec.data else (), found)
    contract = data.contract(spec.data) if spec.data else None
    section = Section(spec, wires, _digest(contract), _optional(spec))
    made = tuple(_steps(section, sources))
    found.extend(step_findings(spec, made, image))
    found.extend(cycles(made))
    _stop(found)
    assert image is not None, "without the user's code there was a finding"
    steps = tuple(_fixed(step, lock) for step in in_order(made))
    commands = runtime_commands(spec, steps)
    plan = Plan(
        name=spec.name,
        description=spec.description,
        owner=spec.owner,
        tags=tuple(spec.tags.items()),
        parameters=tuple(starts.parameters(spec)),
        sources=sources,
        image=replace(image, runtime_commands=commands, contract=contract if commands else None),
        steps=steps,
        triggers=tuple(starts.triggers(spec)),
        tracking=starts.tracking(spec),
        governance=starts.governance(spec),
        uses=tuple(uses(spec)),
    )
    found.extend(plan_findings(plan))
    _stop(found)
    return Planned(plan, tuple(found))


def _fixed(step: Step, lock: Lock) -> Step:
    """A step in an image of somebody else's, by the digest that is locked."""
    if isinstance(step, Register) or step.image is None:
        return step
    return replace(step, image=fixed(step.image, lock))


def _steps(section: Section, sources: tuple[Source, ...]) -> Iterator[Step]:
    spec, wires = section.spec, section.wires
    if spec.data is not None:
        prepared = data.prepare_step(spec.data, section.contract_digest, wires, section.optional)
        if prepared is not None:
            yield prepared
    for name, step in spec.steps.items():
        yield _custom(section, name, step)
    if spec.training is not None:
        yield training_step(section, spec.training)
    evaluation: Evaluate | None = None
    if spec.evaluation is not None:
        evaluation = evaluation_step(section, spec.evaluation)
        if evaluation is not None:
            yield evaluation
    registered = register_step(section, evaluation, sources)
    if registered is not None:
        yield registered


def _custom(section: Section, name: str, step: SpecStep) -> Run:
    where: SpecPath = ("steps", name)
    inputs = section.wires.inputs(name, step.inputs or {}, (*where, "inputs"))
    made = section.wires.outputs[name]
    params = [param for param, value in step.params.items() if value is not None]
    own = flags([i.port for i in inputs], made, params, optional_params(step, section.optional))
    return Run(
        name=name,
        argv=(*command(step.run), *own),
        inputs=inputs,
        outputs=outputs(made, (*where, "outputs")),
        **common(Placed(name, step, where)),
    )


def _digest(contract: bytes | None) -> str:
    return f"sha256:{hashlib.sha256(contract or b'').hexdigest()}"


def _optional(spec: Spec) -> frozenset[str]:
    """Run parameters that may have no value at all."""
    return frozenset(n for n, p in spec.parameters.items() if not p.required and p.default is None)


def _stop(found: list[Diagnostic]) -> None:
    if errors(found):
        raise SpecError(found)
