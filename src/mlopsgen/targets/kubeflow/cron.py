"""Cron lines of five fields in the six fields of Kubeflow Pipelines: seconds come first.

Source: github.com/robfig/cron v1, which its ScheduledWorkflow controller parses them with. Sunday is 0 and
never 7 there, and a range must not go over the end of the week, so lists of weekdays are written out.
"""

from __future__ import annotations

from collections.abc import Iterator

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
