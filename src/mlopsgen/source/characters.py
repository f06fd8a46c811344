"""Which characters a spec may hold: no control, bidirectional or broken ones, neither written nor by escape."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, Span, SpecError

LARGEST = 1 << 20

# Bidirectional controls make a text show other than it reads; line and paragraph separators are
# line ends to some readers only; U+FEFF inside a text cannot be seen.
_HIDDEN = "\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"
_BROKEN = "\ud800-\udfff\ufffe\uffff"
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_IN_VALUE = rf"[{_CONTROL}{_HIDDEN}{_BROKEN}]"
_IN_TEXT = rf"{_IN_VALUE}|\r(?!\n)"


def decode(text: str | bytes, file: str) -> str:
    """The text of a file, or a finding when it is too large or not UTF-8."""
    if len(text) > LARGEST or (isinstance(text, str) and len(text.encode("utf-8", "surrogatepass")) > LARGEST):
        raise _unreadable(file, 1, 1, "the file is larger than 1 MiB", "keep data out of the spec and name it by path")
    if isinstance(text, bytes):
        text = _from_bytes(text, file)
    return text.removeprefix("\ufeff")


def _from_bytes(data: bytes, file: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unreadable(file, 1, 1, "the file is UTF-16, not UTF-8", "save it again as UTF-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
        line, column = position(before, len(before))
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise _unreadable(file, line, column, message, "save the file again as UTF-8") from None


def _unreadable(file: str, line: int, column: int, message: str, hint: str) -> SpecError:
    return SpecError([Diagnostic("MG100", message, hint=hint, span=Span(file, line, column, line, column))])


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def forbidden(text: str, file: str) -> Iterator[Diagnostic]:
    """A finding for each character that no spec may hold, where it stands."""
    if _plain(text):
        return
    named: set[str] = set()
    for match in re.finditer(_IN_TEXT, text):
        # One lone carriage return tells of a file that ends all its lines so.
        if match[0] in named:
            continue
        if match[0] == "\r":
            named.add("\r")
        line, column = position(text, match.start())
        yield Diagnostic(
            "MG109",
            f"{character_name(match[0])} cannot be part of a spec",
            hint=_ADVICE.get(match[0], "remove it: it cannot be seen, and tools read it in different ways"),
            span=Span(file, line, column, line, column + 1),
        )


def forbidden_value(value: str) -> str | None:
    """The name of the first character that no value may hold, even spelled as an escape."""
    match = None if _plain(value) else re.search(_IN_VALUE, value)
    return character_name(match[0]) if match else None


def _plain(text: str) -> bool:
    """Whether nothing has to be looked for: ASCII that prints, tabs and line feeds. Most specs hold no more."""
    if not text.isascii():
        return False
    return text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable()


def character_name(character: str) -> str:
    """A character in words that print, such as `U+202E (right-to-left override)`."""
    name = _CONTROLS.get(character) or unicodedata.name(character, "").lower()
    name = name or _NAMES.get(unicodedata.category(character), "no character")
    return f"U+{ord(character):04X} ({name})"


_ADVICE = {"\r": "end lines with a line feed, or with carriage return and line feed"}
_CONTROLS = {"\0": "null", "\r": "carriage return", "\x1b": "escape", "\x7f": "delete", "\x85": "next line"}
_NAMES = {"Cc": "a control character", "Cs": "half a surrogate pair"}
