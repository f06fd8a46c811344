"""How a value is spelled in JSON, YAML and Python, so that it reads back as exactly that value."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from mlopsgen.indentation import indented

WIDTH = 80

# The same on every Python: letters and punctuation that show as themselves, left to right. All else
# (controls, direction marks, line separators, astral and unassigned characters) is written escaped.
_SHOWN = tuple(
    (first, last)
    for first, _, last in (
        "\x20-\x7e",
        "\u00a1-\u00ac",
        "\u00ae-\u02ff",
        "\u0386-\u03ff",
        "\u0400-\u0482",
        "\u048a-\u052f",
        "\u1e00-\u1eff",
        "\u2010-\u2027",
        "\u2030-\u205e",
        "\u20a0-\u20bf",
        "\u2190-\u22ff",
        "\u3001-\u3029",
        "\u3041-\u3096",
        "\u30a1-\u30fa",
        "\u30fc-\u30fc",
        "\u4e00-\u9fff",
        "\uac00-\ud7a3",
    )
)
_SURROGATE = re.compile("[\ud800-\udfff]")

# YAML 1.1 reads these words as something else than text; 1.2 only some of them.
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./][A-Za-z0-9_./-]*)*")
_PLAIN_ALONE = re.compile(r"[A-Za-z/](?:[A-Za-z0-9_./-]|:(?=[A-Za-z0-9_./:-]*[A-Za-z0-9_./-]))*")
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_KEY_LIMIT = 1000
_DEPTH = 100


class UnspellableError(ValueError):
    """A value that has no spelling in this kind of file."""


def plain(value: Any, depth: int = 0) -> Any:
    """The value as nothing but None, bool, int, float, str, list and dict."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _plain_text(value)
    if isinstance(value, int | float):
        return _plain_number(value)
    if depth > _DEPTH:
        raise UnspellableError(f"a value nested deeper than {_DEPTH} levels has no spelling")
    if isinstance(value, Mapping):
        return {_plain_key(k): plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v, depth + 1) for v in value]
    raise UnspellableError(f"a value of type {type(value).__name__} has no spelling")


def _plain_text(value: str) -> str:
    if _SURROGATE.search(value):
        raise UnspellableError("text with half a surrogate pair has no spelling in UTF-8")
    return str(value)


def _plain_number(value: float) -> float:
    if isinstance(value, int):
        if value.bit_length() > 1024:
            raise UnspellableError("an integer of more than 1024 bits has no spelling that every reader understands")
        return int(value)
    if not math.isfinite(value):
        raise UnspellableError(f"{value} has no spelling that every reader understands")
    return float(value)


def _plain_key(key: Any) -> str:
    if not isinstance(key, str):
        raise UnspellableError(f"a key must be text, not {type(key).__name__}")
    return _plain_text(key)


def json_text(value: Any, *, compact: bool = False) -> str:
    """A plain value as a JSON file, or on one line without spaces when `compact`."""
    if compact:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    else:
        text = indented(value, ascii_only=False)
    return _escaped(text, _json_escape)


def _escaped(text: str, escape: Callable[[str], str]) -> str:
    hidden = _hidden(text)
    return text.translate({ord(c): escape(c) for c in hidden}) if hidden else text


