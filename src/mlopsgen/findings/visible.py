"""Text made safe to show: every character is seen, and none of them steers the terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

TAB = 4
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_NO_WIDTH = {"Mn", "Me"}


def inert(text: str) -> str:
    """The text with control, direction and invisible characters spelled out as `<U+202E>`."""
    return text if text.isascii() and text.isprintable() else "".join(map(_cell, text))


def cells(line: str) -> Sequence[str]:
    """What is shown for each character of a line; a tab reaches to the next multiple of four."""
    if line.isascii() and line.isprintable():
        return line
    shown = []
    column = 0
    for character in line:
        cell = " " * (TAB - column % TAB) if character == "\t" else _cell(character)
        column += width(cell)
        shown.append(cell)
    return shown


def width(text: str) -> int:
    """How many columns a terminal needs for a text."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def document(content: Any) -> str:
    """A JSON document that every reader takes: halves of pairs, which are no characters, become U+FFFD."""
    return json.dumps(_whole(content), indent=2) + "\n"


def _whole(content: Any) -> Any:
    match content:
        case str():
            return _HALVES.sub("\ufffd", content)
        case dict():
            return {_whole(key): _whole(value) for key, value in content.items()}
        case list():
            return [_whole(item) for item in content]
        case _:
            return content


_HALVES = re.compile("[\ud800-\udfff]")


def _cell(character: str) -> str:
    return f"<U+{ord(character):04X}>" if unicodedata.category(character) in _UNSEEN else character


def _columns(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
