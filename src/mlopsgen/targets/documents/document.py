"""A parsed file that still knows where each of its values stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, TypeAlias

from mlopsgen.diagnostics import Diagnostic, Severity, Span

Path: TypeAlias = tuple[str | int, ...]
"""Keys and positions from the top of a file to a value."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Turns offsets of one text into spans."""

    file: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, file: str, text: str) -> Lines:
        """The lines of this text."""
        lines = text.split("\n")[:-1]
        return cls(file, tuple(accumulate((len(line) + 1 for line in lines), initial=0)))

    def span(self, start: int, end: int) -> Span:
        """The stretch between two offsets, as lines and columns that count from 1."""
        (line, column), (end_line, end_column) = self._at(start), self._at(end)
        return Span(self.file, line, column, end_line, end_column)

    def _at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data read from a file, and the offsets of every value in it."""

    file: str
    data: Any
    lines: Lines
    places: Mapping[Path, tuple[int, int]]
    repeated: tuple[Path, ...] = ()
    """Keys that stand twice in one object."""
    size: int = 0
    holes: bool = False
    """Whether `${…}` in a text is filled in by CloudFormation before the service sees it."""

    def span(self, path: Path = ()) -> Span:
        """The place of a value, or of its nearest ancestor that has one."""
        while path and path not in self.places:
            path = path[:-1]
        return self.lines.span(*self.places.get(path, (0, 0)))

    def finding(
        self, code: str, message: str, path: Path = (), hint: str | None = None, severity: Severity = Severity.ERROR
    ) -> Diagnostic:
        """A finding placed at a value of this file."""
        return Diagnostic(code, message, hint=hint, severity=severity, span=self.span(path))

    def at(self, path: Path) -> Any:
        """The value at a path, None where there is none."""
        return dig(self.data, path)

    def below(self, path: Path) -> Document:
        """A document inside this one: what stands at a path, with its places in the same file."""
        depth = len(path)
        places = {place[depth:]: span for place, span in self.places.items() if place[:depth] == path}
        repeated = tuple(place[depth:] for place in self.repeated if place[:depth] == path)
        return replace(self, data=self.at(path), places=places, repeated=repeated)


def dig(node: Any, path: Path) -> Any:
    """The value at a path below a node, None where there is none."""
    for key in path:
        if isinstance(node, dict) and isinstance(key, str):
            node = node.get(key)
        elif isinstance(node, list) and isinstance(key, int) and -len(node) <= key < len(node):
            node = node[key]
        else:
            return None
    return node


def walk(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value with its path, parents first."""
    waiting = [(path, node)]
    while waiting:
        path, node = waiting.pop()
        yield path, node
        if isinstance(node, dict):
            waiting += [((*path, key), value) for key, value in reversed(node.items())]
        elif isinstance(node, list):
            waiting += [((*path, i), node[i]) for i in range(len(node) - 1, -1, -1)]


def items(value: Any) -> list[Any]:
    """The entries of a list; nothing where it is no list."""
    return value if isinstance(value, list) else []


def maps(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a list with their positions; nothing where it is no list."""
    for i, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield i, item


def shown(path: Path) -> str:
    """A path as people write it: `ProcessingInputs[0].S3Input`."""
    text = "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in path)
    return text.removeprefix(".")
