"""A sentence for each of pydantic's own errors about a value, and the value as a finding may quote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlopsgen.credentials import mask

_NEEDED: Mapping[str, str] = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "tuple_type": "a list",
    "list_type": "a list",
    "finite_number": "a finite number",
}


def sentence(kind: str, context: Mapping[str, Any], value: Any) -> str:
    """The sentence of a finding for one of pydantic's own errors about a value."""
    if kind in _NEEDED:
        text = "the text " if isinstance(value, str) else ""
        return f"{_NEEDED[kind]} belongs here, not {text}{value_text(value)}"
    what = value_text(value)
    match kind:
        case "greater_than_equal":
            return f"{what} is too small: at least {_number(context['ge'])}"
        case "greater_than":
            return f"{what} is too small: more than {_number(context['gt'])}"
        case "less_than_equal":
            return f"{what} is too large: at most {_number(context['le'])}"
        case "less_than":
            return f"{what} is too large: less than {_number(context['lt'])}"
        case "too_short" | "too_long" | "string_too_short" | "string_too_long":
            return _length(kind, context)
        case "string_pattern_mismatch":
            return f"{what} has not the form that belongs here: {context.get('pattern')}"
        case _:
            return f"{what} cannot stand here"


def _length(kind: str, context: Mapping[str, Any]) -> str:
    unit = "character" if kind.startswith("string") else "entry"
    count = context.get("min_length", context.get("max_length", 1))
    plural = unit if count == 1 else {"character": "characters", "entry": "entries"}[unit]
    return f"{'at least' if kind.endswith('short') else 'at most'} {count} {plural} must stand here"


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def value_text(value: Any) -> str:
    """A value as a finding may show it: short, and no secret."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case dict():
            return "a map"
        case list() | tuple():
            return "a list"
        case _:
            text = mask(str(value))
            return f"`{text if len(text) <= 60 else text[:57] + '…'}`"
