"""Rules for schedules: a clock that exists, a job that lies in the folder, inputs that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.nearest import nearest
from mlopsgen.targets.azureml.judge.folder import PIPELINE, SCHEDULE, Folder
from mlopsgen.targets.azureml.judge.pipeline import a_map, bindings
from mlopsgen.targets.azureml.judge.shapes import kind_of
from mlopsgen.targets.documents import Document, Path
from mlopsgen.targets.rules import rule

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_CRON = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 6),
)
_PART = re.compile(r"(?P<from>\*|\d+|[a-z]{3})(?:-(?P<to>\d+|[a-z]{3}))?(?:/(?P<step>\d+))?", re.ASCII | re.IGNORECASE)


def cron_problems(expression: str) -> Iterator[str]:
    """What is wrong with a cron expression."""
    fields = expression.split()
    if len(fields) != len(_CRON):
        yield f"cron takes five fields: minute, hour, day of the month, month, day of the week; these are {len(fields)}"
        return
    for text, (name, least, most) in zip(fields, _CRON, strict=True):
        for part in text.split(","):
            wrong = _cron_part(part, name, least, most)
            if wrong is not None:
                yield wrong
    for text, (name, *_) in zip(fields[2:4], _CRON[2:4], strict=True):
        if text != "*":
            yield f"the service does not read the {name}: `{text}` would mean `*`"


def _cron_part(text: str, name: str, least: int, most: int) -> str | None:
    match = _PART.fullmatch(text)
    if match is None or (match["from"] == "*" and match["to"]):
        return f"`{text}` is no {name}"
    ends = [_cron_number(end, name) for end in (match["from"], match["to"]) if end not in (None, "*")]
    if any(end is None or not least <= end <= most for end in ends):
        return f"`{text}` is no {name}: {least} to {most}"
    if len(ends) == 2 and (ends[0] or 0) > (ends[1] or 0):
        return f"`{text}` goes backwards"
    return f"`{text}` never comes" if match["step"] is not None and int(match["step"]) == 0 else None


def _cron_number(text: str, name: str) -> int | None:
    if text.isdecimal():
        return int(text)
    return _DAYS.index(text.lower()) if name == "day of the week" and text.lower() in _DAYS else None


_ZONES = """
    AUS Central Standard Time, AUS Eastern Standard Time, Afghanistan Standard Time, Alaskan Standard Time, Aleutian
    Standard Time, Altai Standard Time, Arab Standard Time, Arabian Standard Time, Arabic Standard Time, Argentina
    Standard Time, Astrakhan Standard Time, Atlantic Standard Time, Aus Central W. Standard Time, Azerbaijan
    Standard Time, Azores Standard Time, Bahia Standard Time, Bangladesh Standard Time, Belarus Standard Time,
    Bougainville Standard Time, Canada Central Standard Time, Cape Verde Standard Time, Caucasus Standard Time, Cen.
    Australia Standard Time, Central America Standard Time, Central Asia Standard Time, Central Brazilian Standard
    Time, Central Europe Standard Time, Central European Standard Time, Central Pacific Standard Time, Central
    Standard Time, Central Standard Time (Mexico), Chatham Islands Standard Time, China Standard Time, Cuba Standard
    Time, Dateline Standard Time, E. Africa Standard Time, E. Australia Standard Time, E. Europe Standard Time, E.
    South America Standard Time, Easter Island Standard Time, Eastern Standard Time, Eastern Standard Time (Mexico),
    Egypt Standard Time, Ekaterinburg Standard Time, FLE Standard Time, Fiji Standard Time, GMT Standard Time, GTB
    Standard Time, Georgian Standard Time, Greenland Standard Time, Greenwich Standard Time, Haiti Standard Time,
    Hawaiian Standard Time, India Standard Time, Iran Standard Time, Israel Standard Time, Jordan Standard Time,
    Kaliningrad Standard Time, Kamchatka Standard Time, Korea Standard Time, Libya Standard Time, Line Islands
    Standard Time, Lord Howe Standard Time, Magadan Standard Time, Marquesas Standard Time, Mauritius Standard Time,
    Mid-Atlantic Standard Time, Middle East Standard Time, Montevideo Standard Time, Morocco Standard Time, Mountain
    Standard Time, Mountain Standard Time (Mexico), Myanmar Standard Time, N. Central Asia Standard Time, Namibia
    Standard Time, Nepal Standard Time, New Zealand Standard Time, Newfoundland Standard Time, Norfolk Standard
    Time, North Asia East Standard Time, North Asia Standard Time, North Korea Standard Time, Pacific SA Standard
    Time, Pacific Standard Time, Pacific Standard Time (Mexico), Pakistan Standard Time, Paraguay Standard Time,
    Romance Standard Time, Russia Time Zone 10, Russia Time Zone 11, Russia Time Zone 3, Russian Standard Time, SA
    Eastern Standard Time, SA Pacific Standard Time, SA Western Standard Time, SE Asia Standard Time, Saint Pierre
    Standard Time, Sakhalin Standard Time, Samoa Standard Time, Singapore Standard Time, South Africa Standard Time,
    Sri Lanka Standard Time, Syria Standard Time, Taipei Standard Time, Tasmania Standard Time, Tocantins Standard
    Time, Tokyo Standard Time, Tomsk Standard Time, Tonga Standard Time, Transbaikal Standard Time, Turkey Standard
    Time, Turks And Caicos Standard Time, US Eastern Standard Time, US Mountain Standard Time, UTC, UTC+12, UTC-02,
    UTC-08, UTC-09, UTC-11, Ulaanbaatar Standard Time, Venezuela Standard Time, Vladivostok Standard Time, W.
    Australia Standard Time, W. Central Africa Standard Time, W. Europe Standard Time, W. Mongolia Standard Time,
    West Asia Standard Time, West Bank Standard Time, West Pacific Standard Time, Yakutsk Standard Time
