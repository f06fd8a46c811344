"""Parameters that arrive as text, and how a script sees them on its command line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from .files import read_json
from .problems import Failed, Usage

Parameter: TypeAlias = str | int | float | bool | list[object] | None

TYPES = ("string", "integer", "number", "boolean", "list")


def parameters_from(path: Path, declared: Sequence[str]) -> list[str]:
    """`--name=value` for every declared `name:type` that the file holds a value for; null leaves the flag out."""
    given = read_json(path)
    if not isinstance(given, dict):
        raise Failed(f"{path} must hold an object of parameters")
    flags = []
    for entry in declared:
        name, colon, kind = entry.rpartition(":")
        if not colon or kind not in TYPES:
            raise Usage(f"--param takes name:type with a type of {', '.join(TYPES)}, not `{entry}`")
        flags += _flag(given, name, kind, path)
    return flags


def flags_from(text: str) -> tuple[Mapping[str, object], list[str]]:
    """The params of a JSON object, and each of them as `--name=value`; null leaves the flag out."""
    try:
        given = json.loads(text)
    except ValueError as error:
        raise Usage(f"these params are no JSON: {error}") from None
    if not isinstance(given, dict):
        raise Usage("params must be an object")
    words = [f"--{n}={v if isinstance(v, str) else spell_any(v)}" for n, v in given.items() if v is not None]
    return given, words


def _flag(given: Mapping[str, object], name: str, kind: str, path: Path) -> list[str]:
    if name not in given:
        raise Failed(f"parameter `{name}` is missing in {path}; it holds {', '.join(sorted(given)) or 'nothing'}")
    value = decode(name, given[name], kind)
    return [] if value is None else [f"--{name}={spell(value)}"]


def decode(name: str, raw: object, kind: str) -> Parameter:
    """A parameter's value in its declared type; platforms send numbers as text, and whole ones as 5.0."""
    if raw is None or (raw == "" and kind != "string"):
        return None
    try:
        match kind:
            case "string":
                return raw if isinstance(raw, str) else spell_any(raw)
            case "boolean":
                return {"true": True, "false": False}[str(raw).lower()]
            case "list":
                value = json.loads(raw) if isinstance(raw, str) else raw
                return list(value) if isinstance(value, list) else _refuse(name, raw, kind)
            case "integer":
                return _whole(str(raw))
            case _:
                return _number(str(raw))
    except (ValueError, KeyError):
        return _refuse(name, raw, kind)


def spell(value: Parameter) -> str:
    """A value as scripts are given it: true/false, JSON lists, everything else as text."""
    return value if isinstance(value, str) else spell_any(value)


def spell_any(value: object) -> str:
    """The JSON spelling of a value that is not text."""
    return json.dumps(value, ensure_ascii=False)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        value = float(text)
    if not value.is_integer():
        raise ValueError(text)
    return int(value)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _refuse(name: str, raw: object, kind: str) -> Parameter:
    raise Failed(f"parameter `{name}` must be of type {kind}, not `{raw}`")
