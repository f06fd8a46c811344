"""YAML events to a tree: what the language refuses is found on the way, all of it in one reading."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import field, replace
from itertools import islice
from typing import Any, NoReturn

import yaml

from mlopsgen.credentials import find_credential, suspects
from mlopsgen.diagnostics import Diagnostic, Span, SpecError, SpecPath
from mlopsgen.records import dataclass
from mlopsgen.source import refusals
from mlopsgen.source.characters import decode, forbidden, forbidden_value
from mlopsgen.source.layout import Layout
from mlopsgen.source.scalars import Doubt, read_scalar
from mlopsgen.source.syntax import explain
from mlopsgen.source.tree import Node, Scalar, Source, in_order

# The C parser is ten times as fast; PyYAML comes without it where libyaml is missing.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_GLUED = re.compile(r"[\w.-]+:(?!/)\S.*", re.DOTALL)


def read_yaml(text: str | bytes, file: str) -> Source:
    """The tree of a YAML file with the place of every key and value; raises SpecError with all that is wrong."""
    whole = decode(text, file)
    if findings := list(islice(forbidden(whole, file), refusals.MOST_FINDINGS + 1)):
        if len(findings) > refusals.MOST_FINDINGS and (last := findings.pop().span):
            findings.append(refusals.too_wrong(last))
        raise SpecError(findings)
    reader = _Reader(Layout.of(file, whole))
    to_the_end = reader.read()
    if reader.root is None or reader.findings:
        rest = Source(file, whole, reader.root) if to_the_end and reader.root is not None else None
        raise Unread(in_order(reader.findings), rest)
    return Source(file, whole, reader.root)


class Unread(SpecError):
    """A text with something that no spec may hold; `rest` is what could be read of it, None where that is little."""

    def __init__(self, findings: Iterable[Diagnostic], rest: Source | None) -> None:
        self.rest = rest
        super().__init__(findings)


class _Stop(Exception):
    """Nothing sensible can be read behind this point."""


@dataclass(slots=True)
class _OpenCollection:
    """A map or list whose end has not come yet, and the key in it that waits for a value."""

    span: Span
    flow: bool
    items: dict[str, Node] | list[Node]
    seen: dict[str, Span] = field(default_factory=dict)
    key: str | None = None

    def wants_key(self) -> bool:
        return isinstance(self.items, dict) and self.key is None

    def part(self) -> str | int:
        return len(self.items) if isinstance(self.items, list) else self.key or ""


class _Reader:
    """Builds the tree from parser events and collects what is refused."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.findings: list[Diagnostic] = []
        self.root: Node | None = None
        self.top: Span | None = None
        self.open: list[_OpenCollection] = []
        self.suspects = suspects(layout.text)
        self.nodes = 0
        self.documents = 0

    def read(self) -> bool:
        """Take every event, to the end of the text or not; the limits hold inside this loop."""
        try:
            for event in yaml.parse(self.layout.text, Loader=LOADER):
                self.take(event)
        except _Stop:
            return False
        # PyYAML's own scanner hands a bad escape to chr(), which raises ValueError.
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            blank = refusals.odd_indentation(self.layout)
            self.findings.append(blank or explain(error, self.layout))
            return False
        if self.documents == 0:
            self.findings.append(refusals.empty(self.layout.file))
        elif self.top is not None and self.root is None:
            self.findings.append(refusals.no_map(self.layout, self.top.line, self.top.column))
        return True

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.NodeEvent):
            self.node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.end(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.document(event)

    def document(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        span = self.layout.span(event)
        if self.documents > 1:
            self.stop(refusals.second_document(span))
        if event.tags or event.version not in (None, (1, 2)):
            self.findings.append(refusals.directive(span))

    def node(self, event: yaml.NodeEvent) -> None:
        self.nodes += 1
        if self.nodes > refusals.MOST_NODES:
            self.stop(refusals.too_many(self.layout.span(event)))
        findings, span = refusals.properties(event, self.layout)
        if findings:
            self.report(findings)
        if isinstance(event, yaml.ScalarEvent):
            self.scalar(event, span)
        elif isinstance(event, yaml.CollectionStartEvent):
            self.start(event, span)
        else:
            self.report([refusals.alias(event.anchor, span)])
            self.put(None, span, "")

    def scalar(self, event: yaml.ScalarEvent, span: Span) -> None:
        if name := forbidden_value(event.value):
            self.report([refusals.hidden_character(name, span)])
        if self.open and self.open[-1].wants_key():
            self.key(event, span)
            return
        if self.suspects and (kind := self.credential(event.value)):
            self.report([refusals.credential(kind, span)])
        value = event.value if event.style else read_scalar(event.value)
        if isinstance(value, Doubt):
            self.report([refusals.doubt(event.value, value, span)])
            value = None
        elif value is None and self.open and self.open[-1].flow:
            self.glued(span)
        self.put(value, span, self.layout.cut(span))

    def glued(self, span: Span) -> None:
        """Find `{a:1}`: a key that holds a colon and has nothing behind it."""
        into = self.open[-1]
        key = into.seen.get(into.key or "")
        if into.key and key and span.column == span.end_column and _GLUED.fullmatch(self.layout.cut(key)):
            self.report([refusals.glued(into.key, key)])

    def credential(self, value: str) -> str | None:
        """The kind of secret in a value; some are told only beside their key."""
        key = self.open[-1].key if self.open else None
        return find_credential(value, self.suspects) or (key and find_credential(f"{key}: {value}", self.suspects))

    def key(self, event: yaml.ScalarEvent, span: Span) -> None:
        into, name = self.open[-1], event.value
        if not name:
            self.stop(refusals.empty_key(span))
        if name[0].isspace() and not event.style and (blank := refusals.odd_indentation(self.layout)):
            self.stop(blank)
        if name == "<<" and not event.style:
            self.report([refusals.merge_key(span)])
        elif name in into.seen:
            self.report([refusals.written_twice(name, into.seen[name], span)])
        into.key = name
        into.seen.setdefault(name, span)

    def start(self, event: yaml.CollectionStartEvent, span: Span) -> None:
        if self.open and self.open[-1].wants_key():
            self.stop(refusals.key_of_parts(span))
        if len(self.open) >= refusals.DEEPEST:
            self.stop(refusals.too_deep(span))
        items: dict[str, Node] | list[Node] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.open.append(_OpenCollection(span, bool(event.flow_style), items))

    def end(self, event: yaml.CollectionEndEvent) -> None:
        done = self.open.pop()
        values = list(done.items.values() if isinstance(done.items, dict) else done.items)
        # A block ends for the parser where the next thing begins; for a person with its last entry.
        last = self.layout.span(event) if done.flow or not values else values[-1].span
        start = done.span
        self.put(done.items, Span(start.file, start.line, start.column, last.end_line, last.end_column), "")

    def put(self, value: Scalar | dict[str, Node] | list[Node], span: Span, raw: str) -> None:
        """Hang a finished value into what is open around it."""
        if not self.open:
            self.top = span
            self.root = Node(value, span) if isinstance(value, dict) else None
            return
        into = self.open[-1]
        if isinstance(into.items, list):
            into.items.append(Node(value, span, None, raw))
        elif into.key is not None:
            into.items.setdefault(into.key, Node(value, span, into.seen[into.key], raw))
            into.key = None

    def path(self) -> SpecPath:
        """The path of the next value, from the top."""
        return tuple(level.part() for level in self.open if not level.wants_key())

    def report(self, findings: Iterable[Diagnostic]) -> None:
        self.findings.extend(self.placed(d) for d in findings)
        if len(self.findings) >= refusals.MOST_FINDINGS:
            self.stop(refusals.too_wrong(self.findings[-1].span or self.layout.point(1, 1)))

    def stop(self, finding: Diagnostic) -> NoReturn:
        self.findings.append(self.placed(finding))
        raise _Stop

    def placed(self, finding: Diagnostic) -> Diagnostic:
        return replace(finding, spec_path=(*self.path(), *finding.spec_path))
