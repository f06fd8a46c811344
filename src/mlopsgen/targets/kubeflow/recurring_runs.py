"""What starts a run: schedules of Kubeflow Pipelines. Nothing in a cluster tells when files arrive.

A cron line has six fields there, seconds first (github.com/robfig/cron v1, which its ScheduledWorkflow controller
parses them with). Sunday is 0 and never 7, and a range must not go over the end of the week, so lists of weekdays
are written out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from mlopsgen.plan.steps import OnInvoke, OnNewData, OnSchedule
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.native import RecurringRun

UTC = ("UTC", "Etc/UTC", "Etc/GMT", "GMT", "Etc/Universal", "Universal", "Zulu", "Etc/Zulu")
"""Names of one and the same time zone."""


def recurring_runs(context: Context, facts: Facts) -> Iterator[RecurringRun]:
    """The triggers that are a clock; others are findings, or need nothing here."""
    for trigger in context.plan.triggers:
        match trigger:
            case OnSchedule():
                _check_zone(context, facts, trigger)
                yield RecurringRun(
                    trigger=trigger.name,
                    name=f"{context.plan.name}-{trigger.name}",
                    description=f"{trigger.cron} ({trigger.timezone})",
                    namespace=facts.options.namespace,
                    service_account=facts.run_account,
                    cron=six_fields(trigger.cron),
                )
            case OnNewData():
                context.error(
                    "MG301",
                    "Kubeflow Pipelines starts no run when files arrive",
                    (*trigger.origin, "new_data"),
                    hint="a schedule; steps whose data has not changed are taken from the cache",
                )
            case OnInvoke():
                continue
            case _:
                assert_never(trigger)


def _check_zone(context: Context, facts: Facts, trigger: OnSchedule) -> None:
    """A schedule has no zone of its own: the controller reads all of them in its one."""
    there = facts.options.timezone
    if trigger.timezone == there or (trigger.timezone in UTC and there in UTC):
        return
    context.error(
        "MG311",
        f"schedules of this installation are in {there}, and `{trigger.name}` is in {trigger.timezone}",
        (*trigger.origin, "timezone"),
        hint=f"write the line in {there}; or, where the controller of schedules has "
        f"CRON_SCHEDULE_TIMEZONE={trigger.timezone}, `targets.kubeflow.timezone: {trigger.timezone}`",
    )


_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def six_fields(line: str) -> str:
    """The same times, with the second 0 before them."""
    minute, hour, day, month, weekday = line.split()
    return " ".join(("0", minute, hour, day, month.upper() if not month[0].isdigit() else month, weekdays(weekday)))


def weekdays(field: str) -> str:
    """Weekdays by number from 0 for Sunday; one of them, some of them, or `*`."""
    if field == "*":
        return "*"
    days = sorted({day % 7 for item in field.split(",") for day in _days(item)})
    # `*/2` and all seven by name are no star: robfig joins a starred field with `and`, any other with `or`.
    return ",".join(map(str, days))


def _days(item: str) -> Iterator[int]:
    span, slash, step = item.partition("/")
    low, dash, high = span.partition("-")
    start = 0 if low == "*" else _number(low)
    end = 6 if low == "*" else _number(high) if dash else (6 if slash else start)
    # `fri-sun`: Sunday is also 7.
    end = 7 if dash and end == 0 and start > 0 else end
    yield from range(start, end + 1, int(step) if slash else 1)


def _number(name: str) -> int:
    return int(name) if name.isdecimal() else _DAYS.index(name.upper())
