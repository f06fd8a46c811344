"""Emitted documents compared: the same structure, whatever a user's text says."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import yaml

HOSTILE = (
    '"}, {"Name": "x',
    "'single' \"double\" `back`",
    "$(touch gone) `touch gone` ; touch gone",
    "${AWS::AccountId}",
    "${{ secrets.TOKEN }}",
    "{{ 7 * 7 }}{% raw %}{# c #}",
    "{{workflow.name}}",
    "!Ref Pipeline",
    "- a: b",
    "key: value # comment",
    "yes",
    "0123",
    "1e3",
    "null",
    "---",
    "| >- &a *a",
    "<script>alert(1)</script> [a](b) **c**",
    "\\n \\u0041 \\",
    "%PATH% $HOME ~ !!",
    "é 日本 😀",
)
"""What breaks quoting, templates, shells and YAML, when any of them takes it for its own."""

_FLAG = re.compile(r"--[a-z-]+=")
_READERS: Mapping[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
    ".yml": lambda text: list(yaml.safe_load_all(text)),
    ".toml": tomllib.loads,
}


def parsed(path: str, content: bytes) -> Any:
    """The data in a file; None for a file that holds none. Raises what its parser raises."""
    suffix = PurePosixPath(path).suffix
    if suffix == ".py":
        compile(content, path, "exec")
    reader = _READERS.get(suffix)
    return reader(content.decode()) if reader else None


def documents(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Every file that holds data, parsed."""
    parsed_files = {path: parsed(path, content) for path, content in files.items()}
    return {path: data for path, data in parsed_files.items() if data is not None}


def differences(harmless: Any, hostile: Any, marker: str, texts: Sequence[str], place: str = "") -> Iterator[str]:
    """Every place where two documents differ by more than one of `texts` standing where `marker` stood."""
    if isinstance(harmless, dict) and isinstance(hostile, dict):
        if list(harmless) != list(hostile):
            yield f"{place}: keys {list(harmless)} became {list(hostile)}"
            return
        for key in harmless:
            yield from differences(harmless[key], hostile[key], marker, texts, f"{place}/{key}")
    elif isinstance(harmless, list) and isinstance(hostile, list) and len(harmless) == len(hostile):
        for number, (one, other) in enumerate(zip(harmless, hostile, strict=True)):
            yield from differences(one, other, marker, texts, f"{place}/{number}")
    elif isinstance(harmless, str) and isinstance(hostile, str):
        same = hostile in [harmless.replace(marker, text) for text in texts]
        if not (same or _same_inside(harmless, hostile, marker, texts)):
            yield f"{place}: {harmless!r} became {hostile!r}"
    elif harmless != hostile:
        yield f"{place}: {harmless!r} became {hostile!r}"


def _same_inside(harmless: str, hostile: str, marker: str, texts: Sequence[str]) -> bool:
    """Whether both are documents in a string (or in one argument) that differ by the text alone, or a digest of it."""
    if marker not in harmless:
        return len(harmless) == len(hostile) and _digested(harmless, hostile)
    flag = _FLAG.match(harmless)
    if flag and not hostile.startswith(flag[0]):
        return False
    start = len(flag[0]) if flag else 0
    try:
        one, other = json.loads(harmless[start:]), json.loads(hostile[start:])
    except ValueError:
        return False
    return not any(differences(one, other, marker, texts))


def _digested(harmless: str, hostile: str) -> bool:
    """Whether they differ in hexadecimal digits alone: names that end in a digest of the spec."""
    digits = set("0123456789abcdef")
    return all(one == other or {one, other} <= digits for one, other in zip(harmless, hostile, strict=True))
