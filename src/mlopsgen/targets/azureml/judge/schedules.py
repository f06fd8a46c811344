"""Rules for schedules: a clock that exists, a job that lies in the folder, inputs that it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.nearest import nearest
from mlopsgen.targets.azureml.judge.bindings import bindings
from mlopsgen.targets.azureml.judge.clock import problems
from mlopsgen.targets.azureml.judge.folder import PIPELINE, SCHEDULE, Folder
from mlopsgen.targets.azureml.judge.literals import kind_of
from mlopsgen.targets.azureml.judge.pipeline import a_map
from mlopsgen.targets.azureml.judge.zones import ZONES
from mlopsgen.targets.documents import Document, Path
from mlopsgen.targets.rules import rule

_SCHEDULES = "Azure ML documentation, schedule machine learning pipeline jobs"


@rule("clock", _SCHEDULES + ": DAYS and MONTHS are treated as *")
def clock(d: Document) -> Iterator[Diagnostic]:
    """Cron that the service reads, in a time zone that it knows by its Windows name."""
    trigger = a_map(a_map(d.data).get("trigger"))
    expression, zone = trigger.get("expression"), trigger.get("time_zone")
    if isinstance(expression, str):
        for wrong in problems(expression):
            yield d.finding("MG439", wrong, ("trigger", "expression"))
    if isinstance(zone, str) and zone not in ZONES:
        near = nearest(zone, ZONES)
        hint = f"did you mean `{near}`?" if near else "Windows names, such as `W. Europe Standard Time` or `UTC`"
        yield d.finding("MG433", f"there is no time zone `{zone}`", ("trigger", "time_zone"), hint)


@rule("moments", _SCHEDULES)
def moments(d: Document) -> Iterator[Diagnostic]:
    """A start and an end are moments, in this order."""
    trigger = a_map(a_map(d.data).get("trigger"))
    found: dict[str, datetime] = {}
    for key in ("start_time", "end_time"):
        text = trigger.get(key)
        if not isinstance(text, str):
            continue
        try:
            found[key] = datetime.fromisoformat(text).replace(tzinfo=None)
        except ValueError:
            yield d.finding("MG433", f"`{text}` is no moment: 2026-12-31T23:59:59", ("trigger", key))
    if len(found) == 2 and found["start_time"] >= found["end_time"]:
        yield d.finding("MG433", "it ends before it starts", ("trigger", "end_time"))


@rule("recurrence", _SCHEDULES + ": week_days go with weeks, month_days with months")
def recurrence(d: Document) -> Iterator[Diagnostic]:
    """Days of the week are said of weeks, days of the month of months."""
    trigger = a_map(a_map(d.data).get("trigger"))
    pattern = a_map(trigger.get("schedule"))
    frequency = trigger.get("frequency")
    for key, wanted in (("week_days", "week"), ("month_days", "month")):
        if pattern.get(key) and isinstance(frequency, str) and frequency.lower() != wanted:
            message = f"`{key}` belongs to `frequency: {wanted}`, not to {frequency}"
            yield d.finding("MG433", message, ("trigger", "schedule", key))


@rule("created", _SCHEDULES)
def created(folder: Folder) -> Iterator[Diagnostic]:
    """A schedule starts a pipeline of the folder, with inputs that it has."""
    for document in folder.of(SCHEDULE):
        data = a_map(document.data)
        if folder.ours and "time_zone" not in a_map(data.get("trigger")) and "trigger" in data:
            yield document.finding("MG432", "say `time_zone`: without one it is UTC, which nobody sees", ("trigger",))
        job = data.get("create_job")
        if isinstance(job, str):
            yield from _file(folder, document, ("create_job",), job, {})
        elif isinstance(job, dict) and isinstance(job.get("job"), str):
            yield from _file(folder, document, ("create_job", "job"), job["job"], job)


def _file(folder: Folder, d: Document, path: Path, named: str, job: Mapping[str, Any]) -> Iterator[Diagnostic]:
    if named.startswith("azureml:"):
        return
    place = folder.lead(d, named)
    found = folder.named(place) if place else None
    if place is None or not folder.has(place):
        files = [document.file for document in folder.of(PIPELINE)]
        hint = f"did you mean {files[0]}?" if files else None
        yield d.finding("MG434", f"there is no file {place or named}", path, hint)
    elif found is None or found[0] != PIPELINE:
        if str(job.get("type", "pipeline")).lower() == "pipeline":
            yield d.finding("MG433", f"{place} is no pipeline job", path)
    elif str(job.get("type", "pipeline")).lower() != "pipeline":
        yield d.finding("MG433", f"{place} is a pipeline job, not {job.get('type')}", ("create_job", "type"))
    else:
        yield from _inputs(d, a_map(found[1].data), a_map(job.get("inputs")))


def _inputs(d: Document, pipeline: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[Diagnostic]:
    declared = a_map(pipeline.get("inputs"))
    for name, value in given.items():
        path = ("create_job", "inputs", name)
        if name not in declared:
            near = nearest(name, declared)
            hint = f"did you mean `{near}`?" if near else None
            yield d.finding("MG434", f"the pipeline has no input `{name}`", path, hint)
        elif isinstance(value, str) and list(bindings(value)) and not value.startswith("${{creation_context."):
            yield d.finding("MG439", f"`{value}` is nothing that a schedule knows", path)
        elif _other_kind(declared[name], value):
            yield d.finding("MG431", f"`{name}` is `{declared[name]}` in the pipeline, `{value}` here", path)


def _other_kind(default: Any, value: Any) -> bool:
    old, new = kind_of(default), kind_of(value)
    if isinstance(old, tuple) != isinstance(new, tuple) or not isinstance(old, tuple) or not isinstance(new, tuple):
        return isinstance(old, tuple) != isinstance(new, tuple)
    numbers = isinstance(old[0], int | float) and not isinstance(old[0], bool)
    return numbers and not isinstance(new[0], int | float)


@rule("seldom", "a pipeline takes longer than a minute")
def seldom(d: Document) -> Iterator[Diagnostic]:
    """No pipeline starts every minute."""
    trigger = a_map(a_map(d.data).get("trigger"))
    fields = str(trigger.get("expression", "")).split()
    if len(fields) == 5 and fields[0] in ("*", "*/1"):
        message = "this starts a pipeline every minute"
        yield d.finding("MG433", message, ("trigger", "expression"), severity=Severity.WARNING)
