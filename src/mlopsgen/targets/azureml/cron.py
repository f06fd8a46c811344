"""Cron lines as schedules of Azure ML.

Its cron has minutes, hours and weekdays; days of the month and months it ignores (reference-yaml-schedule:
"DAYS and MONTH … treated as *"), so those become a recurrence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class NotSayable(Exception):
    """Azure ML has no words for these times; the message says why."""


def trigger(line: str) -> Mapping[str, Any]:
    """`{type: cron, …}` or `{type: recurrence, …}` without the time zone; raises NotSayable."""
    minute, hour, day, month, weekday = line.split()
    if month != "*":
        raise NotSayable("a schedule of Azure ML knows no months")
    if day == "*":
        return {"type": "cron", "expression": f"{minute} {hour} * * {_weekdays(weekday)}"}
    if weekday != "*":
        raise NotSayable("it names days of the month and days of the week: a schedule takes one of the two")
    days = _numbers(day, 1, 31)
    if days[-1] > 28:
        raise NotSayable("a schedule of Azure ML leaves out months that have no such day")
    pattern = {"hours": _numbers(hour, 0, 23), "minutes": _numbers(minute, 0, 59), "month_days": days}
    return {"type": "recurrence", "frequency": "month", "interval": 1, "schedule": pattern}


def _weekdays(field: str) -> str:
    if field == "*":
        return "*"
    lowered = field.lower()
    for number, name in enumerate(_DAYS):
        lowered = lowered.replace(name, str(number))
    found = sorted({n % 7 for n in _numbers(lowered, 0, 7)})
    return "*" if len(found) == 7 else ",".join(map(str, found))


def _numbers(field: str, first: int, last: int) -> list[int]:
    found: set[int] = set()
    for item in field.split(","):
        span, slash, step = item.partition("/")
        low, dash, high = span.partition("-")
        start = first if low == "*" else int(low)
        end = last if low == "*" or (slash and not dash) else int(high) if dash else start
        # `fri-sun`: Sunday is also 7.
        end = last if last == 7 and dash and end == 0 else end
        found |= set(range(start, end + 1, int(step) if slash else 1))
    return sorted(found)
