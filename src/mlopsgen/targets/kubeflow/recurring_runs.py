"""What starts a run: schedules of Kubeflow Pipelines. Nothing in a cluster tells when files arrive.

A cron line has six fields there, seconds first (github.com/robfig/cron v1, which its ScheduledWorkflow controller
parses them with).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from mlopsgen.plan.services import Batch
from mlopsgen.plan.steps import OnInvoke, OnNewData, OnSchedule
from mlopsgen.spec.clock import five_fields
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
                yield recurring_run(context, facts, trigger, trigger.cron)
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


def recurring_run(context: Context, facts: Facts, clock: OnSchedule | Batch, cron: str) -> RecurringRun:
    """What starts runs at the times of a cron line."""
    _check_zone(context, facts, clock)
    return RecurringRun(
        trigger=clock.name,
        name=f"{facts.plan.name}-{clock.name}",
        description=f"{cron} ({clock.timezone})",
        namespace=facts.options.namespace,
        service_account=facts.run_account,
        cron=six_fields(cron),
    )


def _check_zone(context: Context, facts: Facts, trigger: OnSchedule | Batch) -> None:
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


def six_fields(line: str) -> str:
    """The same times, with the second 0 before them."""
    return f"0 {five_fields(line)}"