"""
ZONES = frozenset(" ".join(name.split()) for name in _ZONES.split(","))


_SCHEDULES = "Azure ML documentation, schedule machine learning pipeline jobs"


@rule("clock", _SCHEDULES + ": DAYS and MONTHS are treated as *")
def clock(d: Document) -> Iterator[Diagnostic]:
    """Cron that the service reads, in a time zone that it knows by its Windows name."""
    trigger = a_map(a_map(d.data).get("trigger"))
    expression, zone = trigger.get("expression"), trigger.get("time_zone")
    if isinstance(expression, str):
        for wrong in cron_problems(expression):
            yield d.finding("MG439", wrong, ("trigger", "expression"))
    if isinstance(zone, str) and zone not in ZONES:
        near = nearest(zone, ZONES)
        hint = f"did you mean `{near}`?" if near else "Windows names, such as `W. Europe Standard Time` or `UTC`"
        yield d.finding("MG433", f"there is no time zone `{zone}`", ("trigger", "time_zone"), hint)


@rule("moments", _SCHEDULES)
def moments(d: Document) -> Iterator[Diagnostic]:
    """A start and an end are moments, in this order."""
    trigger = a_map(a_map(d.data).get("trigger"))
    times: dict[str, datetime] = {}
    for key in ("start_time", "end_time"):
        text = trigger.get(key)
        if not isinstance(text, str):
            continue
        try:
            times[key] = datetime.fromisoformat(text).replace(tzinfo=None)
        except ValueError:
            yield d.finding("MG433", f"`{text}` is no moment: 2026-12-31T23:59:59", ("trigger", key))
    if len(times) == 2 and times["start_time"] >= times["end_time"]:
        yield d.finding("MG433", "it ends before it starts", ("trigger", "end_time"))


@rule("recurrence", _SCHEDULES + ": week_days go with weeks, month_days with months")
def recurrence(d: Document) -> Iterator[Diagnostic]:
    """Days of the week are said of weeks, days of the month of months."""
    trigger = a_map(a_map(d.data).get("trigger"))
    pattern = a_map(trigger.get("schedule"))
    frequency = trigger.get("frequency")
    for key, unit in (("week_days", "week"), ("month_days", "month")):
        if pattern.get(key) and isinstance(frequency, str) and frequency.lower() != unit:
            message = f"`{key}` belongs to `frequency: {unit}`, not to {frequency}"
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
    document = folder.named(place) if place else None
    if place is None or not folder.has(place):
        files = [document.file for document in folder.of(PIPELINE)]
        hint = f"did you mean {files[0]}?" if files else None
        yield d.finding("MG434", f"there is no file {place or named}", path, hint)
    elif document is None or document[0] != PIPELINE:
        if str(job.get("type", "pipeline")).lower() == "pipeline":
            yield d.finding("MG433", f"{place} is no pipeline job", path)
    elif str(job.get("type", "pipeline")).lower() != "pipeline":
        yield d.finding("MG433", f"{place} is a pipeline job, not {job.get('type')}", ("create_job", "type"))
    else:
        yield from _inputs(d, a_map(document[1].data), a_map(job.get("inputs")))


def _inputs(d: Document, pipeline: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[Diagnostic]:
    declared = a_map(pipeline.get("inputs"))
    for name, value in inputs.items():
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
