"""The type of a column, and its values in it: numbers without a float in between, text and ids as they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from .contract import Column, Contract, Source
from .dates import ISO_DATE, as_dates, format_hint
from .problems import Failed, Usage
from .spelling import NUMBERS, TRUTHS, text_of

Series: TypeAlias = Any

# What a number, truth or date column may hold where nothing was measured; in text only an empty field is null.
NULL_WORDS = frozenset(("", "na", "n/a", "nan", "null", "none", "-nan", "#n/a", "<na>"))
WHOLE = re.compile(r"[+-]?\d+(\.0*)?")
IN_THOUSANDS = re.compile(r"\s*[+-]?\d{1,3}(\.\d{3})+,\d+\s*")
"""With a comma behind it a point can only stand before thousands: `1.234,50`, and not `1.234`."""
LEADING_ZERO = r"\s*0\d+\s*"
LARGEST, EXACT, BEYOND = 2**63, 2**53, 2**1023
MOST_DIGITS = 1000
"""Of a whole number that is read at all: Python refuses to read one of some thousands."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a column is read: its type, the format of its dates, what stands before its decimals."""

    type: str
    format: str | None = None
    decimal: str = "."


@dataclass(frozen=True, slots=True)
class Typed:
    """A column in its type, and which of its values did not fit it."""

    values: Series
    bad: Series

    def example(self, raw: Series, kind: Kind) -> str:
        """The first value that does not fit, and what may settle it."""
        wrong = raw[self.bad]
        hint = format_hint(wrong) if kind.type == "datetime" and kind.format is None else ""
        return f"`{str(wrong.iloc[0])[:40]}`, which is not of type {kind.type}{hint}"


def declared_type(columns: tuple[Column, ...], name: str) -> str | None:
    """The type the contract declares for a column, if it does."""
    return next((column.type for column in columns if column.name == name), None)


def kind_of(contract: Contract, source: Source, values: Series, known: Mapping[str, str] | None = None) -> Kind:
    """How a column of a source is read: as declared, as written (an id), as a model learned it, or by its values."""
    name = values.name
    column = next((column for column in source.columns if column.name == name), None)
    if column is not None:
        return Kind(column.type, column.format, source.decimal)
    if source.name == contract.main and name == contract.roles.id:
        # An id is never a quantity: it is copied as it is written.
        return Kind("string")
    return Kind((known or {}).get(str(name)) or inferred_type(values, source.decimal), decimal=source.decimal)


def times_of(contract: Contract, rows: Any) -> Series:
    """When each row happened, to order rows by: what the role `time` names, read the same way wherever time counts."""
    name = contract.roles.time
    if name is None:
        raise Usage("rows are ordered by time here, which needs the role `time` in the contract")
    if name not in rows.columns:
        raise Failed(f"the data has no column `{name}` to order by")
    kind = kind_of(contract, contract.source, rows[name])
    if kind.type not in NUMBERS:
        # A year or a Unix time is a number; everything else must be a date.
        kind = Kind("datetime", kind.format)
    typed = as_type(rows[name], kind)
    if typed.bad.any():
        raise Failed(f"column `{name}`, which orders the rows, holds {typed.example(rows[name], kind)}")
    if typed.values.isna().any():
        count = int(typed.values.isna().sum())
        raise Failed(f"column `{name}` has {count} rows without a time, so they cannot be ordered by it")
    return typed.values


def as_type(values: Series, kind: Kind | str) -> Typed:
    """A column in one of the contract's types, with a mask of the values that do not fit."""
    kind = Kind(kind) if isinstance(kind, str) else kind
    nulls = null_mask(values, kind.type)
    known = values.mask(nulls)
    match kind.type:
        case "string" | "category":
            typed = known.map(text_of, na_action="ignore").astype(object)
        case "boolean":
            typed = known.map(_as_truth, na_action="ignore").astype("boolean")
        case "datetime":
            typed = as_dates(known, kind.format)
        case "integer":
            typed = _whole_numbers(_with_points(known, kind.decimal))
        case _:
            typed = _numbers(_with_points(known, kind.decimal))
    return Typed(typed, typed.isna() & ~nulls)


