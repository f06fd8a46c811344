"""Plain values as inputs: of which kind they are, and whether a component takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.targets.azureml.judge.shapes import as_number

SIMPLE = ("string", "number", "integer", "boolean")


def kind_of(value: Any) -> str | tuple[Any] | None:
    """The kind that an input of a pipeline has, or its plain value; None where it does not say."""
    if not isinstance(value, dict):
        return None if value is None else (value,)
    if "value" in value:
        return (value["value"],)
    return str(value.get("type", "uri_folder")) if "type" in value or "path" in value else None


def fits(wanted: str, value: Any) -> str | None:
    """The code of what is wrong with a plain value, None where it can be read as the kind wanted."""
    if value is None:
        return None
    if wanted == "string":
        return "MG431" if isinstance(value, dict | list) else None
    if wanted == "boolean":
        if isinstance(value, bool) or str(value).lower() in ("true", "false"):
            return None
        return "MG433" if isinstance(value, str) else "MG431"
    number = as_number(value)
    return "MG431" if number is None or (wanted == "integer" and number != int(number)) else None


def outside(entry: Mapping[str, Any], wanted: str, value: Any) -> Iterator[str]:
    """What a component says against a value: below its least, above its most, none of its words."""
    number = as_number(value) if wanted in ("number", "integer") else None
    least, most, words = as_number(entry.get("min")), as_number(entry.get("max")), entry.get("enum")
    if number is not None and least is not None and number < least:
        yield f"must be {least:g} at least, is {number:g}"
    if number is not None and most is not None and number > most:
        yield f"must be {most:g} at most, is {number:g}"
    if isinstance(words, list) and str(value) not in [str(word) for word in words]:
        yield f"cannot be `{value}`: it is one of {', '.join(map(str, words))}"
