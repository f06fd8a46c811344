"""Reads YAML with the offset of every value; values mean what PyYAML's safe loader says, but dates stay text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from mlopsgen.targets.documents.document import Document, Lines, Path

DEPTH = 100
MOST_VALUES = 1_000_000
"""In one document, each as often as it is repeated: a few lines of aliases can stand for more than a memory holds."""

# The C parser is ten times as fast; PyYAML comes without it where libyaml is missing.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT = ("timestamp", "binary", "value", "merge")


class NotYaml(Exception):
    """The text stops being YAML, or being what is read here, at this offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def read_yaml(file: str, text: str) -> tuple[Document, ...]:
    """Every document of the file, or NotYaml with the offset where it breaks."""
    return tuple(Reader(text).documents(file))


class Reader:
    """Goes through the events once: the depth is known before a parser runs out of stack."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.events = _events(text)
        self.scalars = yaml.SafeLoader("")
        self._begin()

    def _begin(self) -> None:
        self.places: dict[Path, tuple[int, int]] = {}
        self.repeated: list[Path] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.values = 0

    def documents(self, file: str) -> Iterator[Document]:
        """Each document in turn."""
        lines = Lines.of(file, self.text)
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._begin()
                data = self.value(next(self.events), ())
                yield Document(file, data, lines, self.places, tuple(self.repeated), size=len(self.text))

    def value(self, event: Any, path: Path) -> Any:
        """The value that starts with this event; its place is remembered."""
        if len(path) > DEPTH:
            raise NotYaml(f"nested deeper than {DEPTH}", start_of(event))
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path)
        if event.tag and event.tag.startswith("!") and event.tag != "!":
            raise NotYaml(f"the tag {event.tag} means nothing here", start_of(event))
        before = self.values
        self.values += 1
        value, end = self.untagged(event, path)
        self.places[path] = (start_of(event), end)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.values - before)
        return value

    def alias(self, event: Any, path: Path) -> Any:
        """What the anchor of that name held."""
        if event.anchor not in self.anchors:
            raise NotYaml(f"the anchor `{event.anchor}` has not ended here", start_of(event))
        value, size = self.anchors[event.anchor]
        self.values += size
        if self.values > MOST_VALUES:
            raise NotYaml(f"aliases make more than {MOST_VALUES:,} values of this", start_of(event))
        self.places[path] = (start_of(event), end_of(event))
        return value

    def untagged(self, event: Any, path: Path) -> tuple[Any, int]:
        """A map, list or scalar, and the offset of its end."""
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path)
        return self.scalar(event), end_of(event)

    def scalar(self, event: Any) -> Any:
        """A word as PyYAML means it."""
        implicit = event.implicit
        tag = event.tag or self.scalars.resolve(yaml.ScalarNode, event.value, implicit)  # type: ignore[no-untyped-call]
        if tag.rsplit(":", 1)[-1] in _TEXT:
            return event.value
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
        try:
            return self.scalars.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            raise NotYaml("this value cannot be read", start_of(event)) from error

    def _list(self, path: Path) -> tuple[list[Any], int]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.value(event, (*path, len(items))))
        return items, end_of(event)

    def _map(self, path: Path) -> tuple[dict[str, Any], int]:
        members: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise NotYaml("a key must be a single word", start_of(event))
            value = self.value(next(self.events), (*path, event.value))
            if event.value == "<<" and event.implicit[0]:
                merged.update(_merged(value, start_of(event)))
                continue
            if event.value in members:
                self.repeated.append((*path, event.value))
            members[event.value] = value
        return merged | members, end_of(event)


def _merged(value: Any, offset: int) -> dict[str, Any]:
    """What `<<:` brings into a map: of several maps, the first one that has a key counts."""
    members: dict[str, Any] = {}
    for one in reversed(value if isinstance(value, list) else [value]):
        if not isinstance(one, dict):
            raise NotYaml("`<<` takes a map", offset)
        members.update(one)
    return members


def _events(text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotYaml(error.problem or "not YAML", mark.index if mark else 0) from error
    except yaml.YAMLError as error:
        raise NotYaml(str(error).splitlines()[0], 0) from error
    except (ValueError, OverflowError) as error:  # PyYAML hands a bad escape to chr()
        raise NotYaml(str(error), 0) from error


def start_of(event: Any) -> int:
    """The offset where what an event is about begins."""
    return int(event.start_mark.index)


def end_of(event: Any) -> int:
    """The offset where what an event is about ends."""
    return int(event.end_mark.index)
