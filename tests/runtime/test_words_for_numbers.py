"""Words that stand for numbers, classes and columns: a person settles what a file leaves open."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from mlopsgen.runtime.doubts import doubts
from mlopsgen.runtime.tables import read_rows, read_table

from .conftest import Run
from .test_as_written import contract, put, split

pytestmark = pytest.mark.slow


def test_shares_and_money_written_out_are_numbers_to_nobody_until_a_spec_says_what_they_are(tmp_path: Path) -> None:
    """`12%` made a category of each share, and a model of them, without a word."""
    text = "share,price,code,vat\n12%,$ 1,A1,19%\n7.5 %,€2.50,B2,19%\n,3,C3,7%\n"
    folder, known = put(tmp_path, text), contract(tmp_path, {"vat": {"type": "category"}})
    found = list(doubts(known, known.source, read_rows(folder, known.source)))
    assert [doubt.column for doubt in found] == ["share", "price"]
    assert "column `share` has marks of shares or money in numbers (row 1 `12%`, row 2 `7.5 %`): " in found[0].message
    assert "`columns: {share: category}` takes all for words" in found[0].message


@pytest.mark.parametrize("name", ["Preis, netto", "a: b", "2024", "no", "[x]", "über (m²)", "#", "x ", 'say "x"', "-"])
def test_a_hint_that_names_a_column_can_be_copied_whatever_its_name(tmp_path: Path, name: str) -> None:
    """`ignore: [Preis, netto]` are two columns to YAML."""
    folder, known = tmp_path / "source", contract(tmp_path)
    folder.mkdir()
    pd.DataFrame({name: ["1", "2", "3", "4", "5", "x"], "b": ["a"] * 6}).to_csv(folder / "d.csv", index=False)
    (doubt,) = doubts(known, known.source, read_rows(folder, known.source))
    (ignored,) = re.findall(r"`(ignore: .*)` leaves", doubt.message)
    (columns,) = re.findall(r"`(columns: [^`]*number})`", doubt.message)
    assert yaml.safe_load(ignored) == {"ignore": [name]}
    assert yaml.safe_load(columns) == {"columns": {name: "number"}}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("yes", "no", "yes "), "column `label` has `yes` and `yes ` (row 3), which only spaces tell apart: "),
        (("Yes", "no", " yes"), "column `label` has `Yes` and ` yes` (row 3), which only capitals tell apart: "),
        (("1", "0", "1 "), None),
        (("true", "false", "True "), None),
        (("a", "b", "ab"), None),
    ],
)
def test_classes_that_only_spaces_or_capitals_tell_apart_are_no_classes_unless_a_spec_says_so(
    tmp_path: Path, words: tuple[str, ...], told: str | None
) -> None:
    """`yes ` was a class of its own, and counted among those that are not `yes`."""
    folder = put(tmp_path, "a,label\n" + "".join(f"x,{word}\n" for word in words))
    known = contract(tmp_path, roles={"label": "label"})
    found = [doubt.message for doubt in doubts(known, known.source, read_rows(folder, known.source))]
    assert [message[: len(told or "")] for message in found] == ([told] if told else [])
    settled = contract(tmp_path, {"label": {"type": "category"}}, roles={"label": "label"})
    assert not list(doubts(settled, settled.source, read_rows(folder, settled.source)))


def test_categories_are_told_apart_by_capitals_and_not_by_spaces_and_texts_by_both(tmp_path: Path) -> None:
    rows = "".join(
        f"{plan},{level},text {n // 2}{' ' * (n % 2)}\n"
        for n, (plan, level) in enumerate([("a", "x"), ("a ", "X")] * 150)
    )
    folder, known = put(tmp_path, f"plan,level,note\n{rows}"), contract(tmp_path)
    assert [doubt.column for doubt in doubts(known, known.source, read_rows(folder, known.source))] == ["plan"]


def test_thousands_before_a_decimal_comma_are_the_number_that_they_are(tmp_path: Path) -> None:
    """The hint said `decimal: ","`; obeyed, prices such as `530.610,79` were words."""
    text = "price;area\n530.610,79;161,2\n-1.234.567,50;30\n99,5;7,25\n"
    folder, known = put(tmp_path, text), contract(tmp_path, source={"delimiter": ";", "decimal": ","})
    rows = read_table(folder, known)
    assert rows["price"].tolist() == [530610.79, -1234567.5, 99.5]
    assert rows["area"].tolist() == [161.2, 30, 7.25]


@pytest.mark.parametrize(
    ("source", "cells"),
    [
        ({"delimiter": ";", "decimal": ","}, ("1.234", "12.345", "7.000")),
        ({"delimiter": ";"}, ("1,234.50", "12,345.00", "7.5")),
        ({"delimiter": ";"}, ("1'234", "12'345", "7")),
        ({"delimiter": ";"}, ("1 234,50", "12\u00a0345,5", "7 000")),
    ],
)
def test_digits_with_marks_between_them_are_settled_by_a_person(
    tmp_path: Path, source: dict[str, str], cells: tuple[str, ...]
) -> None:
    """A column of nothing but such numbers was one of words, which no model read."""
    folder, known = put(tmp_path, "a\n" + "".join(f"{cell}\n" for cell in cells)), contract(tmp_path, source=source)
    (found,) = doubts(known, known.source, read_rows(folder, known.source))
    assert found.message.startswith("column `a` has marks between digits (row 1 ")
    settled = contract(tmp_path, {"a": {"type": "category"}}, source=source)
    assert read_table(folder, settled)["a"].tolist() == list(cells)


def test_a_column_of_lists_that_is_ignored_stops_no_training(tmp_path: Path) -> None:
    """The hint said `ignore: [items]`; obeyed, Parquet's lists ended the training with NumPy's words."""
    folder = tmp_path / "source"
    folder.mkdir()
    nested = {"items": [[1, 2], [], None], "who": [{"age": 3}, {"age": 4}, None], "x": [1, 2, 3]}
    pd.DataFrame(nested).to_parquet(folder / "d.parquet")
    known = contract(tmp_path, source={"format": "parquet"}, roles={"ignore": ["items", "who"]})
    assert read_table(folder, known)["x"].tolist() == [1, 2, 3]


def test_a_label_with_decimal_commas_is_split_by_its_size_and_not_by_its_words(run: Run, tmp_path: Path) -> None:
    """Each price was a class of its own, and one row of 400 was left to test on."""
    put(tmp_path, "a;price\n" + "".join(f"{n};{n + 100}.500,5\n" for n in range(400)))
    said: dict[str, Any] = {"split": {"test": 0.2, "stratify": True}, "roles": {"label": "price"}}
    contract(tmp_path, source={"delimiter": ";", "decimal": ","}, **said)
    assert split(run, tmp_path).code == 0
    assert len(pd.read_csv(tmp_path / "test" / "data.csv", sep=";")) > 40
