"""Faults in schedules: when something starts, and what."""

from __future__ import annotations

from .seed import Absent, Doc, Faults, Seeded, at, drop, put, rename

faults = Faults()


def schedule(b: Seeded, kind: str | None = None) -> Doc:
    for _, found in b.all("schedule"):
        if kind in (None, at(found, "trigger", "type")):
            return found
    raise Absent(kind)


def cron(b: Seeded, text: str) -> None:
    put(schedule(b, "cron")["trigger"], "expression", text)


def created(b: Seeded) -> Doc:
    for _, found in b.all("schedule"):
        if isinstance(found.get("create_job"), dict):
            job: Doc = found["create_job"]
            return job
    raise Absent


@faults("rename", 430)
def typo_in_the_trigger(b: Seeded) -> None:
    rename(schedule(b, "cron")["trigger"], "time_zone", "timezone")


@faults("rename", 430)
def typo_in_a_schedule(b: Seeded) -> None:
    rename(schedule(b), "create_job", "create_jobs")


@faults("rename", 430)
def typo_in_the_job_of_a_schedule(b: Seeded) -> None:
    created(b)["experiment"] = "weekly"


@faults("rename", 430)
def cron_by_its_plain_name(b: Seeded) -> None:
    rename(schedule(b, "cron")["trigger"], "expression", "cron")


@faults("rename", 430)
def week_days_by_their_plain_name(b: Seeded) -> None:
    rename(at(schedule(b, "recurrence"), "trigger", "schedule"), "week_days", "days")


@faults("delete", 432)
def schedule_without_a_name(b: Seeded) -> None:
    drop(schedule(b), "name")


@faults("delete", 432)
def schedule_without_a_trigger(b: Seeded) -> None:
    drop(schedule(b), "trigger")


@faults("delete", 432)
def schedule_without_a_job(b: Seeded) -> None:
    drop(schedule(b), "create_job")


@faults("delete", 432)
def trigger_without_type(b: Seeded) -> None:
    drop(schedule(b)["trigger"], "type")


@faults("delete", 432)
def cron_without_expression(b: Seeded) -> None:
    drop(schedule(b, "cron")["trigger"], "expression")


@faults("delete", 432)
def recurrence_without_interval(b: Seeded) -> None:
    drop(schedule(b, "recurrence")["trigger"], "interval")


@faults("delete", 432)
def recurrence_without_frequency(b: Seeded) -> None:
    drop(schedule(b, "recurrence")["trigger"], "frequency")


@faults("delete", 432)
def job_of_a_schedule_without_its_file(b: Seeded) -> None:
    drop(created(b), "job")


@faults("delete", 432)
def cron_in_a_time_zone_that_is_not_said(b: Seeded) -> None:
    drop(schedule(b, "cron")["trigger"], "time_zone")


@faults("retype", 431)
def trigger_as_text(b: Seeded) -> None:
    put(schedule(b), "trigger", "0 2 * * 1")


@faults("retype", 431)
def interval_as_words(b: Seeded) -> None:
    put(schedule(b, "recurrence")["trigger"], "interval", "four")


@faults("retype", 431)
def expression_as_a_list(b: Seeded) -> None:
    put(schedule(b, "cron")["trigger"], "expression", ["0", "2", "*", "*", "1"])


@faults("retype", 431)
def hours_as_words(b: Seeded) -> None:
    put(at(schedule(b, "recurrence"), "trigger", "schedule"), "hours", ["three"])


@faults("semantics", 439)
def cron_with_six_fields(b: Seeded) -> None:
    cron(b, "0 0 2 * * 1")


@faults("semantics", 439)
def cron_with_four_fields(b: Seeded) -> None:
    cron(b, "0 2 * *")


@faults("semantics", 439)
def cron_at_hour_25(b: Seeded) -> None:
    cron(b, "0 25 * * 1")


@faults("semantics", 439)
def cron_at_minute_60(b: Seeded) -> None:
    cron(b, "60 2 * * 1")


@faults("semantics", 439)
def cron_on_day_8(b: Seeded) -> None:
    cron(b, "0 2 * * 8")


@faults("semantics", 439)
def cron_in_words(b: Seeded) -> None:
    cron(b, "every monday")


@faults("semantics", 439)
def cron_as_aws_says_it(b: Seeded) -> None:
    cron(b, "cron(0 2 ? * MON *)")


@faults("semantics", 439)
def cron_with_a_question_mark(b: Seeded) -> None:
    cron(b, "0 2 ? * 1")


