"""Replicas that come and go: Application Auto Scaling over the endpoint's one variant.

Metrics: developer guide, "Automatic scaling of SageMaker models" and "Monitor asynchronous endpoint". Of several
figures the one that asks for most wins, as the service itself has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mlopsgen.diagnostics import On
from mlopsgen.plan.services import Hours, RealTime, Scaling
from mlopsgen.targets.machines import Machine
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.names import logical_id
from mlopsgen.targets.sagemaker.serving.alarms import MACHINES, MICROSECONDS, REQUESTS, full, of_variant
from mlopsgen.targets.sagemaker.serving.resources import Change, Metric, ScaledVariant, Tracking

PREDEFINED: Mapping[str, str] = {
    "requests_per_minute": "SageMakerVariantInvocationsPerInstance",
    "concurrency": "SageMakerVariantConcurrentRequestsPerModelHighResolution",
}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 1440
_WEEK = 7 * _DAY


def scaling(context: Context, service: RealTime, endpoint: str, machine: Machine | None) -> ScaledVariant | None:
    """The scaled variant; None where the number of replicas never changes."""
    if not service.scaling and not service.hours:
        return None
    low, high, changes = _hours(context, service)
    return ScaledVariant(
        low=low,
        high=high,
        policies=tuple(_policy(context, service, endpoint, one, machine) for one in service.scaling),
        changes=changes,
        wakes=service.low == 0,
        cooldown=service.cooldown,
    )


def _policy(context: Context, service: RealTime, endpoint: str, one: Scaling, machine: Machine | None) -> Tracking:
    if one.back is not None:
        message = "on SageMaker a figure has one target: replicas stop by themselves where fewer are enough for it"
        context.error("MG301", message, (*one.origin, "in"), "leave `in` out", on=On.KEY)
    predefined, metric, target = _figure(context, service, endpoint, one, machine)
    return Tracking(
        id=logical_id(one.figure, "scaling"),
        name=f"{endpoint}-{one.figure.replace('_', '-')}",
        predefined=predefined,
        metric=metric,
        target=round(target, 3),
        cooldown=service.cooldown,
    )


def _figure(
    context: Context, service: RealTime, endpoint: str, one: Scaling, machine: Machine | None
) -> tuple[str | None, Metric | None, float]:
    """A figure that the service knows by name, or one of CloudWatch; and its target in that one's unit."""
    variant = of_variant(endpoint, service.name)
    if service.answers is not None and one.figure in PREDEFINED:
        if one.figure == "requests_per_minute":
            message = "queued requests are not counted by the minute: a queue is as long as it is"
            context.error("MG301", message, one.origin, "`concurrency`: queued requests per replica", on=On.KEY)
        queue = Metric(
            namespace=REQUESTS, name="ApproximateBacklogSizePerInstance", statistic="Average", dimensions=variant[:1]
        )
        return None, queue, one.out
    if one.figure in PREDEFINED:
        return PREDEFINED[one.figure], None, one.out
    if one.figure == "latency":
        metric = Metric(namespace=REQUESTS, name="ModelLatency", statistic="Average", dimensions=variant)
        return None, metric, one.out * MICROSECONDS
    whole = full(machine, one.figure)
    if whole is None:
        message = f"nobody knows here how many cores the machine of `{service.name}` has, whose use is summed"
        context.error("MG301", message, one.origin, "leave `machines` to `resources`, or name another", on=On.KEY)
    name = "CPUUtilization" if one.figure == "cpu" else "MemoryUtilization"
    metric = Metric(namespace=MACHINES, name=name, statistic="Average", dimensions=variant)
    return None, metric, one.out * (whole or 100)


def _hours(context: Context, service: RealTime) -> tuple[int, int, tuple[Change, ...]]:
    """The bounds that hold at first, and the minutes of the week at which others begin."""
    usual = (service.low, service.high)
    if not service.hours:
        return *usual, ()
    _check_hours(context, service)
    week = _week(service.hours, usual)
    turns = [minute for minute in range(_WEEK) if week[minute] != week[minute - 1]]
    if not turns:
        return *week[0], ()
    zone = service.hours[0].timezone
    grouped: dict[tuple[int, tuple[int, int]], list[int]] = {}
    for minute in turns:
        grouped.setdefault((minute % _DAY, week[minute]), []).append(minute // _DAY)
    changes = tuple(
        Change(name=f"change-{number}", expression=_cron(at, days), timezone=zone, low=low, high=high)
        for number, ((at, (low, high)), days) in enumerate(sorted(grouped.items()), 1)
    )
    return *usual, changes


def _week(hours: Sequence[Hours], usual: tuple[int, int]) -> list[tuple[int, int]]:
    """The bounds of each minute of a week, which starts on Monday."""
    week = [usual] * _WEEK
    for one in hours:
        for minute in _minutes(one):
            week[minute] = (one.low, one.high)
    return week


def _minutes(one: Hours) -> Iterator[int]:
    start, end = _minute(one.start), _minute(one.end)
    length = end - start if end > start else end - start + _DAY
    for day in one.days:
        first = _DAYS.index(day) * _DAY + start
        yield from (minute % _WEEK for minute in range(first, first + length))


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _cron(at: int, days: Sequence[int]) -> str:
    named = ",".join(_DAYS[day].upper() for day in sorted(days))
    return f"cron({at % 60} {at // 60} ? * {named if len(days) < 7 else '*'} *)"


def _check_hours(context: Context, service: RealTime) -> None:
    taken: dict[int, Hours] = {}
    for one in service.hours:
        first = service.hours[0]
        if one.timezone != first.timezone:
            message = f"`{one.name}` and `{first.name}` count hours in two time zones, which may overlap unseen"
            context.error("MG301", message, (*one.origin, "timezone"), f"`timezone: {first.timezone}` for all")
            return
        twin = next((taken[minute] for minute in _minutes(one) if minute in taken), None)
        if twin is not None:
            message = f"`{one.name}` and `{twin.name}` hold at the same time"
            context.error("MG301", message, (*one.origin, "hours"), "hours that do not overlap")
            return
        taken.update(dict.fromkeys(_minutes(one), one))
        if one.low == 0 and service.answers is None:
            message = "an endpoint without replicas answers nobody"
            context.error("MG301", message, (*one.origin, "min"), "`min: 1`, or `async`: queued requests can wait")
