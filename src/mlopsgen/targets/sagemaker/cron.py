"""Cron lines of five fields in the six fields of EventBridge Scheduler.

Source: scheduler/latest/UserGuide/schedule-types.html. Two things differ beside the year: days of
the week count from 1 for Sunday, and one of the two day fields has to be `?`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


class NotSayable(ValueError):
    """A cron line that EventBridge has no words for; the message says why."""


def six_fields(line: str) -> str:
    """The same times as `cron(…)`; raises NotSayable where there is no such expression."""
    minute, hour, day, month, weekday = line.split()
    named = weekdays(weekday)
    if named == "*":
        fields = (_stepped(day, 1, 31), _months(month), "?")
    elif day == "*":
        fields = ("?", _months(month), named)
    else:
        raise NotSayable(
            "it names days of the month and days of the week: EventBridge can be given one of the two alone"
        )
    return f"cron({_stepped(minute, 0, 59)} {_stepped(hour, 0, 23)} {' '.join(fields)} *)"


def _stepped(field: str, first: int, last: int) -> str:
    """`*/15` and `3/15` start at a number there, and `*` stays itself."""
    return ",".join(_step(item, first, last) for item in field.split(","))


def _step(item: str, first: int, last: int) -> str:
    span, slash, step = item.partition("/")
    if not slash:
        return span if span == "*" else "-".join(str(int(n)) for n in span.split("-"))
    low, dash, high = span.partition("-")
    start = first if low == "*" else int(low)
    # `a-b/s` is an everyday line; written out, every reader of cron agrees on what it means.
    if dash or int(step) > last - first:
        end = int(high) if dash else last
        return ",".join(str(n) for n in range(start, end + 1, int(step)))
    return f"{start}/{int(step)}"


def _months(field: str) -> str:
    """Months by number."""
    return _stepped(re.sub("[A-Za-z]{3}", lambda m: str(_MONTHS.index(m[0].upper()) + 1), field), 1, 12)


def weekdays(field: str) -> str:
    """Weekdays by name: `1` is Monday to cron and Sunday to EventBridge."""
    if field == "*":
        return "*"
    found = [n for item in field.split(",") for n in _weekdays(item)]
    kept = sorted({n % 7 for n in found})
    return "*" if len(kept) == 7 else ",".join(_runs(kept))


def _weekdays(item: str) -> Iterator[int]:
    span, slash, step = item.partition("/")
    low, dash, high = span.partition("-")
    start = 0 if low == "*" else _weekday(low)
    end = 6 if low == "*" else _weekday(high) if dash else (6 if slash else start)
    # `fri-sun`: Sunday is also 7.
    end = 7 if dash and end == 0 and start > 0 else end
    yield from range(start, end + 1, int(step) if slash else 1)


def _weekday(name: str) -> int:
    return int(name) if name.isdecimal() else _DAYS.index(name.upper())


def _runs(days: list[int]) -> Iterator[str]:
    """Three days or more in a row as a range."""
    start = 0
    for position in range(1, len(days) + 1):
        if position < len(days) and days[position] == days[position - 1] + 1:
            continue
        run = days[start:position]
        yield from ([f"{_DAYS[run[0]]}-{_DAYS[run[-1]]}"] if len(run) > 2 else (_DAYS[n] for n in run))
        start = position