@faults("semantics", 439)
def cron_every_nothing(b: Seeded) -> None:
    cron(b, "*/0 2 * * 1")


@faults("semantics", 433)
def cron_every_minute(b: Seeded) -> None:
    cron(b, "* * * * *")


@faults("semantics", 439)
def cron_on_a_day_of_the_month(b: Seeded) -> None:
    """The service ignores both fields: the schedule would run every day."""
    cron(b, "0 2 15 * *")


@faults("semantics", 439)
def cron_in_a_month(b: Seeded) -> None:
    cron(b, "0 2 * 6 *")


@faults("semantics", 433, 439)
def unknown_time_zone(b: Seeded) -> None:
    put(schedule(b, "cron")["trigger"], "time_zone", "Central Europe Time")


@faults("semantics", 433, 439)
def time_zone_of_the_tz_database(b: Seeded) -> None:
    put(schedule(b, "cron")["trigger"], "time_zone", "Europe/Paris")


@faults("semantics", 433)
def unknown_trigger(b: Seeded) -> None:
    put(schedule(b)["trigger"], "type", "interval")


@faults("semantics", 433)
def unknown_frequency(b: Seeded) -> None:
    put(schedule(b, "recurrence")["trigger"], "frequency", "fortnight")


@faults("semantics", 433)
def unknown_week_day(b: Seeded) -> None:
    put(at(schedule(b, "recurrence"), "trigger", "schedule"), "week_days", ["sat"])


@faults("semantics", 433, 437)
def hour_24(b: Seeded) -> None:
    put(at(schedule(b, "recurrence"), "trigger", "schedule"), "hours", [24])


@faults("semantics", 433, 437)
def minute_60(b: Seeded) -> None:
    put(at(schedule(b, "recurrence"), "trigger", "schedule"), "minutes", [60])


@faults("semantics", 433, 437)
def interval_of_nothing(b: Seeded) -> None:
    put(schedule(b, "recurrence")["trigger"], "interval", 0)


@faults("semantics", 433)
def week_days_of_a_daily_recurrence(b: Seeded) -> None:
    put(schedule(b, "recurrence")["trigger"], "frequency", "hour")


@faults("semantics", 433)
def start_that_is_no_time(b: Seeded) -> None:
    schedule(b)["trigger"]["start_time"] = "next monday"


@faults("semantics", 433)
def end_before_the_start(b: Seeded) -> None:
    schedule(b)["trigger"] |= {"start_time": "2026-03-01T00:00:00", "end_time": "2026-01-01T00:00:00"}


@faults("limits", 433)
def name_of_a_schedule_with_a_blank(b: Seeded) -> None:
    put(schedule(b), "name", "every monday")


@faults("limits", 433, 437)
def name_of_a_schedule_too_long(b: Seeded) -> None:
    put(schedule(b), "name", "s" * 256)


@faults("semantics", 436)
def two_schedules_of_one_name(b: Seeded) -> None:
    b.files["schedules/again.yml"] = dict(schedule(b))


@faults("dangle", 434)
def job_of_a_schedule_that_is_not_there(b: Seeded) -> None:
    put(created(b), "job", "../pipelines.yml")


@faults("dangle", 434)
def scheduled_file_that_is_not_there(b: Seeded) -> None:
    put(schedule(b), "create_job", "./nobody.yml")


@faults("dangle", 433, 434)
def scheduled_component(b: Seeded) -> None:
    name = b.all("commandComponent")[0][0]
    put(schedule(b), "create_job", f"../{name}")


@faults("dangle", 434)
def scheduled_input_that_the_pipeline_lacks(b: Seeded) -> None:
    created(b).setdefault("inputs", {})["fold"] = 10


@faults("retype", 431)
def scheduled_input_of_another_type(b: Seeded) -> None:
    job = created(b)
    for name, value in b.pipeline["inputs"].items():
        if isinstance(value, int) and not isinstance(value, bool):
            job.setdefault("inputs", {})[name] = "ten"
            return
    raise Absent


@faults("dangle", 434, 439)
def scheduled_input_that_is_an_expression(b: Seeded) -> None:
    job = created(b)
    name = next(k for k, v in b.pipeline["inputs"].items() if not isinstance(v, dict))
    job.setdefault("inputs", {})[name] = "${{parent.inputs.folds}}"


@faults("semantics", 433)
def scheduled_as_a_command(b: Seeded) -> None:
    put(created(b), "type", "command")


@faults("semantics", 433)
def data_pipeline_of_another_service(b: Seeded) -> None:
    put(created(b), "type", "pipelines")
