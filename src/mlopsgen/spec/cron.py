"""Cron lines of five fields and time zones: what is wrong with one, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mlopsgen.spec.clock import DAYS, MONTHS, read_clock, starred

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def cron_problem(line: str) -> str | None:
    """Why a cron line is refused, or None."""
    parts = line.split()
    if len(parts) != len(_FIELDS):
        return f"a cron line has five fields (minute hour day month weekday), this one has {len(parts)}"
    for part, (what, low, high) in zip(parts, _FIELDS, strict=True):
        names: Mapping[str, int] = MONTHS if what == "month" else DAYS if what == "weekday" else {}
        for item in part.split(","):
            if problem := _item_problem(item, what, low, high, names):
                return problem
    return _never(parts) or _ambiguous(line)


def _item_problem(item: str, what: str, low: int, high: int, names: Mapping[str, int]) -> str | None:
    match = re.fullmatch(r"(\*|[0-9]+|[a-z]{3})(?:-([0-9]+|[a-z]{3}))?(?:/([0-9]+))?", item.lower())
    if match is None or (match[1] == "*" and match[2]):
        return f"`{item}` is no {what} of a cron line"
    numbers = [_number(text, names) for text in (match[1], match[2]) if text and text != "*"]
    for number, text in zip(numbers, (match[1], match[2]), strict=False):
        if number is None or not low <= number <= high:
            return f"`{text}` is no {what}: it goes from {low} to {high}"
    if len(numbers) == 2 and (numbers[0] or 0) > (numbers[1] or 0) and (numbers[1] != 0 or what != "weekday"):
        return f"`{item}` runs backwards: write the smaller {what} first"
    if match[3] and int(match[3]) == 0:
        return f"`{item}` steps by 0: a step is at least 1"
    return None


def _number(text: str, names: Mapping[str, int]) -> int | None:
    return int(text) if text.isdecimal() else names.get(text)


def _never(parts: list[str]) -> str | None:
    """A day that none of the months has never comes; cron itself would just wait."""
    day, month, weekday = parts[2], parts[3].lower(), parts[4]
    if weekday != "*" or not day.isdecimal() or not re.fullmatch(r"[0-9a-z]+(,[0-9a-z]+)*", month):
        return None
    months = [_number(item, MONTHS) or 1 for item in month.split(",")]
    if all(int(day) > _DAYS_OF_MONTH[number - 1] for number in months):
        return f"day {day} of month {parts[3]} never comes"
    return None


def _ambiguous(line: str) -> str | None:
    """Cron takes a day of both fields where one begins with a star; others, as robfig/cron 3, a day of either."""
    _, _, day, _, weekday = line.split()
    clock = read_clock(line)
    if not (clock.days and clock.weekdays) or not (starred(day) or starred(weekday)):
        return None
    field = day if starred(day) else weekday
    return f"`{field}` beside another field of days: some take a day of both, some of either; write its numbers out"


def timezone_problem(name: str) -> str | None:
    """Why a time zone is refused, or None."""
    if name == "UTC":
        return None
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return f"`{name}` is not a time zone: write a name such as `Europe/Paris` or `UTC`" if _have_zones() else None
    return None


def _have_zones() -> bool:
    """A machine without a time zone database cannot tell right from wrong, and does not try."""
    import zoneinfo

    try:
        zoneinfo.ZoneInfo("Europe/Paris")
    except zoneinfo.ZoneInfoNotFoundError:
        return False
    return True
