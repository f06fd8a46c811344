"""Reads the schedule expressions of EventBridge: cron of six fields, rate, at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 1, 7, _DAYS),
    ("year", 1970, 2199, ()),
)
_RATE = re.compile(r"(\d+) (minutes?|hours?|days?)", re.ASCII)
_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)


def problems(expression: str, *, at: bool) -> Iterator[str]:
    """What is wrong with a schedule expression; `at` says whether a single moment is allowed."""
    match = re.fullmatch(r"(cron|rate|at)\((.*)\)", expression, re.DOTALL)
    if match is None:
        yield "must be `cron(…)` or `rate(…)`" + (" or `at(…)`" if at else "")
    elif match[1] == "cron":
        yield from _cron(match[2])
    elif match[1] == "rate":
        yield from _rate(match[2])
    elif not at:
        yield "a rule takes `cron(…)` or `rate(…)`; `at(…)` is for schedules alone"
    elif not _moment(match[2]):
        yield f"`{match[2]}` is no moment: at(2026-12-31T23:59:59)"


def _rate(text: str) -> Iterator[str]:
    match = _RATE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        yield f"`{text}` is no rate: a number above 0 and minute(s), hour(s) or day(s)"
    elif (int(match[1]) == 1) == match[2].endswith("s"):
        yield f"`{text}`: the unit is singular after 1 and plural after any other number"


def _moment(text: str) -> bool:
    if not _AT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _cron(text: str) -> Iterator[str]:
    fields = text.split()
    if len(fields) != len(_FIELDS):
        yield f"cron takes six fields, the year last; these are {len(fields)}"
        return
    for (name, low, high, words), field in zip(_FIELDS, fields, strict=True):
        for item in field.split(","):
            problem = _item(name, item, low, high, words, alone=item == field)
            if problem:
                yield f"{name}: {problem}"
    if (fields[2] == "?") == (fields[4] == "?"):
        yield "exactly one of day of the month and day of the week must be `?`"


def _item(name: str, item: str, low: int, high: int, words: tuple[str, ...], *, alone: bool) -> str | None:
    day, weekday = name == "day of the month", name == "day of the week"
    if item == "?" and (day or weekday):
        return None if alone else "`?` stands alone"
    if (day and re.fullmatch(r"L(-\d{1,2})?|LW", item)) or (weekday and item == "L"):
        return None
    if day and re.fullmatch(r"\d{1,2}W", item):
        return _number(item[:-1], low, high, words)[1]
    if weekday and "#" in item:
        head, _, nth = item.partition("#")
        ok = nth in ("1", "2", "3", "4", "5") and alone
        return _number(head, low, high, words)[1] or (None if ok else "`#` takes 1 to 5, and stands alone")
    if weekday and item.endswith("L") and item != "L":
        return _number(item[:-1], low, high, words)[1]
    return _span(item, low, high, words)


def _span(item: str, low: int, high: int, words: tuple[str, ...]) -> str | None:
    span, slash, step = item.partition("/")
    if slash and not (step.isdecimal() and 1 <= int(step) <= high):
        return f"`{step}` is no step"
    if span == "*":
        return None
    first, dash, last = span.partition("-")
    start, problem = _number(first, low, high, words)
    if problem or not dash:
        return problem
    end, problem = _number(last, low, high, words)
    return problem or (f"`{span}` runs backwards" if end < start and not words else None)


def _number(text: str, low: int, high: int, words: tuple[str, ...]) -> tuple[int, str | None]:
    if text.upper() in words:
        return words.index(text.upper()) + low, None
    if text.isdecimal() and text.isascii() and low <= int(text) <= high:
        return int(text), None
    some = f", or {words[0]} to {words[-1]}" if words else ""
    return 0, f"`{text}` is none of {low} to {high}{some}"
