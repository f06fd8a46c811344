"""When two spellings are one value: `1`, `1.0` and 1 are, `True` and `true` are, `Yes` and `yes` are not.

What compares a value with another one (a class with the favourable one, a prediction with the truth, a group with a
group) asks here. A class keeps the spelling it has in the data; a column of numbers or truths has one for each value.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from .problems import Failed

Key: TypeAlias = tuple[str, Any]
"""What a value is: a number, a truth or a text, whichever way it is spelled."""

# `007` and `1e5` are no spellings of a number here: codes look like that, and 7 or 100000 would be another code.
NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?")
NUMBERS, TRUTHS = ("number", "integer"), ("true", "false")
SHOWN = 5
PLAIN = re.compile(r"[^\W\d]([\w ()/%.-]*[\w()/%.-])?")
WORDS = frozenset(("yes", "no", "true", "false", "null", "on", "off", "y", "n"))
"""Words that some readers of YAML take for a truth or for nothing."""


def text_of(value: object) -> str:
    """A value as text, the same whether it was read from csv, parquet or JSON: true, 3, 2.5, word.

    Parquet fills a decimal up to the scale of its column; a warehouse shows 2.5, and so is it written here.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        digits = f"{value:f}"
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    if hasattr(value, "item") and not getattr(value, "ndim", 0):
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def in_yaml(name: str) -> str:
    """A name as a spec has it: in quotes where YAML would take it for something else."""
    return name if PLAIN.fullmatch(name) and name.lower() not in WORDS else json.dumps(name, ensure_ascii=False)


def key_of(value: object) -> Key:
    """What a value is; equal for all spellings of one number or one truth."""
    text = text_of(value)
    word = text.strip()
    if word.lower() in TRUTHS:
        return "truth", word.lower()
    return ("number", Decimal(word)) if NUMBER.fullmatch(word) else ("text", text)


def usual(value: object) -> str:
    """The one spelling of a number or of a truth; any other text as it is."""
    kind, known = key_of(value)
    if kind == "number":
        digits = f"{known:f}".lstrip("+")
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
        return "0" if digits == "-0" else digits
    return str(known)


def class_of(value: object, classes: Iterable[object], kind: str | None = None) -> str | None:
    """The class that a value is: the one spelled alike, else the only one of the same value; in text only the first."""
    text, known = text_of(value), [str(name) for name in classes]
    if text in known:
        return text
    same = [] if kind == "string" else [name for name in known if key_of(name) == key_of(value)]
    if len(same) > 1:
        raise Failed(f"`{text}` may be {' or '.join(f'`{name}`' for name in same)}: spell it as one of them, in quotes")
    return same[0] if same else None


def no_class(value: object, classes: Iterable[object]) -> str:
    """What is said of a value that is none of the classes: what there is instead, and the nearest of it."""
    text, known = text_of(value), sorted({str(name) for name in classes})
    alike = [name for name in known if name.strip().lower() == text.strip().lower()]
    near = alike or difflib.get_close_matches(text, known, n=1)
    there = ", ".join(f"`{name}`" for name in known[:SHOWN]) + (" …" if len(known) > SHOWN else "")
    return f"there is {there or 'none'}" + (f"; did you mean `{near[0]}`?" if near else "")


def in_one_spelling(columns: Sequence[Sequence[str]], kind: str | None) -> list[list[str]]:
    """Columns of classes in common spellings: the usual ones of numbers and truths, else those of the first column.

    `kind` is the type that the data contract gives them; None is told by the values, as of any undeclared column.
    """
    distinct = {text: key_of(text) for column in columns for text in column}
    kinds = {key[0] for text, key in distinct.items() if text}
    if kind in (*NUMBERS, "boolean") or (kind is None and kinds in ({"number"}, {"truth"})):
        spelled = {text: _truth(text) if kind == "boolean" else usual(text) for text in distinct}
    elif kind == "string":
        spelled = {text: text for text in distinct}
    else:
        first = set(columns[0])
        spelled = {text: class_of(text, first) or text for text in distinct}
    return [[spelled[text] for text in column] for column in columns]


def _truth(text: str) -> str:
    """In a column of truths 1 and 0 are truths as well."""
    return {"1": "true", "0": "false"}.get(usual(text), usual(text))
