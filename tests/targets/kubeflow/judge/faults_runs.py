"""Faults in requests of recurring runs."""

from __future__ import annotations

from tests.targets.ir.judge.seed import Faults, Seeded, place

faults = Faults()
RUN = "trigger+display_name"

faults.renames(
    RUN,
    {
        "/trigger": "triggers",
        "trigger.cron_schedule": "cron",
        "cron_schedule.cron": "schedule",
        "/runtime_config": "config",
        "runtime_config.parameters": "params",
        "/max_concurrency": "concurrency",
        "/service_account": "account",
        "/display_name": "job_name",
        "/mode": "state",
    },
    *(430, 432),
)
faults.retypes(
    RUN,
    [
        ("cron_schedule.cron", "0 2 * * 1"),
        ("cron_schedule.cron", "0 0 25 * * 1"),
        ("cron_schedule.cron", 5),
        ("/trigger", {}),
        ("/max_concurrency", "many"),
        ("/max_concurrency", "0"),
        ("/no_catchup", "yes"),
        ("/mode", "ON"),
        ("/namespace", "other"),
        ("parameters.min_accuracy", "much"),
        ("/runtime_config", []),
    ],
    *(431, 433, 439, 432),
)
faults.deletes(RUN, "cron_schedule.cron", "/trigger", "/display_name", "/max_concurrency")
faults.dangles(RUN, "/service_account")


@faults("dangle", 434)
def value_of_a_recurring_run_for_an_unknown_parameter(b: Seeded) -> None:
    place(b.named(RUN), "runtime_config.parameters")[0]["parameters"]["min_acuracy"] = 0.9
