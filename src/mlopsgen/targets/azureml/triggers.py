"""What starts a run: the clock natively, new files and the end of a run through Event Grid and a Logic App.

A cron line of Azure ML has minutes, hours and weekdays; days of the month and months it ignores
(reference-yaml-schedule: "DAYS and MONTH … treated as *"), so those become a recurrence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlopsgen.diagnostics import On, SpecPath
from mlopsgen.plan.steps import OnNewData, OnSchedule
from mlopsgen.records import dataclass
from mlopsgen.spec.clock import numbers_of, read_clock, written
from mlopsgen.targets.azureml.addresses import blobs
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.names import identifier
from mlopsgen.targets.azureml.native import Pipeline, Schedule
from mlopsgen.targets.azureml.roles import starts_by_hand
from mlopsgen.targets.azureml.serving.batch import BatchPipeline
from mlopsgen.targets.azureml.timezones import windows_name
from mlopsgen.targets.azureml.values import SCHEDULED_AT

NEVER = "2999-01-01T00:00:00"
"""The start of a schedule that only keeps a job on the workspace, for an event to start."""
PAST = "2024-01-01T00:00:00"
"""The start of a schedule by the clock: without one the first run starts at once, and with one that has passed at the
next of its times (reference-yaml-schedule)."""
HANDLER = "exit-handler"


def schedules(
    context: Context, handler: Pipeline | None, pipeline: Pipeline, scored: Sequence[BatchPipeline]
) -> Iterator[Schedule]:
    """Every schedule: those of the clock, and those that keep a job for others."""
    _check_names(context, handler)
    for one in context.plan.triggers:
        if isinstance(one, OnSchedule):
            yield _by_clock(context, Clock(one.name, one.cron, one.timezone, one.origin), pipeline)
        elif isinstance(one, OnNewData):
            yield _kept(context, one.name, "../pipeline.yml", f"What new files of {one.source} start")
        else:
            yield _kept(context, one.name, "../pipeline.yml", "What another system starts")
    if handler is not None:
        yield _kept(context, HANDLER, "../exit-handler.yml", "What runs when a run has ended")
    yield from _scoring(context, scored)


def _scoring(context: Context, scored: Sequence[BatchPipeline]) -> Iterator[Schedule]:
    """The clocks of batch deployments; a job without one is kept where others than its owner may start it."""
    for one in scored:
        service = one.service
        if service.cron is not None:
            _check_started(context, one.name, service.origin, one.pipeline)
            yield _by_clock(context, Clock(one.name, service.cron, service.timezone, service.origin), one.pipeline)
        elif starts_by_hand(context):
            yield _kept(context, one.name, f"../{one.pipeline.file}", f"Scores with {service.model} on demand")


@dataclass(frozen=True, slots=True)
class Clock:
    """A cron line in its time zone, and whose it is."""

    name: str
    cron: str
    timezone: str
    origin: SpecPath


def schedule_name(context: Context, name: str) -> str:
    """A schedule's name in the workspace."""
    return f"{context.plan.name}-{name}"


def _check_names(context: Context, handler: Pipeline | None) -> None:
    """Reports two schedules of one name; experiments of deployments are named so, too."""
    seen = {HANDLER: "always"} if handler is not None else {}
    for one in (*context.plan.triggers, *context.batches):
        if one.name in seen:
            message = f"the schedules of `{one.name}` and `{seen[one.name]}` would have the same name in the workspace"
            context.error("MG305", message, one.origin, hint="rename one of them", on=On.KEY)
        seen[one.name] = one.name


def _check_started(context: Context, name: str, where: SpecPath, pipeline: Pipeline) -> None:
    """Nobody is there to give a value when a clock starts a run; of triggers the language itself says so (MG127)."""
    read = {one.name for one in pipeline.inputs}
    missing = [one.name for one in context.plan.parameters if one.required and identifier(one.name) in read]
    if missing:
        message = f"`{name}` starts runs by itself, and nothing says {', '.join(f'`{one}`' for one in missing)} then"
        context.error("MG301", message, where, hint="give run parameters a `default`", on=On.KEY)


