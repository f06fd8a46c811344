"""A cron line, read once for every target: which minutes, hours, days, months and weekdays it means.

As cron reads it (crontab(5)): a day counts that is in either of the two day fields, unless one of them begins with a
star. `7` is Sunday, and so is `0`; `3/15` goes on to the end of its field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from mlopsgen.records import dataclass

MONTHS: Mapping[str, int] = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
DAYS: Mapping[str, int] = {name: n for n, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}


@dataclass(frozen=True, slots=True)
class Span:
    """One item of a field."""

    first: int
    last: int
    step: int = 1

    @property
    def numbers(self) -> range:
        """What it holds."""
        return range(self.first, self.last + 1, self.step)


Field: TypeAlias = tuple[Span, ...]
"""The items of a field; none where every number counts."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The times of a cron line; both day fields are filled only where each of them matters."""

    minutes: Field
    hours: Field
    days: Field
    months: Field
    weekdays: tuple[int, ...]
    """From 0 for Sunday; none where every day counts."""


def read_clock(line: str) -> Clock:
    """The times of a line that is right (`cron_problem` says what is not)."""
    minute, hour, day, month, weekday = line.split()
    days, weekdays = _field(day, 1, 31), tuple(sorted(numbers_of(_spans(weekday, 0, 6, DAYS), 7)))
    free = (days == (), len(weekdays) == 7)
    if any(free) and not (starred(day) or starred(weekday)):
        days, weekdays = (), ()
    return Clock(
        minutes=_field(minute, 0, 59),
        hours=_field(hour, 0, 23),
        days=days,
        months=_field(month, 1, 12, MONTHS),
        weekdays=() if len(weekdays) == 7 else weekdays,
    )


def starred(field: str) -> bool:
    """Whether cron asks for both day fields, where one is written like this."""
    return field.startswith("*")


def numbers_of(field: Iterable[Span], modulo: int = 60) -> set[int]:
    """All numbers of a field."""
    return {number % modulo for span in field for number in span.numbers}


def written(field: Field, low: int, high: int) -> str:
    """A field in the words that every cron reads: stars, numbers, ranges, and steps of either over a whole field."""
    return ",".join(item for span in field for item in _item(span, low, high)) or "*"


def five_fields(line: str) -> str:
    """The same line in the words of every reader: Sunday is 0, ranges end where a week does, and names are numbers.

    Days stand by their numbers where weekdays do: a star in one field has some readers ask for a day of both.
    """
    clock = read_clock(line)
    days = ",".join(map(str, sorted(numbers_of(clock.days)))) if clock.weekdays else written(clock.days, 1, 31)
    return " ".join(
        (
            written(clock.minutes, 0, 59),
            written(clock.hours, 0, 23),
            days or "*",
            written(clock.months, 1, 12),
            ",".join(map(str, clock.weekdays)) or "*",
        )
    )


def _item(span: Span, low: int, high: int) -> Iterator[str]:
    if (span.first, span.last) == (low, high):
        yield "*" if span.step == 1 else f"*/{span.step}"
    elif span.step > 1:
        yield from map(str, span.numbers)
    else:
        yield str(span.first) if span.first == span.last else f"{span.first}-{span.last}"


def _field(text: str, low: int, high: int, names: Mapping[str, int] | None = None) -> Field:
    spans = tuple(_spans(text, low, high, names or {}))
    return () if len(numbers_of(spans)) == high - low + 1 else spans


def _spans(text: str, low: int, high: int, names: Mapping[str, int]) -> Iterator[Span]:
    for item in text.lower().split(","):
        span, slash, step = item.partition("/")
        start, dash, end = span.partition("-")
        first = low if start == "*" else _number(start, names)
        last = high if start == "*" or (slash and not dash) else _number(end, names) if dash else first
        # `fri-sun`: Sunday is also 7.
        yield Span(first, 7 if dash and last < first else last, int(step) if slash else 1)


def _number(text: str, names: Mapping[str, int]) -> int:
    return int(text) if text.isdecimal() else names[text]
