"""A cron line starts runs at the same moments on every platform, or the platform is said to have no words for it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlopsgen.spec.clock import five_fields
from mlopsgen.spec.cron import cron_problem
from mlopsgen.targets.azureml import triggers as azureml
from mlopsgen.targets.azureml.timezones import windows_name
from mlopsgen.targets.azureml.timezones import zones_by_windows_name as rows
from mlopsgen.targets.kubeflow.recurring_runs import six_fields as kubeflow
from mlopsgen.targets.sagemaker import triggers as sagemaker

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
ZONES = ("UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca")
START = date(2026, 3, 1)


@dataclass(frozen=True)
class Times:
    """Which minutes, hours and days somebody makes of an expression."""

    minutes: Collection[int]
    hours: Collection[int]
    on: Callable[[date], bool]

    def next(self, zone: str, count: int = 50) -> list[datetime]:
        """The next moments, through two changes of the clocks; a line may name a day that comes in leap years only."""
        return list(itertools.islice(self._moments(ZoneInfo(zone)), count))

    def _moments(self, zone: ZoneInfo) -> Iterator[datetime]:
        clock = [time(hour, minute) for hour in sorted(self.hours) for minute in sorted(self.minutes)]
        for number in range(9 * 366):
            day = START + timedelta(days=number)
            if self.on(day):
                yield from (datetime.combine(day, at, zone).astimezone(UTC) for at in clock)


def numbers(field: str, low: int, high: int, names: tuple[str, ...] = (), first: int = 0) -> set[int]:
    """A field as crontab(5) has it."""
    found: set[int] = set()
    for item in field.lower().split(","):
        body, slash, step = item.partition("/")
        start, dash, end = (str(names.index(part) + first) if part in names else part for part in body.partition("-"))
        begin = low if start in ("*", "?") else int(start)
        until = high if start in ("*", "?") or (slash and not dash) else int(end) if dash else begin
        found |= set(range(begin, (7 if dash and until < begin else until) + 1, int(step or 1)))
    return found


def weekday(day: date) -> int:
    return day.isoweekday() % 7


def unix(line: str) -> Times:
    """crontab(5): if both fields are restricted (do not start with *), a day of either counts."""
    minute, hour, day, month, week = line.split()
    days, weekdays = numbers(day, 1, 31), {n % 7 for n in numbers(week, 0, 6, DAYS)}
    months = numbers(month, 1, 12, MONTHS, 1)
    both = day.startswith("*") or week.startswith("*")

    def on(at: date) -> bool:
        found = (at.day in days, weekday(at) in weekdays)
        return at.month in months and (all(found) if both else any(found))

    return Times(numbers(minute, 0, 59), numbers(hour, 0, 23), on)


def eventbridge(expression: str) -> Times:
    """scheduler/latest/UserGuide/schedule-types.html: six fields, Sunday is 1, one of the fields of days is `?`."""
    minute, hour, day, month, week, year = expression.removeprefix("cron(").removesuffix(")").split()
    assert (day == "?") != (week == "?")
    assert year == "*"
    days, weekdays = numbers(day, 1, 31), numbers(week, 1, 7, DAYS, 1)
    months = numbers(month, 1, 12, MONTHS, 1)
    return Times(
        numbers(minute, 0, 59),
        numbers(hour, 0, 23),
        lambda at: at.month in months and at.day in days and weekday(at) + 1 in weekdays,
    )


def robfig(line: str, *, step_is_a_star: bool) -> Times:
    """robfig/cron, parser.go and spec.go: `*/2` keeps the bit of a star in version 1, and loses it in version 3."""
    second, minute, hour, day, month, week = line.split()
    assert second == "0"
    assert not set(line) & set("?LW#")

    def star(field: str) -> bool:
        return any(item == "*" or (step_is_a_star and item.startswith("*")) for item in field.split(","))

    days, weekdays, months = numbers(day, 1, 31), numbers(week, 0, 6), numbers(month, 1, 12)
    assert weekdays <= set(range(7))

    def on(at: date) -> bool:
        found = (at.day in days, weekday(at) in weekdays)
        return at.month in months and (all(found) if star(day) or star(week) else any(found))

    return Times(numbers(minute, 0, 59), numbers(hour, 0, 23), on)


def of_azure(trigger: dict[str, object]) -> Times:
    """reference-yaml-schedule: cron has minutes, hours and weekdays; a recurrence by month has days from 1 to 28."""
    if trigger["type"] == "cron":
        minute, hour, day, month, week = str(trigger["expression"]).split()
        assert (day, month) == ("*", "*")
        weekdays = numbers(week, 0, 6)
        return Times(numbers(minute, 0, 59), numbers(hour, 0, 23), lambda at: weekday(at) in weekdays)
    pattern = trigger["schedule"]
    assert isinstance(pattern, dict)
    assert (trigger["frequency"], trigger["interval"]) == ("month", 1)
    assert max(pattern["month_days"]) <= 28, "months without such a day are left out"
    return Times(pattern["minutes"], pattern["hours"], lambda at: at.day in pattern["month_days"])


def items(low: int, high: int, names: tuple[str, ...] = (), first: int = 0) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high)
    word = st.sampled_from(names) if names else st.nothing()
    one = numbers.map(str) | word
    span = st.tuples(numbers, numbers).map(lambda pair: "{}-{}".format(*sorted(pair)))
    step = st.integers(1, high)
    stepped = st.builds("{}/{}".format, st.just("*") | numbers.map(str) | span, step)
    return st.lists(st.just("*") | one | span | stepped, min_size=1, max_size=3).map(",".join)


LINES = st.one_of(
    st.tuples(items(0, 59), items(0, 23), items(1, 31), items(1, 12, MONTHS), items(0, 7, DAYS)),
    st.tuples(items(0, 59), items(0, 23), items(1, 28), st.just("*"), st.just("*")),
    st.tuples(items(0, 59), items(0, 23), st.just("*"), st.just("*"), items(0, 7, DAYS)),
    st.tuples(st.just("30"), st.just("2"), items(1, 31), st.just("*"), items(0, 6)),
).map(" ".join)
KNOWN = (
    "0 2 * * 1", "*/15 9-17 * * mon-fri", "30 2 29 2 *", "0 0 13 * 5", "0 0 13 * 0-6", "0 0 1-31 * 1",
    "0 0 * * fri-sun", "0 0 * * 1/2", "0 0 31 * *", "30 2,3 * 3,10 sun", "0 0 */2 * *", "0 0 1 jan *",
    "5/20 * * * 7", "0 0 * * */2", "0 0 1-31/2 * 1",
)  # fmt: skip


@pytest.mark.parametrize("line", KNOWN)
def test_a_line_that_people_write_starts_runs_at_its_times_everywhere(line: str) -> None:
    assert cron_problem(line) is None
    same_moments(line, "Europe/Paris")


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(line=LINES, zone=st.sampled_from(ZONES))
def test_a_line_starts_runs_at_the_same_moments_on_every_platform(line: str, zone: str) -> None:
    same_moments(line, zone)


@pytest.mark.soak
@settings(max_examples=3000, deadline=None)
@given(line=LINES, zone=st.sampled_from(ZONES))
def test_many_lines_start_runs_at_the_same_moments(line: str, zone: str) -> None:
    same_moments(line, zone)


def same_moments(line: str, zone: str) -> None:
    if cron_problem(line):
        return
    wanted = unix(line).next(zone)
    assert unix(five_fields(line)).next(zone) == wanted, "Vertex AI"
    for star in (True, False):
        assert robfig(kubeflow(line), step_is_a_star=star).next(zone) == wanted, "Kubeflow"
    try:
        assert eventbridge(sagemaker.six_fields(line)).next(zone) == wanted, "SageMaker"
    except sagemaker.NotSayable:
        assert "*" not in line.split()[2::2]
    try:
        found = of_azure(dict(azureml.trigger(line)))
        name = windows_name(zone)
        assert name is not None
        # Another zone of the same row: what counts is the clock of the name.
        assert found.next(rows()[name][-1]) == wanted, "Azure ML"
    except azureml.NotSayable:
        assert line.split()[2:4] != ["*", "*"]


@pytest.mark.parametrize("line", ["0 2 */2 * 1", "0 2 1 * */2", "0 2 */9,4 * mon-fri"])
def test_a_line_that_readers_of_cron_read_in_two_ways_is_refused(line: str) -> None:
    """crontab(5): both fields of days count where one begins with a star; robfig/cron 3: not with a step behind it."""
    assert "write its numbers out" in str(cron_problem(line))


def test_every_zone_keeps_the_clock_of_its_name_on_windows() -> None:
    """Asia/Almaty left its row in 2024: a schedule of Azure ML would have started an hour early."""
    clocks = {name: Counter(map(offsets, zones)).most_common(1)[0][0] for name, zones in rows().items()}
    wrong = [(name, zone) for name, zones in rows().items() for zone in zones if offsets(zone) != clocks[name]]
    assert wrong == []


@cache
def offsets(zone: str) -> tuple[timedelta | None, ...]:
    days = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=6 * n) for n in range(120))
    return tuple(day.astimezone(ZoneInfo(zone)).utcoffset() for day in days)
