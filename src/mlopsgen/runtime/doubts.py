"""What a table leaves open, and the words of a spec that settle it. Nothing is learnt from a doubtful column.

A column is settled by its rule in the data contract, or by `ignore`, which keeps it from the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from .contract import Contract, Source
from .kinds import Kind, Series, as_type, null_mask
from .problems import Failed
from .spelling import in_yaml, key_of

Frame: TypeAlias = Any
FILES = "files"
"""The attribute of a frame that names its files, each with its number of rows."""
MOSTLY = 0.8
"""The share of numbers from which on a column of texts is taken for one of numbers with odd cells in it."""
COMMAS = r"\s*[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+\s*"
MARKED = r"\s*[+-]?\s*(?:[$€£¥]\s*[+-]?\d[\d.,' ]*|\d[\d.,' ]*[%‰$€£¥])\s*"
"""A share or an amount of money as spreadsheets write it out."""
GROUPED = r"\s*[+-]?\d{1,3}(?:[.,'\u2019 \u00a0\u202f]\d{3})+(?:[.,]\d+)?\s*"
"""Thousands that a mark keeps apart."""
MOST_WORDS = 100
"""Different words from which on a column is one of texts, and not of categories."""
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Doubt:
    """A column that could mean two things, and what to write."""

    column: str
    message: str


def settle(contract: Contract, source: Source, rows: Frame, sure: frozenset[str] = frozenset()) -> None:
    """Refuses a table in which some column is doubtful; `sure` are those whose values were all seen to be alike."""
    open_ones = list(doubts(contract, source, rows, sure))
    if open_ones:
        raise Failed("; ".join(doubt.message for doubt in open_ones[:EXAMPLES]))


def doubts(contract: Contract, source: Source, rows: Frame, sure: frozenset[str] = frozenset()) -> Iterator[Doubt]:
    """Every column that the contract does not settle and that its values do not tell."""
    main = source.name == contract.main
    settled = {column.name for column in source.columns}
    if main:
        settled |= {*contract.roles.ignore, *([contract.roles.id] if contract.roles.id else [])}
    for name in rows.columns:
        if name not in settled:
            reason = _nameless(str(name))
            if name not in sure:
                reason = reason or _nested(rows, str(name)) or _odd(rows, str(name), source)
                reason = reason or _alike(rows, str(name), of_label=main and name == contract.roles.label)
            if reason:
                yield Doubt(str(name), f"column `{name}` {reason}")


def place_of(rows: Frame, at: int) -> str:
    """Where a row stands: its number counted from 1 without the header, in its file where there are several."""
    files = rows.attrs.get(FILES, ())
    if len(files) < 2:
        return f"row {at + 1}"
    for name, count in files:
        if at < count:
            return f"{name} row {at + 1}"
        at -= count
    return f"row {at + 1}"


def _nameless(name: str) -> str:
    if not name.startswith("Unnamed: "):
        return ""
    return f'has no name in the header (pandas writes its row numbers so): name it there, or write `ignore: ["{name}"]`'


def _nested(rows: Frame, name: str) -> str:
    """Lists and maps of JSON and Parquet are no value of a table."""
    if rows[name].dtype != object:
        return ""
    deep = rows[name].map(lambda value: hasattr(value, "__iter__") and not isinstance(value, str | bytes))
    if not deep.any():
        return ""
    value = rows[name][deep].iloc[0]
    what = "a map" if hasattr(value, "keys") else "a list"
    where = place_of(rows, rows.index[deep][0])
    return f"holds {what} ({where}): write its parts as columns of their own, or write `ignore: [{in_yaml(name)}]`"


def _odd(rows: Frame, name: str, source: Source) -> str:
    """Numbers with other cells among them, which would make words of all of them."""
    import pandas as pd

    values: Series = rows[name]
    if not (pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values)):
        return ""
    if source.decimal == "." and pd.to_numeric(values, errors="coerce").abs().lt(float("inf")).all():
        return ""
    known = values[~null_mask(values, "number")]
    wrong = as_type(known, Kind("number", decimal=source.decimal)).bad if len(known) else known
    if not len(known) or not wrong.any():
        return ""
    texts = known[wrong].astype(str)
    commas = texts.str.fullmatch(COMMAS)
    numbers = int((~wrong).sum())
    if (
        source.format == "csv"
        and source.decimal == "."
        and commas.any()
        and numbers + commas.sum() >= MOSTLY * len(known)
    ):
        shown = _shown(rows, texts[commas])
        return f'has commas in numbers ({shown}): write `decimal: ","` if decimals follow them; else {_settled(name)}'
    marked = texts.str.fullmatch(MARKED)
    if marked.any() and numbers + marked.sum() >= MOSTLY * len(known):
        return f"has marks of shares or money in numbers ({_shown(rows, texts[marked])}): {_settled(name)}"
    grouped = texts.str.fullmatch(GROUPED)
    if grouped.any() and numbers + grouped.sum() >= MOSTLY * len(known):
        return f"has marks between digits ({_shown(rows, texts[grouped])}): {_settled(name)}"
    if numbers < MOSTLY * len(known):
        return ""
    count = f"{numbers} of its {len(known)} values"
    return f"is a number in {count}, and not in {_shown(rows, texts)}: {_settled(name)}"


def _alike(rows: Frame, name: str, *, of_label: bool) -> str:
    """Words that an eye takes for one, and a model for two; of classes also where only capitals tell them apart."""
    import pandas as pd

    values: Series = rows[name]
    if not (pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values)):
        return ""
    words = dict.fromkeys(value for value in values if isinstance(value, str) and value.strip())
    if len(words) > MOST_WORDS:
        return ""
    seen: dict[str, str] = {}
    for word in words:
        # Numbers and truths are compared by value.
        bare = word.strip()
        other = seen.setdefault(bare.casefold() if of_label else bare, word)
        if other != word and key_of(word)[0] == "text":
            where = place_of(rows, int((values == word).to_numpy().argmax()))
            what = "spaces" if other.strip() == bare else "capitals"
            return (
                f"has `{other}` and `{word}` ({where}), which only {what} tell apart: write one of them everywhere;"
                f" `columns: {{{in_yaml(name)}: category}}` takes them for two"
            )
    return ""


def _shown(rows: Frame, texts: Series) -> str:
    first = ", ".join(f"{place_of(rows, at)} `{text[:40]}`" for at, text in texts.iloc[:EXAMPLES].items())
    return first + (" …" if len(texts) > EXAMPLES else "")


def _settled(column: str) -> str:
    name = in_yaml(column)
    return (
        f"mend the cells, or empty them; `columns: {{{name}: number}}` refuses each,"
        f" `columns: {{{name}: category}}` takes all for words, `ignore: [{name}]` leaves them out"
    )
