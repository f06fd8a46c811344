"""Reads JSON with the offset of every value, as strictly as the service does."""

from __future__ import annotations

import json
import re
from typing import Any

from mlopsgen.targets.documents.document import Document, Lines, Path

DEPTH = 100
_BLANK = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+"')
_WORDS = {"true": True, "false": False, "null": None}


class NotJson(Exception):
    """The text stops being JSON at this offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def read_json(file: str, text: str) -> Document:
    """The document, or NotJson with the offset where it breaks."""
    reader = _Reader(text)
    data, end = reader.value(reader.blank(0), ())
    if reader.blank(end) != len(text):
        raise NotJson("something follows the end of the document", reader.blank(end))
    return Document(file, data, Lines.of(file, text), reader.places, tuple(reader.repeated), size=len(text))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.places: dict[Path, tuple[int, int]] = {}
        self.repeated: list[Path] = []

    def blank(self, at: int) -> int:
        match = _BLANK.match(self.text, at)
        return match.end() if match else at

    def value(self, at: int, path: Path) -> tuple[Any, int]:
        if len(path) > DEPTH:
            raise NotJson(f"nested deeper than {DEPTH}", at)
        value: Any
        first = self.text[at : at + 1]
        if first == "{":
            value, end = self._object(at + 1, path)
        elif first == "[":
            value, end = self._array(at + 1, path)
        elif first == '"':
            value, end = self._string(at)
        else:
            value, end = self._scalar(at)
        self.places[path] = (at, end)
        return value, end

    def _object(self, at: int, path: Path) -> tuple[dict[str, Any], int]:
        members: dict[str, Any] = {}
        at = self.blank(at)
        while self.text[at : at + 1] != "}":
            if self.text[at : at + 1] != '"':
                raise NotJson('a key in double quotes or "}" must stand here', at)
            key, end = self._string(at)
            if key in members:
                self.repeated.append((*path, key))
            members[key], at = self.value(self.blank(self._expect(self.blank(end), ":")), (*path, key))
            at = self._next(at, "}")
        return members, at + 1

    def _array(self, at: int, path: Path) -> tuple[list[Any], int]:
        items: list[Any] = []
        at = self.blank(at)
        while self.text[at : at + 1] != "]":
            value, at = self.value(at, (*path, len(items)))
            items.append(value)
            at = self._next(at, "]")
        return items, at + 1

    def _next(self, at: int, close: str) -> int:
        at = self.blank(at)
        if self.text[at : at + 1] == close:
            return at
        at = self.blank(self._expect(at, ","))
        if self.text[at : at + 1] == close:
            raise NotJson("nothing may follow the last comma", at)
        return at

    def _expect(self, at: int, sign: str) -> int:
        if self.text[at : at + 1] != sign:
            raise NotJson(f'"{sign}" must stand here', at)
        return at + 1

    def _string(self, at: int) -> tuple[str, int]:
        match = _STRING.match(self.text, at)
        if match is None:
            raise NotJson("this text in quotes is not JSON", at)
        return str(json.loads(match[0])), match.end()

    def _scalar(self, at: int) -> tuple[Any, int]:
        for word, value in _WORDS.items():
            if self.text.startswith(word, at):
                return value, at + len(word)
        match = _NUMBER.match(self.text, at)
        if match is None:
            raise NotJson("no JSON value starts like this", at)
        whole = match[1] is None and match[2] is None
        return int(match[0]) if whole else float(match[0]), match.end()
