"""Figures that take a rollout back, as alarms of CloudWatch.

Metrics and their units: developer guide, "Metrics for monitoring Amazon SageMaker with CloudWatch". Requests are
counted of the new machines alone, whose EndpointConfigName is another one each time; what machines use, of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import On
from mlopsgen.plan.services import Alarm, RealTime
from mlopsgen.targets.machines import Machine
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.names import logical_id
from mlopsgen.targets.sagemaker.serving.resources import AlarmResource, Metric, Term

REQUESTS, MACHINES = "AWS/SageMaker", "/aws/sagemaker/Endpoints"
MICROSECONDS = 1_000_000
MOST = 10
"""Alarms of one rollout (botocore, AlarmList)."""
RESOURCES: Mapping[str, str] = {
    "cpu": "CPUUtilization",
    "memory": "MemoryUtilization",
    "gpu": "GPUUtilization",
    "disk": "DiskUtilization",
}


def alarms(context: Context, service: RealTime, endpoint: str, machine: Machine | None) -> tuple[AlarmResource, ...]:
    """One for each monitor of `abort_on`."""
    watched = service.rollout.abort_on
    if len(watched) > MOST:
        message = f"a rollout on SageMaker is watched by at most {MOST} alarms"
        context.error("MG306", message, (*service.rollout.origin, "abort_on"), "keep those that matter", on=On.KEY)
    return tuple(_alarm(context, service, endpoint, one, machine) for one in watched)


def _alarm(context: Context, service: RealTime, endpoint: str, alarm: Alarm, machine: Machine | None) -> AlarmResource:
    # A minute is told a minute or two later: the alarm must be able to speak before the bake is over.
    minutes = min(-(-alarm.window // 60), service.rollout.bake // 60 - 2)
    facts: dict[str, Any] = {
        "id": logical_id(alarm.name, "alarm"),
        "name": f"{endpoint}-{alarm.name}",
        "periods": max(1, minutes),
    }
    new = (*of_variant(endpoint, service.name), {"Name": "EndpointConfigName", "Value": _CONFIG})
    match alarm.figure:
        case "errors":
            return AlarmResource(
                **facts,
                description=f"More than {alarm.at_most:.2%} of the requests failed",
                metric=None,
                terms=tuple(_errors(new)),
                formula="IF(requests > 0, (FILL(failed, 0) - FILL(refused, 0)) / requests, 0)",
                threshold=alarm.at_most,
            )
        case "latency":
            percentile = f"p{round((alarm.quantile or 0.5) * 100, 2):g}"
            return AlarmResource(
                **facts,
                description=f"{percentile} of the answers took longer than {alarm.at_most:g} s",
                metric=Metric(namespace=REQUESTS, name="ModelLatency", statistic=percentile, dimensions=new),
                extended=True,
                threshold=round(alarm.at_most * MICROSECONDS, 3),
            )
        case _:
            return _saturation(context, of_variant(endpoint, service.name), alarm, machine, facts)


_CONFIG = {"Fn::GetAtt": ["EndpointConfig", "EndpointConfigName"]}


def of_variant(endpoint: str, variant: str) -> tuple[Mapping[str, Any], ...]:
    """The endpoint as metrics name it: literally, since it waits for its alarms."""
    return ({"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant})


def _errors(dimensions: tuple[Mapping[str, Any], ...]) -> Iterator[Term]:
    """Answers that were no success, without those by which the server refused a bad request."""
    named = {"requests": "Invocations", "failed": "InvocationModelErrors", "refused": "Invocation4XXErrors"}
    for key, name in named.items():
        yield Term(id=key, metric=Metric(namespace=REQUESTS, name=name, statistic="Sum", dimensions=dimensions))


def _saturation(
    context: Context,
    variant: tuple[Mapping[str, Any], ...],
    alarm: Alarm,
    machine: Machine | None,
    facts: Mapping[str, Any],
) -> AlarmResource:
    resource = alarm.resource or "cpu"
    metric = Metric(
        namespace=MACHINES,
        name=RESOURCES[resource],
        statistic="Average",
        dimensions=variant,
    )
    whole = full(machine, resource)
    if whole is None:
        message = f"nobody knows here how many {resource}s the machine has, whose use is summed"
        context.error("MG301", message, alarm.origin, "leave `machines` to `resources`, or name another machine")
    return AlarmResource(
        **facts,
        description=f"{resource} is used by more than {alarm.at_most:.0%}",
        metric=metric,
        threshold=round(alarm.at_most * (whole or 100), 3),
    )


def full(machine: Machine | None, resource: str) -> float | None:
    """What CloudWatch says of a machine that is all in use: 100 for each core and accelerator; None: nobody knows."""
    match resource:
        case "cpu":
            return 100.0 * machine.cpu if machine else None
        case "gpu":
            return 100.0 * machine.gpu.count if machine and machine.gpu else None
        case _:
            return 100.0