def _hidden(text: str) -> set[str]:
    """The characters of a text that do not show as themselves everywhere; the ends of its lines do."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return set()
    return {c for c in set(text) - {"\n"} if not any(first <= c <= last for first, last in _SHOWN)}


def _json_escape(character: str) -> str:
    return json.dumps(character)[1:-1]


def quoted(text: str) -> str:
    """Double-quoted text that YAML and Python read alike."""
    return _escaped(_JSON.encode(text), _long_escape)


def _long_escape(character: str) -> str:
    # Neither YAML nor Python joins JSON's surrogate pairs.
    point = ord(character)
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def _number(value: float) -> str:
    text = repr(value)
    if "e" in text:
        # YAML 1.1 wants a dot before and a sign after the e.
        digits, exponent = text.split("e")
        return f"{digits if '.' in digits else digits + '.0'}e{int(exponent):+d}"
    return text


def _yaml_scalar(value: Any, *, alone: bool = False) -> str:
    if isinstance(value, str):
        fits = _PLAIN.fullmatch(value) or (alone and _PLAIN_ALONE.fullmatch(value))
        return value if fits and value.lower() not in _WORDS else quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(value)


def _yaml_key(key: str) -> str:
    text = _yaml_scalar(key)
    if len(text) > _KEY_LIMIT:
        raise UnspellableError("a key of more than 1000 characters has no spelling in YAML")
    return text


def yaml_flow(value: Any) -> str:
    """A plain value on one line of YAML, fit for any place."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_yaml_key(k)}: {yaml_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(yaml_flow, value)) + "]"
    return _yaml_scalar(value)


def yaml_document(value: Any) -> str:
    """A plain value as a whole YAML document."""
    text = _entries(value, 0) if isinstance(value, dict | list) and value else yaml_flow(value)
    return text + "\n"


def yaml_block(value: Any, indent: int) -> str:
    """A plain value as YAML in the block that starts at column `indent`, without its first indentation."""
    short = _short(value, indent)
    return _entries(value, indent) if short is None else short


def yaml_under_key(value: Any, indent: int) -> str:
    """What follows the colon of a key that starts at column `indent`."""
    if isinstance(value, str) and (lines := _folded(value, indent)):
        return " >-\n" + "\n".join(" " * (indent + 2) + line for line in lines)
    short = _short(value, indent + 2)
    if short is None:
        return "\n" + " " * (indent + 2) + _entries(value, indent + 2)
    return " " + short


def _folded(text: str, indent: int) -> list[str]:
    """A long command, flag by flag, as the lines of a folded scalar; nothing for text that does not fold."""
    if len(text) + indent <= WIDTH or "\n" in text or text != text.strip(" ") or _hidden(text):
        return []
    lines = re.split("(?<=[^ ]) (?=--)", text)
    return lines if len(lines) > 2 and not lines[0].startswith(("#", "-")) else []


def _short(value: Any, indent: int) -> str | None:
    """The value on one line, or None when a person would rather read it as an indented block."""
    if not isinstance(value, dict | list):
        return _yaml_scalar(value, alone=True)
    if value and _room(value, WIDTH - indent) < 0:
        return None
    flow = yaml_flow(value)
    return flow if not value or len(flow) + indent <= WIDTH else None


def _room(value: Any, room: int) -> int:
    """How many of so many columns a value leaves at most; counting stops where there are none."""
    if isinstance(value, dict):
        room -= sum(map(len, value)) + 2 * len(value)
        value = value.values()
    elif not isinstance(value, list):
        return room - (len(value) if isinstance(value, str) else 1)
    for part in value:
        if room < 0:
            break
        room = _room(part, room)
    return room


def _entries(value: Any, indent: int) -> str:
    if isinstance(value, list):
        parts = [f"- {yaml_block(v, indent + 2)}" for v in value]
    else:
        parts = [f"{_yaml_key(k)}:{yaml_under_key(v, indent)}" for k, v in value.items()]
    return ("\n" + " " * indent).join(parts)


def python_text(value: Any, indent: int) -> str:
    """A plain value as a Python expression; long lists and mappings get a line for each entry."""
    flat = _python_flat(value)
    if not isinstance(value, dict | list) or not value or len(flat) + indent <= WIDTH:
        return flat
    inner = " " * (indent + 4)
    if isinstance(value, list):
        lines = [f"{inner}{python_text(v, indent + 4)},\n" for v in value]
    else:
        lines = [f"{inner}{quoted(k)}: {python_text(v, indent + 4)},\n" for k, v in value.items()]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    return f"{opening}\n{''.join(lines)}{' ' * indent}{closing}"


def _python_flat(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)}: {_python_flat(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_python_flat, value)) + "]"
    return quoted(value) if isinstance(value, str) else repr(value)
