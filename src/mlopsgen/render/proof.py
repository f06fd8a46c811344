"""Compares the document that was parsed with the one that the template intends; the findings of a failed proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import field
from typing import Any

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.records import dataclass
from mlopsgen.render.encode import UnspellableError, plain
from mlopsgen.render.fill import MARKER, Filled, Print, marker
from mlopsgen.render.tree import TemplateLine


def finding(code: str, place: TemplateLine, message: str, hint: str | None = None) -> Diagnostic:
    """A finding that names the template and the line."""
    return Diagnostic(code, f"template {place.template}, line {place.line}: {message}", span=place.span(), hint=hint)


def plain_values(filled: Filled) -> list[Any]:
    """Every printed value as plain data, or all findings about those that cannot be."""
    values: list[Any] = []
    findings: list[Diagnostic] = []
    for printed in filled.prints:
        try:
            values.append(plain(printed.value))
        except UnspellableError as problem:
            values.append(None)
            findings.append(finding("MG402", printed.place(), str(problem)))
    if findings:
        raise SpecError(findings)
    return values


def not_whole(printed: Print) -> Diagnostic:
    """The finding for a value that stands in a comment, in quotes, or beside other text."""
    hint = "`{{ }}` takes a whole value or key: no quotes, comment or other text around it; join in lower.py"
    return finding("MG403", printed.place(), "what is printed is not a whole value or key", hint)


def same(a: Any, b: Any) -> bool:
    """Equal in content and type, all the way down: 1, 1.0 and True differ."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(v, b[k]) for k, v in a.items())
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    # -0.0 equals 0.0 and is another number.
    return repr(a) == repr(b) if isinstance(a, float) else bool(a == b)


@dataclass(slots=True)
class _DocumentBuilder:
    """The document a template means: its skeleton with each marker replaced by the value itself."""

    values: list[Any]
    numbers: dict[str, int] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)
    bad_keys: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Parsed, a marker has lost its quotes.
        self.numbers = {marker(n)[1:-1]: n for n in range(len(self.values))}

    def build(self, node: Any) -> Any:
        """The node with its markers replaced; notes each marker it meets."""
        if isinstance(node, str):
            number = self.numbers.get(node)
            if number is None:
                return node
            self.seen.append(number)
            return self.values[number]
        if isinstance(node, dict):
            return self._mapping(node)
        if isinstance(node, list):
            return [self.build(v) for v in node]
        return node

    def _mapping(self, node: dict[Any, Any]) -> dict[Any, Any]:
        out: dict[Any, Any] = {}
        for key, value in node.items():
            name = key
            if (number := self.numbers.get(key)) is not None:
                self.seen.append(number)
                name = self.values[number]
                if not isinstance(name, str) or name in out or name in node:
                    self.bad_keys.append(number)
                    continue
            out[name] = self.build(value)
        return out


def intended_document(filled: Filled, skeleton: Any, values: list[Any]) -> Any:
    """The document that the template means, or findings for each value that is no whole value or key."""
    building = _DocumentBuilder(values)
    document = building.build(skeleton)
    findings = list(_bad_keys(filled, building))
    if not findings and sorted(building.seen) != list(range(len(values))):
        times = Counter(building.seen)
        findings = [not_whole(p) for n, p in enumerate(filled.prints) if times[n] != 1]
    if findings:
        raise SpecError(findings)
    return document


def _bad_keys(filled: Filled, building: _DocumentBuilder) -> Iterator[Diagnostic]:
    for number in building.bad_keys:
        key, place = building.values[number], filled.prints[number].place()
        if isinstance(key, str):
            yield finding("MG404", place, f"two keys would both be called {key!a}")
        else:
            yield finding("MG402", place, f"a key must be text, not {type(key).__name__}")


def unparsable(filled: Filled, line: int, what: str) -> SpecError:
    """The error for a filled template that is not even a document of its format."""
    start = filled.place_of_line(line)
    line_text = MARKER.sub("…", filled.text.split("\n")[line - 1]) if line <= filled.text.count("\n") + 1 else ""
    return SpecError([finding("MG405", start, f"what it prints does not parse: {what} in `{line_text.strip()}`")])
