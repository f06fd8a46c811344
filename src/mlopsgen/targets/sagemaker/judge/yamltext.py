"""Reads a CloudFormation template in YAML with the offset of every value; `!Ref` becomes `{"Ref": …}`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from mlopsgen.targets.sagemaker.judge.document import Document, Lines, Path

DEPTH = 100
_AS_THEY_ARE = ("Ref", "Condition")
_TEXT = ("timestamp", "binary", "value", "merge")


class NotYaml(Exception):
    """The text stops being YAML, or being a template, at this offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def read_yaml(file: str, text: str) -> Document:
    """The document, or NotYaml with the offset where it breaks."""
    reader = _Reader(yaml.parse(text, Loader=yaml.CSafeLoader))
    try:
        data = reader.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotYaml(error.problem or "not YAML", mark.index if mark else 0) from error
    except yaml.YAMLError as error:
        raise NotYaml(str(error).splitlines()[0], 0) from error
    return Document(file, data, Lines.of(file, text), reader.places, tuple(reader.repeated), size=len(text))


def _start(event: Any) -> int:
    return int(event.start_mark.index)


def _end(event: Any) -> int:
    return int(event.end_mark.index)


class _Reader:
    """Goes through the events once: the depth is known before a parser runs out of stack."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.places: dict[Path, tuple[int, int]] = {}
        self.repeated: list[Path] = []
        self.scalars = yaml.SafeLoader("")

    def document(self) -> Any:
        """What the first document holds, None where there is none."""
        data = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                data = self._value(next(self.events), ())
            elif isinstance(event, yaml.DocumentEndEvent):
                break
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise NotYaml("a template is one document", _start(event))
        return data

    def _value(self, event: Any, path: Path) -> Any:
        start = _start(event)
        if isinstance(event, yaml.AliasEvent):
            # Expanding them could take for ever, and CloudFormation does not read them either.
            raise NotYaml("CloudFormation knows no aliases", start)
        if len(path) > DEPTH:
            raise NotYaml(f"nested deeper than {DEPTH}", start)
        short = event.tag[1:] if event.tag and event.tag.startswith("!") and len(event.tag) > 1 else None
        if short is None:
            value, end = self._plain(event, path, None)
            self.places[path] = (start, end)
            return value
        key = short if short in _AS_THEY_ARE else f"Fn::{short}"
        value, end = self._plain(event, (*path, key), short)
        self.places[path] = self.places[(*path, key)] = (start, end)
        return {key: value.split(".", 1) if short == "GetAtt" and isinstance(value, str) else value}

    def _plain(self, event: Any, path: Path, short: str | None) -> tuple[Any, int]:
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path)
        return (event.value if short else self._scalar(event)), _end(event)

    def _list(self, path: Path) -> tuple[list[Any], int]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*path, len(found))))
        return found, _end(event)

    def _map(self, path: Path) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise NotYaml("a key must be a single word", _start(event))
            if event.value in found:
                self.repeated.append((*path, event.value))
            found[event.value] = self._value(next(self.events), (*path, event.value))
        return found, _end(event)

    def _scalar(self, event: Any) -> Any:
        implicit = event.implicit
        tag = event.tag or self.scalars.resolve(yaml.ScalarNode, event.value, implicit)  # type: ignore[no-untyped-call]
        if tag.rsplit(":", 1)[-1] in _TEXT:
            return event.value
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
        try:
            return self.scalars.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            raise NotYaml("this value cannot be read", _start(event)) from error