def null_mask(values: Series, kind: str) -> Series:
    """Which values are missing: an empty field in text columns, also NA, null and the like in others."""
    import pandas as pd

    nulls = values.isna()
    if not (pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values)):
        return nulls
    absent = {""} if kind in ("string", "category") else NULL_WORDS
    if pd.api.types.is_string_dtype(values.dtype) and values.dtype != object:
        return nulls | values.str.strip().str.lower().isin(absent)
    return nulls | values.map(lambda v: isinstance(v, str) and v.strip().lower() in absent).astype(bool)


def inferred_type(values: Series, decimal: str = ".") -> str:
    """The type of a column that the contract does not declare."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(values):
        return "boolean"
    if pd.api.types.is_integer_dtype(values):
        return "integer"
    if pd.api.types.is_numeric_dtype(values):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "datetime"
    known = values[~null_mask(values, "number")]
    if known.empty:
        return "string"
    if known.dtype == object and known.map(lambda value: isinstance(value, bool)).all():
        return "boolean"
    numbers = as_type(known, Kind("number", decimal=decimal)).values
    if numbers.isna().all():
        return _inferred_words(known.map(text_of).astype(str))
    if numbers.isna().any() or is_code(known, numbers):
        return "string"
    return "integer" if bool((numbers % 1 == 0).all()) and bool((numbers.abs() < LARGEST).all()) else "number"


def _inferred_words(texts: Series) -> str:
    if texts.str.strip().str.lower().isin(TRUTHS).all():
        return "boolean"
    return "datetime" if texts.str.fullmatch(ISO_DATE).all() else "string"


def is_code(known: Series, numbers: Series) -> bool:
    """Whether digits are a name and not a quantity: `00042`, or whole numbers beyond 64 bits."""
    texts = known
    if known.dtype == object:
        texts = known[known.map(lambda value: isinstance(value, str | int))].map(text_of).astype(str)
    beyond = texts[numbers[texts.index].abs() >= LARGEST / 2].str.strip()
    zeros = texts[texts.str.strip().str.startswith("0")]
    return bool(zeros.str.fullmatch(LEADING_ZERO).any()) or any(
        WHOLE.fullmatch(text) and (len(text) > MOST_DIGITS or not -LARGEST <= int(text.partition(".")[0]) < LARGEST)
        for text in beyond
    )


def _with_points(values: Series, decimal: str) -> Series:
    """Numbers with a decimal comma as Python spells them; a point is a part of one before thousands and a comma."""
    if decimal == ".":
        return values

    def pointed(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if "." in value and not IN_THOUSANDS.fullmatch(value):
            return None
        return value.replace(".", "").replace(decimal, ".")

    return values.map(pointed, na_action="ignore")


def _as_numeric(values: Series) -> Series:
    """As pandas reads numbers; a whole number beyond every float, at which it gives up, is none."""
    import pandas as pd

    try:
        return pd.to_numeric(values, errors="coerce")
    except OverflowError:
        within = values.map(lambda value: None if isinstance(value, int) and abs(value) >= BEYOND else value)
        return pd.to_numeric(within, errors="coerce")


def _numbers(values: Series) -> Series:
    numbers = _as_numeric(values).astype("float64")
    return numbers.mask(numbers.isin([float("inf"), float("-inf")]))


def _whole_numbers(values: Series) -> Series:
    """64-bit integers; not by way of floats, which know no odd number beyond 2⁵³."""
    import pandas as pd

    if pd.api.types.is_integer_dtype(values):
        return values.astype("Int64")
    known = values.dropna()
    numbers = _as_numeric(known)
    if not pd.api.types.is_signed_integer_dtype(numbers):
        floats = numbers.astype("float64")
        large = floats.abs() >= EXACT
        whole = floats.mask((floats % 1 != 0) | large).astype("Int64")
        exact = pd.array([_whole_number(value) for value in known[large]], dtype="Int64")
        whole[large] = exact
        numbers = whole
    return numbers.astype("Int64").reindex(values.index)


def _whole_number(value: Any) -> int | None:
    """One that a float may not hold."""
    text = text_of(value).strip()
    if not WHOLE.fullmatch(text) or len(text) > MOST_DIGITS:
        return None
    number = int(text.partition(".")[0])
    return number if -LARGEST <= number < LARGEST else None


def _as_truth(value: object) -> bool | None:
    return _SAID_OF.get(text_of(value).strip().lower())


_SAID_OF = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
