"""How wide a text is in any of the fonts that a page may have, and how it is broken and cut to fit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from mlopsgen.findings.safe_text import inert

# Shares of the font's size. Of the usual fonts the widest has these, so that a text never leaves its box.
_CLASSES = {
    0.32: "',.Iijl· ",
    0.4: '-/:;\\f|!()[]rt"',
    0.52: "*J`sz?L_c",
    0.62: "FTaekovxy",
    0.66: "$0123456789EKPSYbdghnpqu{}",
    0.71: "ABCRVXZ",
    0.8: "DHNU&GOQw",
    0.86: "#+<=>~^≥≤×M",
    1.0: "%m@W…→",
}
_WIDTHS = {letter: width for width, letters in _CLASSES.items() for letter in letters}
_BOLD = 1.12
_WIDE = 1.4
"""Pictures and the letters of East Asia."""
_OTHER = 0.9


_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def drawable(text: str) -> str:
    """The text as it is measured and drawn: what nobody sees, or XML has no place for, is spelled out."""
    return _UNWRITABLE.sub(lambda match: f"<U+{ord(match[0]):04X}>", inert(text))


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How much room a text takes at most."""
    return sum(map(_letter, text)) * size * (_BOLD if bold else 1)


def broken(text: str, room: float, size: float, *, most: int, bold: bool = False) -> tuple[str, ...]:
    """A text in at most so many lines of that room; what is too much ends in `…`."""
    lines = list(_lines(text, room, size, bold=bold))
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut(f"{lines[most - 1]}…", room, size, bold=bold)]
    return tuple(lines)


def _lines(text: str, room: float, size: float, *, bold: bool) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width(longer, size, bold=bold) <= room:
            line = longer
            continue
        if line:
            yield line
        *whole, line = _pieces(word, room, size, bold=bold)
        yield from whole
    if line:
        yield line


def _pieces(word: str, room: float, size: float, *, bold: bool) -> Iterator[str]:
    """A word that is too long for a line of its own, in pieces; after `/`, `_` or `-` where that is possible."""
    while width(word, size, bold=bold) > room:
        end = max(1, _fitting(word, room, size, bold=bold))
        better = max(word.rfind(mark, 0, end) for mark in "/_-.") + 1
        end = better if better > end // 2 else end
        yield word[:end]
        word = word[end:]
    yield word


def _cut(text: str, room: float, size: float, *, bold: bool) -> str:
    if width(text, size, bold=bold) <= room:
        return text
    return text[: _fitting(text, room - width("…", size, bold=bold), size, bold=bold)].rstrip(" ,") + "…"


def _fitting(text: str, room: float, size: float, *, bold: bool) -> int:
    """How many letters of a text fit."""
    used = 0.0
    for count, letter in enumerate(text):
        used += width(letter, size, bold=bold)
        if used > room:
            return count
    return len(text)


def _letter(letter: str) -> float:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    if unicodedata.category(letter) in ("Mn", "Me"):
        return 0
    return _WIDE if unicodedata.east_asian_width(letter) in "WF" else _OTHER
