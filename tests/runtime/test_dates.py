from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlopsgen.runtime.evaluate import _in_time
from mlopsgen.runtime.kinds import Kind, as_type, times_of
from mlopsgen.runtime.problems import Failed
from mlopsgen.runtime.tables import read_table
from mlopsgen.runtime.train import Lesson, _folds

from .conftest import Run
from .test_as_written import contract, put, split, validate

pytestmark = pytest.mark.slow

DAYS = pd.date_range("2024-01-01", periods=60)


def read(*values: Any, written: str | None = None) -> list[str]:
    """The days of a column, `bad` where a value is none."""
    typed = as_type(pd.Series(list(values)), Kind("datetime", written))
    return ["bad" if bad else f"{day:%Y-%m-%d}" for day, bad in zip(typed.values, typed.bad, strict=True)]


def test_a_day_is_not_guessed_value_by_value() -> None:
    assert read("12/01/2024", "13/01/2024") == ["bad", "bad"]
    assert read("12/01/2024", "13/01/2024", written="%d/%m/%Y") == ["2024-01-12", "2024-01-13"]
    assert read("12/01/2024", "01/13/2024", written="%m/%d/%Y") == ["2024-12-01", "2024-01-13"]
    assert read("may", "1700000000", 1700000000) == ["bad", "bad", "bad"]


def test_what_says_itself_which_day_it_is_needs_no_format() -> None:
    assert read("2024-01-12", "2024-01-13T10:00:00Z") == ["2024-01-12", "2024-01-13"]
    assert read("12 Jan 2024", "13 Feb 2024") == ["2024-01-12", "2024-02-13"]
    assert read("Jan 12, 2024") == ["2024-01-12"]
    assert read("2024-01-12", "13 Feb 2024") == ["2024-01-12", "bad"]
    assert read(pd.Timestamp("2024-01-12")) == ["2024-01-12"]


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("12/01/2024", '`format: "%d/%m/%Y"` or `format: "%m/%d/%Y"`'),
        ("13.01.2024 10:30", 'the month: give the column `format: "%d.%m.%Y %H:%M"`'),
        ("1/13/2024 3:04 PM", 'the month: give the column `format: "%m/%d/%Y %I:%M %p"`'),
    ],
)
def test_an_ambiguous_day_is_refused_with_the_word_that_settles_it(
    run: Run, tmp_path: Path, value: str, hint: str
) -> None:
    put(tmp_path, "at,y\n" + f"{value},1\n" * 10)
    contract(tmp_path, {"at": {"type": "datetime"}}, roles={"time": "at"}, split={"test": 0.2, "by_time": True})
    for done in (validate(run, tmp_path), split(run, tmp_path)):
        assert done.code == 1
        assert f"`{value}`" in done.err
        assert hint in done.err


@pytest.mark.parametrize("written", ["%d/%m/%Y", "%m/%d/%Y"])
def test_the_newest_rows_are_the_newest_whatever_way_round_days_are_written(
    run: Run, tmp_path: Path, written: str
) -> None:
    put(tmp_path, "at,y\n" + "".join(f"{day.strftime(written)},{n}\n" for n, day in enumerate(DAYS)))
    columns = {"at": {"type": "datetime", "format": written}}
    contract(tmp_path, columns, roles={"time": "at"}, split={"test": 0.2, "by_time": True})
    assert split(run, tmp_path).err == ""
    assert pd.read_csv(tmp_path / "test" / "data.csv")["y"].tolist() == list(range(48, 60))


def test_a_cross_validation_and_a_forecast_order_rows_as_the_split_does(tmp_path: Path) -> None:
    """Days as text sort by their first digits: the future would come into the training."""
    folder = put(tmp_path, "at,y\n" + "".join(f"{day:%m/%d/%Y},{n}\n" for n, day in enumerate(DAYS)))
    roles = {"time": "at", "label": "y"}
    undeclared = contract(tmp_path, roles=roles)
    with pytest.raises(Failed, match=r"holds `01/01/2024`.*give the column `format: \"%m/%d/%Y\"`"):
        times_of(undeclared, read_table(folder, undeclared))
    declared = contract(tmp_path, {"at": {"type": "datetime", "format": "%m/%d/%Y"}}, roles=roles)
    assert times_of(declared, read_table(folder, declared)).is_monotonic_increasing
    words = put(tmp_path, "at,y\n" + "".join(f"{day:%d %b %Y},{n}\n" for n, day in enumerate(DAYS)))
    rows = read_table(words, undeclared)
    assert times_of(undeclared, rows).is_monotonic_increasing
    assert _in_time(undeclared, rows)["y"].tolist() == list(range(60))
    by_time = contract(tmp_path, roles=roles, split={"test": 0.2, "by_time": True, "stratify": False})
    for learned, held_out in _folds(Lesson(by_time, "regression", (), (), None, rows, "at"), 0):
        assert max(learned) < min(held_out)


def test_years_order_rows_as_numbers(tmp_path: Path) -> None:
    known = contract(tmp_path, roles={"time": "year"})
    assert times_of(known, read_table(put(tmp_path, "year\n2023\n2024\n"), known)).tolist() == [2023, 2024]
