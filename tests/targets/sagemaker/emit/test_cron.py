"""Cron lines of a spec and EventBridge's: the same minutes, proved by asking both."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest

from mlopsgen.targets.sagemaker.triggers import NotSayable, six_fields

DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def matches(field: str, value: int, first: int, last: int, names: dict[str, int]) -> bool:
    """One field of any cron: lists, ranges, steps."""
    return any(value in span(item, first, last, names) for item in field.split(","))


def span(item: str, first: int, last: int, names: dict[str, int]) -> range:
    body, slash, step = item.partition("/")
    low, dash, high = body.partition("-")
    if low in ("*", "?"):
        start, end = first, last
    else:
        start = names.get(low.upper(), -1) if not low.isdigit() else int(low)
        end = (names.get(high.upper(), -1) if not high.isdigit() else int(high)) if dash else (last if slash else start)
        end = 7 if dash and last == 7 and end == 0 else end
    return range(start, end + 1, int(step or 1))


MONTHS = {"JAN": 1, "FEB": 2, "MAR": 3}


def unix(line: str, at: datetime) -> bool:
    minute, hour, day, month, weekday = line.split()
    names = {name: n for n, name in enumerate(DAYS)}
    today = at.isoweekday() % 7
    on_day = matches(day, at.day, 1, 31, {})
    on_weekday = matches(weekday, today, 0, 7, names) or (today == 0 and matches(weekday, 7, 0, 7, names))
    either = (
        (on_day or on_weekday) if not day.startswith("*") and not weekday.startswith("*") else on_day and on_weekday
    )
    clock = matches(minute, at.minute, 0, 59, {}) and matches(hour, at.hour, 0, 23, {})
    return clock and matches(month, at.month, 1, 12, MONTHS) and either


def eventbridge(expression: str, at: datetime) -> bool:
    minute, hour, day, month, weekday, year = expression.removeprefix("cron(").removesuffix(")").split()
    assert (day == "?") != (weekday == "?")
    assert year == "*"
    names = {name: n for n, name in enumerate(DAYS, 1)}
    today = at.isoweekday() % 7 + 1
    on = matches(weekday, today, 1, 7, names) if day == "?" else matches(day, at.day, 1, 31, {})
    clock = matches(minute, at.minute, 0, 59, {}) and matches(hour, at.hour, 0, 23, {})
    return clock and matches(month, at.month, 1, 12, MONTHS) and on


LINES = [
    " ".join(fields)
    for fields in itertools.product(
        ("0", "*/20", "5-40/15"),
        ("3", "*/7", "22-23,1"),
        ("*", "1", "*/9", "28-31"),
        ("*", "2", "jan-mar", "*/5"),
        ("*",),
    )
]
LINES += [
    f"30 6 * * {day}" for day in ("0", "7", "1", "mon", "mon-fri", "1-5", "fri-sun", "5-7", "*/2", "sat,sun", "0-6")
]


@pytest.mark.parametrize("line", LINES)
def test_both_mean_the_same_minutes(line: str) -> None:
    expression = six_fields(line)
    at = datetime(2026, 1, 1)  # noqa: DTZ001 (a wall clock, whatever zone)
    while at < datetime(2027, 4, 1):  # noqa: DTZ001
        assert unix(line, at) == eventbridge(expression, at), (line, expression, at)
        at += timedelta(hours=13, minutes=5)
    for hour, minute in itertools.product(range(24), range(0, 60, 5)):
        at = datetime(2026, 2, 28, hour, minute)  # noqa: DTZ001
        assert unix(line, at) == eventbridge(expression, at), (line, expression, at)


def test_as_people_write_it() -> None:
    assert six_fields("0 2 * * 1") == "cron(0 2 ? * MON *)"
    assert six_fields("*/15 8-18 * * mon-fri") == "cron(0/15 8-18 ? * MON-FRI *)"
    assert six_fields("0 3 1 * *") == "cron(0 3 1 * ? *)"
    assert six_fields("05 03 * * *") == "cron(5 3 * * ? *)"


@pytest.mark.parametrize("line", ["0 2 1 * 1", "0 2 */2 * 1", "0 2 1-7 * mon"])
def test_either_of_two_days_cannot_be_said(line: str) -> None:
    with pytest.raises(NotSayable):
        six_fields(line)
