"""What may stand at a field, in words: one value of the JSON schema at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
    "object": "a map",
}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
}
_MOST_VALUES = 12


def value_words(node: Mapping[str, Any]) -> str:
    """One value that may stand at a field."""
    if "const" in node:
        return _value(node["const"])
    if "enum" in node:
        values = [_value(value) for value in node["enum"]]
        more = ["…"] if len(values) > _MOST_VALUES else []
        return f"one of {', '.join((*values[:_MOST_VALUES], *more))}" if len(values) > 1 else values[0]
    if node.get("title") == "run parameter":
        return "a run parameter, `${parameters.<name>}`"
    kind = node.get("type", "anything")
    if kind == "array":
        items = node.get("items") or {}
        return f"a list of {value_words(items)}" if items.get("type") in ("string", "integer", "number") else "a list"
    words = " or ".join(_KINDS.get(one, one) for one in ([kind] if isinstance(kind, str) else kind))
    if {"minimum", "maximum"} <= node.keys():
        return f"{words} from {node['minimum']} to {node['maximum']}"
    bounds = [bound.format(node[key]) for key, bound in _BOUNDS.items() if key in node]
    examples = [_value(example) for example in node.get("examples", ())[:2]] if "pattern" in node else []
    such = f"such as {' or '.join(examples)}" if examples else ""
    return " ".join((words, " and ".join(bounds) or such)).rstrip()


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
