"""A YAML text as a tree in which every key and every value knows where it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any, TypeAlias

from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, Span, SpecPath
from mlopsgen.records import dataclass

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """A value, the stretch of text it was written in, and the key that leads to it.

    `raw` is a scalar exactly as written, with its quotes (`3.10` reads 3.1); empty for maps and lists.
    """

    value: Scalar | dict[str, Node] | list[Node]
    span: Span
    key: Span | None = None
    raw: str = ""

    def with_value(self, value: Scalar | dict[str, Node] | list[Node]) -> Node:
        """Another value in the same place; `dataclasses.replace` takes six times as long, and a tree has hundreds."""
        return Node(value, self.span, self.key, self.raw)

    def child(self, part: str | int) -> Node | None:
        """The entry under a key or at a list position, if it was written."""
        value = self.value
        if isinstance(value, dict):
            return value.get(part) if isinstance(part, str) else None
        # A bool is an int to Python, and -1 would count from the end: neither is a position.
        if isinstance(value, list) and type(part) is int and 0 <= part < len(value):
            return value[part]
        return None


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: its name, its text without byte-order mark, and its tree (always a map at the top)."""

    file: str
    text: str
    root: Node
    findings: tuple[Diagnostic, ...] = ()
    """What is worth knowing about it all the same."""

    def find(self, spec_path: SpecPath) -> Node | None:
        """The node at a path, or None when nothing was written there."""
        node, rest = _walk(self.root, spec_path)
        return None if rest else node

    def locate(self, spec_path: SpecPath, on: On = On.VALUE) -> Span:
        """The span of a path in the text; what was never written has that of its nearest written ancestor."""
        node, rest = _walk(self.root, spec_path)
        if rest:
            return _opening(node)
        return node.key or node.span if on is On.KEY else node.span


def texts(node: Node) -> Iterator[str]:
    """Every key and every text of the tree."""
    if isinstance(node.value, str):
        yield node.value
    elif isinstance(node.value, dict):
        yield from node.value
        yield from chain.from_iterable(map(texts, node.value.values()))
    elif isinstance(node.value, list):
        yield from chain.from_iterable(map(texts, node.value))


def plain(node: Node) -> Any:
    """The tree as ordinary maps, lists and scalars, without positions."""
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [plain(value) for value in node.value]
    return node.value


def with_spans(findings: Iterable[Diagnostic], source: Source) -> tuple[Diagnostic, ...]:
    """The findings with their places in the text, in reading order, each once."""
    return in_order(_with_span(d, source) for d in findings)


def in_order(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Placed findings in reading order, each once."""
    once = {(d, d.span): d for d in findings}
    return tuple(sorted(once.values(), key=_reading_order))


def _walk(node: Node, spec_path: SpecPath) -> tuple[Node, SpecPath]:
    """The deepest node that was written on the way along a path, and the parts that were not."""
    for depth, part in enumerate(spec_path):
        child = node.child(part)
        if child is None:
            return node, spec_path[depth:]
        node = child
    return node, ()


def _opening(node: Node) -> Span:
    """The one place that stands for a whole node: its key, else its first key or entry."""
    while node.key is None and isinstance(node.value, dict | list) and node.value:
        # Keys of a spec may be in another order than in its text.
        entries = node.value.values() if isinstance(node.value, dict) else node.value
        node = min(entries, key=lambda entry: entry.key or entry.span)
    return node.key or node.span


def _with_span(finding: Diagnostic, source: Source) -> Diagnostic:
    span = finding.span or _shown(finding, source)
    return replace(finding, span=span, fix=finding.fix and _place_fix(finding.fix, finding, source))


def _shown(finding: Diagnostic, source: Source) -> Span:
    # The whole file underlined tells nobody anything.
    return source.locate(finding.spec_path, finding.on) if finding.spec_path else _opening(source.root)


def _place_fix(fix: Fix, finding: Diagnostic, source: Source) -> Fix:
    spec_path = finding.spec_path if fix.spec_path is None else fix.spec_path
    # An edit at a place that was never written would overwrite its ancestor: such a fix stays words.
    if fix.span is not None or source.find(spec_path) is None:
        return fix
    span = source.locate(spec_path, fix.on)
    return replace(fix, span=span, text=_apart(fix.text, span, source.text))


def _apart(text: str, span: Span, whole: str) -> str:
    """The text with the space it needs behind `key:` or `-` when nothing stood there."""
    if (span.line, span.column) != (span.end_line, span.end_column):
        return text
    before = whole.split("\n", span.line)[span.line - 1][: span.column - 1]
    return f" {text}" if before.endswith((":", "-", ",")) else text


_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def _reading_order(finding: Diagnostic) -> tuple[Any, ...]:
    span = finding.span or Span("", 0, 0, 0, 0)
    return span, _WEIGHT[finding.severity], finding.code, finding.message, finding.hint or ""
