"""Reads csv as it is written: a row of another length than the header is refused with its line, never cut or filled.

Nothing is renamed either: a name that stands twice is refused, one that is missing is `Unnamed: <n>`, as pandas says.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .contract import Source
from .problems import Empty, Failed

Frame = Any
OTHERS = {";": "`;`", "\t": "tabs", "|": "`|`", ",": "commas"}
"""What often separates fields."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The names of a file's columns, and whether each row ends with an empty field more."""

    names: tuple[str, ...]
    open_ended: bool


def read_delimited(path: Path, source: Source, compression: Any) -> Frame:
    """All fields of one file as text."""
    import pandas as pd

    shape = _shape(path, source, compression)
    width = len(shape.names) + shape.open_ended
    rows = pd.read_csv(
        path,
        sep=source.delimiter,
        header=0 if source.header else None,
        names=range(width),
        dtype=str,
        keep_default_na=False,
        na_filter=False,
        encoding="utf-8-sig",
        compression=compression,
        index_col=False,
    )
    rows = rows.iloc[:, : len(shape.names)].set_axis(list(shape.names), axis=1)
    return _without_empty(path, rows) if source.header else rows


def _shape(path: Path, source: Source, compression: Any) -> Shape:
    """The names, once every row was seen to have as many fields."""
    from pandas.io.common import get_handle

    csv.field_size_limit(sys.maxsize)
    with get_handle(path, "r", encoding="utf-8-sig", compression=compression) as opened:
        reader = csv.reader(opened.handle, delimiter=source.delimiter)
        first = next((row for row in reader if row), None)
        if first is None:
            raise Empty(f"{path.name} is empty")
        if source.header:
            names, about = header_names(path.name, first), "the header"
            lengths = _lengths(reader)
        else:
            names, about = tuple(column.name for column in source.columns), "`columns`"
            lengths = iter([(reader.line_num, len(first), not first[-1]), *_lengths(reader)])
        return Shape(names, _open_ended(path, names, about, lengths))


def _lengths(reader: Any) -> Iterator[tuple[int, int, bool]]:
    """The line, the number of fields and whether the last one is empty, of each row that is not a blank line."""
    return ((reader.line_num, len(row), not row[-1]) for row in reader if len(row) > 1 or "".join(row).strip())


def _open_ended(path: Path, names: Sequence[str], about: str, lengths: Iterator[tuple[int, int, bool]]) -> bool:
    """Whether every row has one field more, an empty one; any other length is refused."""
    longer = plain = 0
    for line, length, ends_empty in lengths:
        if length == len(names) and not longer:
            plain += 1
        elif length == len(names) + 1 and ends_empty and not plain:
            longer += 1
        else:
            raise Failed(_of_other_length(path, line, length, len(names), about))
    if longer:
        print(
            f"note: every row of {path.name} ends with a separator that its header lacks; the empty field is left out"
        )
    return bool(longer)


def _of_other_length(path: Path, line: int, length: int, width: int, about: str) -> str:
    fields = f"{length} field{'s' if length != 1 else ''}"
    return (
        f"{path.name} line {line} has {fields}, {about} {width}: nobody can tell which column a field belongs to;"
        " give each row one field for each name (a field with a separator or a line break in it stands in quotes)"
    )


def header_names(file: str, first: Sequence[str]) -> tuple[str, ...]:
    """The names of a header; none twice."""
    return tuple(_named(file, first))


def _named(file: str, first: Sequence[str]) -> Iterator[str]:
    if len(first) == 1 and (other := next((mark for mark in OTHERS if mark in first[0]), None)):
        spelled = r"\t" if other == "\t" else other
        raise Failed(
            f"{file} has one column, `{first[0][:40]}`: is it separated by {OTHERS[other]}?"
            f' write `delimiter: "{spelled}"` beside its `source`'
        )
    seen: set[str] = set()
    for place, name in enumerate(first):
        if name and name in seen:
            raise Failed(f"{file} line 1 names the column `{name}` twice; give one of the two another name")
        seen.add(name)
        yield name or f"Unnamed: {place}"


def _without_empty(path: Path, rows: Frame) -> Frame:
    """Without columns that have neither a name nor a value, as spreadsheets leave them at the right."""
    empty = [name for name in rows.columns if name.startswith("Unnamed: ") and not (rows[name] != "").any()]
    if empty:
        print(f"note: {path.name} has {len(empty)} columns without a name and without a value; they are left out")
    return rows.drop(columns=empty) if empty else rows
