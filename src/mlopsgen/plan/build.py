"""Spec → Plan: every default that depends on another field, and every edge."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath, errors
from mlopsgen.lock import Lock
from mlopsgen.plan import data
from mlopsgen.plan.checks import step_findings
from mlopsgen.plan.code import code_image, fixed, runtime_commands
from mlopsgen.plan.evaluation import evaluation_step, register_step
from mlopsgen.plan.files import Files
from mlopsgen.plan.graph import cycles, in_order
from mlopsgen.plan.headers import header_findings
from mlopsgen.plan.jobs import Placed, command, common, flags, optional_params
from mlopsgen.plan.steps import (
    Evaluate,
    Governance,
    OnInvoke,
    OnNewData,
    OnSchedule,
    Plan,
    Register,
    Run,
    RunParameter,
    Service,
    Source,
    Step,
    Tracking,
    Trigger,
)
from mlopsgen.plan.training import Section, training_step
from mlopsgen.plan.unused import unused, watched
from mlopsgen.plan.uses import uses
from mlopsgen.plan.wiring import Wires, outputs, outputs_of
from mlopsgen.records import dataclass
from mlopsgen.spec.product import Parameter, Spec
from mlopsgen.spec.registry import MlflowBackend
from mlopsgen.spec.steps import Step as SpecStep
from mlopsgen.spec.units import seconds


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan, and what is worth saying about it though it stands."""

    plan: Plan
    findings: tuple[Diagnostic, ...]


def build_plan(
    spec: Spec, files: Files, lock: Lock, spec_file: str = "spec.yaml", environment: str | None = None
) -> Planned:
    """The whole of what a spec asks for, in one of its environments.

    Raises SpecError with every finding at once: references that lead nowhere, kinds that do not fit, cycles, files.
    """
    findings: list[Diagnostic] = []
    sources = tuple(data.sources(spec, files, lock, findings))
    findings.extend(header_findings(spec, files, sources))
    image = code_image(spec, files, lock, spec_file, findings)
    contract = data.contract(spec.data) if spec.data else None
    unordered = tuple(_steps(_section(spec, contract, findings), sources))
    findings.extend((*step_findings(spec, unordered, image), *cycles(unordered)))
    _stop(findings)
    assert image is not None, "without the user's code there was a finding"
    steps = tuple(_fixed(step, lock) for step in in_order(unordered))
    serving = _services(spec)
    commands = runtime_commands(spec, (*steps, *(one.job for one in serving)), image.requirements)
    plan = Plan(
        name=spec.name,
        environment=environment,
        description=spec.description,
        owner=spec.owner,
        tags=tuple(spec.tags.items()),
        parameters=tuple(_parameters(spec)),
        sources=sources,
        image=replace(image, runtime_commands=commands, contract=contract if commands else None),
        steps=steps,
        triggers=tuple(_triggers(spec)),
        tracking=_tracking(spec),
        governance=_governance(spec),
        uses=tuple(uses(spec)),
        services=serving,
        deployments=tuple(spec.deployments),
        monitors=tuple(spec.monitoring.monitors) if spec.monitoring else (),
    )
    findings.extend(unused(plan, watched(spec)))
    _stop(findings)
    return Planned(plan, tuple(findings))


def _services(spec: Spec) -> tuple[Service, ...]:
    """What lives on when training has ended; the models of deployments are imported for a spec that has some."""
    if not spec.deployments:
        return ()
    from mlopsgen.plan.deployments import services

    return tuple(services(spec))


def _section(spec: Spec, contract: bytes | None, findings: list[Diagnostic]) -> Section:
    wires = Wires(outputs_of(spec), tuple(spec.data.sources if spec.data else ()), findings)
    return Section(spec, wires, _digest(contract), _optional(spec))


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
    origin: SpecPath = ("steps", name)
    inputs = section.wires.inputs(name, step.inputs or {}, (*origin, "inputs"))
    written = section.wires.outputs[name]
    params = [param for param, value in step.params.items() if value is not None]
    own = flags([i.port for i in inputs], written, params, optional_params(step, section.optional))
    shared = common(Placed(name, step, origin))
    # What a step without outputs does, it does elsewhere: taken over from an earlier run, it would not be done.
    shared["cache"] = step.cache and bool(written)
    return Run(
        name=name,
        argv=(*command(step.run), *own),
        inputs=inputs,
        outputs=outputs(written, (*origin, "outputs")),
        **shared,
    )


def _digest(contract: bytes | None) -> str:
    return f"sha256:{hashlib.sha256(contract or b'').hexdigest()}"


def _optional(spec: Spec) -> frozenset[str]:
    """Run parameters that may have no value at all."""
    return frozenset(n for n, p in spec.parameters.items() if not p.required and p.default is None)


def _stop(findings: list[Diagnostic]) -> None:
    if errors(findings):
        raise SpecError(findings)


def _triggers(spec: Spec) -> Iterator[Trigger]:
    """The triggers that start training by the clock, by new data, by a call."""
    if not spec.triggers:
        return
    from mlopsgen.spec import triggers as spec_triggers

    for name, trigger in spec.triggers.items():
        origin: SpecPath = ("triggers", name)
        if trigger.start != "training":
            continue
        match trigger:
            case spec_triggers.OnSchedule():
                yield OnSchedule(name=name, cron=trigger.schedule, timezone=trigger.timezone, origin=origin)
            case spec_triggers.OnNewData():
                yield OnNewData(name=name, source=trigger.new_data.removeprefix("data."), origin=origin)
            case spec_triggers.OnInvoke():
                yield OnInvoke(name=name, origin=origin)
            case _:
                continue  # uses.py names it


def _parameters(spec: Spec) -> Iterator[RunParameter]:
    """The run parameters as they are declared."""
    for name, parameter in spec.parameters.items():
        yield _parameter(name, parameter)


def _parameter(name: str, parameter: Parameter) -> RunParameter:
    return RunParameter(
        name=name,
        type=parameter.type,
        required=parameter.required,
        default=parameter.default,
        values=parameter.values,
        minimum=parameter.minimum,
        maximum=parameter.maximum,
        description=parameter.description,
        origin=("parameters", name),
    )


def _tracking(spec: Spec) -> Tracking:
    """Where runs are recorded."""
    backend = spec.tracking.backend
    server = str(backend.mlflow) if isinstance(backend, MlflowBackend) else None
    return Tracking(experiment=spec.tracking.experiment or spec.name, mlflow=server)


def _governance(spec: Spec) -> Governance:
    """Who may, where it stays, how it is locked."""
    section = spec.governance
    return Governance(
        encryption_key=section.encryption.key if section.encryption else None,
        private_network=section.network.private,
        retention=seconds(section.retention) if section.retention else None,
        lineage=section.lineage,
        audit=section.audit,
        deploy=section.access.deploy,
        invoke=section.access.invoke,
    )
