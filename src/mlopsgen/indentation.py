"""JSON on indented lines, as `json.dumps(value, indent=2)` has it, in half its time (ADR 22)."""

from __future__ import annotations

import json
from collections.abc import Callable
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

_SCALAR = json.JSONEncoder(allow_nan=False)


def indented(value: Any, *, ascii_only: bool = True) -> str:
    """The text of a value whose keys are all text."""
    return _spelled(value, encode_basestring_ascii if ascii_only else encode_basestring, "\n")


def _spelled(value: Any, text: Callable[[str], str], margin: str) -> str:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        inner = f"{margin}  "
        parts = [f"{inner}{text(key)}: {_spelled(item, text, inner)}" for key, item in value.items()]
        return f"{{{','.join(parts)}{margin}}}" if parts else "{}"
    if isinstance(value, list | tuple):
        inner = f"{margin}  "
        parts = [inner + _spelled(item, text, inner) for item in value]
        return f"[{','.join(parts)}{margin}]" if parts else "[]"
    return repr(value) if type(value) is int else _SCALAR.encode(value)
