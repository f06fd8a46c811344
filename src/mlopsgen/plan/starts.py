"""What starts training, and what else the whole product is told."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.steps import Governance, OnInvoke, OnNewData, OnSchedule, RunParameter, Tracking, Trigger
from mlopsgen.spec.product import Parameter, Spec
from mlopsgen.spec.registry import MlflowBackend
from mlopsgen.spec.units import seconds


def triggers(spec: Spec) -> Iterator[Trigger]:
    """The triggers that start training by the clock, by new data, by a call."""
    if not spec.triggers:
        return
    from mlopsgen.spec import triggers as said

    for name, trigger in spec.triggers.items():
        where: SpecPath = ("triggers", name)
        if trigger.start != "training":
            continue
        match trigger:
            case said.OnSchedule():
                yield OnSchedule(name=name, cron=trigger.schedule, timezone=trigger.timezone, origin=where)
            case said.OnNewData():
                yield OnNewData(name=name, source=trigger.new_data.removeprefix("data."), origin=where)
            case said.OnInvoke():
                yield OnInvoke(name=name, origin=where)
            case _:
                continue  # uses.py names it


def parameters(spec: Spec) -> Iterator[RunParameter]:
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


def tracking(spec: Spec) -> Tracking:
    """Where runs are recorded."""
    backend = spec.tracking.backend
    server = str(backend.mlflow) if isinstance(backend, MlflowBackend) else None
    return Tracking(experiment=spec.tracking.experiment or spec.name, mlflow=server)


def governance(spec: Spec) -> Governance:
    """Who may, where it stays, how it is locked."""
    asked = spec.governance
    return Governance(
        encryption_key=asked.encryption.key if asked.encryption else None,
        private_network=asked.network.private,
        retention=seconds(asked.retention) if asked.retention else None,
        lineage=asked.lineage,
        audit=asked.audit,
        deploy=asked.access.deploy,
        invoke=asked.access.invoke,
    )