def _by_clock(context: Context, clock: Clock, pipeline: Pipeline) -> Schedule:
    zone = windows_name(clock.timezone)
    if zone is None:
        message = f"Azure ML has no name for the time zone `{clock.timezone}`"
        hint = "a zone with the same clock, such as `Etc/UTC`"
        context.error("MG311", message, (*clock.origin, "timezone"), hint=hint)
    timed = any(one.name == SCHEDULED_AT for one in pipeline.inputs)
    return Schedule(
        file=f"schedules/{clock.name}.yml",
        name=schedule_name(context, clock.name),
        description=None,
        trigger={**_trigger(context, clock), "start_time": PAST, "time_zone": zone or "UTC"},
        job=f"../{pipeline.file}",
        inputs={SCHEDULED_AT: "${{creation_context.trigger_time}}"} if timed else {},
        kept=False,
        tags=context.tags,
    )


def _trigger(context: Context, clock: Clock) -> Mapping[str, Any]:
    try:
        return trigger(clock.cron)
    except NotSayable as problem:
        message = f"Azure ML has no words for `{clock.cron}`: {problem}"
        context.error(
            "MG311", message, (*clock.origin, "schedule"), hint="days of the week, or days 1 to 28 of every month"
        )
        return {"type": "cron", "expression": clock.cron}


def _kept(context: Context, name: str, job: str, description: str) -> Schedule:
    return Schedule(
        file=f"schedules/{name}.yml",
        name=schedule_name(context, name),
        description=description,
        trigger={"type": "cron", "expression": "0 0 * * *", "start_time": NEVER, "time_zone": "UTC"},
        job=job,
        inputs={},
        kept=True,
        tags=context.tags,
    )


_STORE = re.compile(r"azureml://datastores/([A-Za-z0-9_]+)/paths/(.*)", re.DOTALL)


def watched(context: Context, one: OnNewData) -> tuple[str | None, str | None, str] | None:
    """The account, container and prefix that new files arrive at; None in place of what the deployment is told."""
    source = context.sources[one.source]
    uri = source.uri if isinstance(source.uri, str) and source.local is None else ""
    if place := blobs(uri):
        return place.account, place.container, place.prefix
    if (match := _STORE.fullmatch(uri)) and match[1] == context.options.datastore:
        return None, None, match[2]
    message = f"Event Grid cannot watch `{one.source}`: it has to lie in blob storage, at an address known now"
    hint = f"`azureml://datastores/{context.options.datastore}/paths/<folder>/` or `https://<account>.blob.core.windows.net/…`"
    context.error("MG301", message, one.origin, hint=hint, on=On.KEY)
    return None


class NotSayable(Exception):
    """Azure ML has no words for these times; the message says why."""


def trigger(line: str) -> Mapping[str, Any]:
    """`{type: cron, …}` or `{type: recurrence, …}` without the time zone; raises NotSayable."""
    clock = read_clock(line)
    if clock.months:
        raise NotSayable("a schedule of Azure ML knows no months")
    if not clock.days:
        weekdays = ",".join(map(str, clock.weekdays)) or "*"
        expression = f"{written(clock.minutes, 0, 59)} {written(clock.hours, 0, 23)} * * {weekdays}"
        return {"type": "cron", "expression": expression}
    if clock.weekdays:
        raise NotSayable("it names days of the month and days of the week: a schedule takes one of the two")
    days = sorted(numbers_of(clock.days))
    if days[-1] > 28:
        raise NotSayable("a schedule of Azure ML leaves out months that have no such day")
    hours, minutes = numbers_of(clock.hours) or range(24), numbers_of(clock.minutes) or range(60)
    pattern = {"hours": sorted(hours), "minutes": sorted(minutes), "month_days": days}
    return {"type": "recurrence", "frequency": "month", "interval": 1, "schedule": pattern}
