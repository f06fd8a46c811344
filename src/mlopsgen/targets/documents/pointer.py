"""What a tool says about `/a/b/0` of a file, as a place that a person can open."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Any

from mlopsgen.diagnostics import Span
from mlopsgen.targets.documents.document import Document, Lines, Path
from mlopsgen.targets.documents.jsontext import NotJson, read_json
from mlopsgen.targets.documents.yamltext import NotYaml, read_yaml

YAML = (".yaml", ".yml")


class Unread(Exception):
    """A file that holds no documents; `span` is where it breaks."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.span = span


def read_file(path: pathlib.Path, name: str) -> tuple[Document, ...]:
    """The documents of a YAML or JSON file, which findings call `name`; raises Unread."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Unread(f"{name} cannot be read as UTF-8 text", Lines.of(name, "").span(0, 0)) from None
    try:
        return read_yaml(name, text) if path.suffix in YAML else (read_json(name, text),)
    except (NotJson, NotYaml) as wrong:
        kind = "YAML" if path.suffix in YAML else "JSON"
        raise Unread(f"{name} is not {kind}: {wrong}", Lines.of(name, text).span(wrong.offset, wrong.offset)) from None


def span_at(documents: Sequence[Document], pointer: str) -> Span | None:
    """The place of a JSON pointer, or of the nearest value above it; None where a file holds nothing.

    Of several documents in one file, the pointer's first part is the document's number from 0.
    """
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    if len(documents) > 1:
        number = int(parts[0]) if parts and parts[0].isdecimal() else 0
        documents, parts = documents[number : number + 1], parts[1:]
    return documents[0].span(_path(documents[0].data, parts)) if documents else None


class Places:
    """Places in the files of one bundle as it is now; each file is read once."""

    def __init__(self, bundle: pathlib.Path) -> None:
        self.bundle = bundle
        self.read: dict[str, tuple[Document, ...]] = {}

    def span(self, file: str, pointer: str) -> Span:
        """Where a JSON pointer leads; of a file that holds no documents, its first character or where it breaks."""
        start = Span(file, 1, 1, 1, 2)
        if not file.endswith((*YAML, ".json")):
            return start
        try:
            if file not in self.read:
                self.read[file] = read_file(self.bundle / file, file)
        except Unread as broken:
            return broken.span
        return span_at(self.read[file], pointer) or start


def _path(data: Any, parts: Sequence[str]) -> Path:
    """The parts as keys and positions, as far as they lead somewhere."""
    path: list[str | int] = []
    for part in parts:
        if isinstance(data, dict) and part in data:
            path.append(part)
            data = data[part]
        elif isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            path.append(int(part))
            data = data[int(part)]
        else:
            break
    return tuple(path)
