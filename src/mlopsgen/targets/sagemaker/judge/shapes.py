"""Walks a value against a botocore shape: what ParamValidator checks, and enums, patterns and maxima beside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.targets.documents.document import Document, Path, shown
from mlopsgen.targets.sagemaker.judge.definition import function

_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "long": "a whole number",
    "float": "a number",
    "double": "a number",
    "boolean": "true or false",
    "structure": "an object",
    "map": "an object",
    "list": "a list",
}


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk over one file: where findings go, and what a function in place of a value is."""

    document: Document
    kind: Callable[[Any, Path], str | None]
    """The type a function gives (String, Integer, Float, Boolean, Structure), None where it cannot be known."""
    skip: Mapping[Path, frozenset[str]] = field(default_factory=dict)
    """Required members that may be left out at a path."""
    refused: Mapping[str, str] = field(default_factory=dict)

    def value(self, shape: Any, value: Any, path: Path) -> Iterator[Diagnostic]:
        """Every finding below this value."""
        if function(value):
            yield from self._function(shape, value, path)
        elif not _fits(shape.type_name, value):
            yield self._say("MG431", path, f"must be {_NAMES.get(shape.type_name, shape.type_name)}")
        elif shape.type_name == "structure":
            yield from self._structure(shape, value, path)
        elif shape.type_name == "list":
            yield from self._length(shape, value, path, "entries")
            for i, item in enumerate(value):
                yield from self.value(shape.member, item, (*path, i))
        elif shape.type_name == "map":
            yield from self._map(shape, value, path)
        elif shape.type_name == "string":
            yield from self._text(shape, value, path)
        elif shape.type_name in ("integer", "long", "float", "double"):
            yield from self._number(shape, value, path)

    def _structure(self, shape: Any, value: dict[str, Any], path: Path) -> Iterator[Diagnostic]:
        for key, item in value.items():
            if key not in shape.members:
                near = nearest(key, shape.members)
                hint = f"did you mean `{near}`?" if near else None
                yield self.document.finding("MG430", f"{shape.name} has no `{key}`", (*path, key), hint)
            elif key in self.refused:
                yield self.document.finding("MG430", f"a step may not give `{key}`: {self.refused[key]}", (*path, key))
            else:
                yield from self.value(shape.members[key], item, (*path, key))
        for key in shape.required_members:
            if key not in value and key not in self.skip.get(path, ()):
                yield self.document.finding("MG432", f"{shape.name} needs `{key}`", path)
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            yield self._say("MG433", path, "must hold exactly one of " + ", ".join(shape.members))

    def _map(self, shape: Any, value: dict[str, Any], path: Path) -> Iterator[Diagnostic]:
        yield from self._length(shape, value, path, "entries")
        for key, item in value.items():
            for finding in self._text(shape.key, key, (*path, key)):
                yield Diagnostic(finding.code, f"the key {finding.message}", span=finding.span)
            yield from self.value(shape.value, item, (*path, key))

    def _text(self, shape: Any, value: str, path: Path) -> Iterator[Diagnostic]:
        if self.document.holes and "${" in value:
            return
        yield from self._length(shape, value, path, "characters")
        if shape.enum and value not in shape.enum:
            near = nearest(value, shape.enum)
            some = f"did you mean `{near}`?" if near else "one of " + ", ".join(sorted(shape.enum)[:8])
            yield self.document.finding("MG433", f"`{shown(path[-1:])}` cannot be `{value}`", path, some)
        pattern = _pattern(shape.metadata.get("pattern"))
        if pattern and not pattern.fullmatch(value):
            yield self._say("MG433", path, f"does not match {shape.metadata['pattern']}")

    def _number(self, shape: Any, value: float, path: Path) -> Iterator[Diagnostic]:
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        if least is not None and value < least:
            yield self._say("MG437", path, f"must be at least {least}, is {value}")
        if most is not None and value > most:
            yield self._say("MG437", path, f"must be at most {most}, is {value}")

    def _length(self, shape: Any, value: Any, path: Path, unit: str) -> Iterator[Diagnostic]:
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        if least is not None and len(value) < least:
            yield self._say("MG437", path, f"needs at least {least} {unit}, has {len(value)}")
        if most is not None and len(value) > most:
            yield self._say("MG437", path, f"takes at most {most} {unit}, has {len(value)}")

    def _function(self, shape: Any, value: dict[str, Any], path: Path) -> Iterator[Diagnostic]:
        kind = self.kind(value, path)
        if shape.type_name in ("structure", "list", "map"):
            yield self._say("MG431", path, "must be written out: a function gives a single value")
        elif kind is not None and kind not in _GIVES.get(shape.type_name, (kind,)):
            yield self._say("MG431", path, f"must be {_NAMES[shape.type_name]}, and this function gives {kind}")

    def _say(self, code: str, path: Path, message: str) -> Diagnostic:
        return self.document.finding(code, f"`{shown(path[-2:])}` {message}", path)


_GIVES = {
    "string": ("String",),
    "integer": ("Integer",),
    "long": ("Integer",),
    "float": ("Integer", "Float"),
    "double": ("Integer", "Float"),
    "boolean": ("Boolean",),
}


def _fits(kind: str, value: Any) -> bool:
    if kind in ("integer", "long"):
        return isinstance(value, int) and not isinstance(value, bool)
    if kind in ("float", "double"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    kind_of = {"string": str, "boolean": bool, "structure": dict, "map": dict, "list": list}.get(kind)
    return kind_of is None or isinstance(value, kind_of)


_ANY_TEXT = r"[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]"
"""Everything but control characters, line breaks among them."""
_CLASSES = {
    _ANY_TEXT: r"[^\x00-\x1f\x7f-\x9f]",
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": " \u00a0\u2000-\u200a\u2028\u2029\u202f\u3000",
    r"\p{Alnum}": "a-zA-Z0-9",
}


@lru_cache(maxsize=1024)
def _pattern(text: str | None) -> re.Pattern[str] | None:
    """A Java pattern of the model as a Python one; None where Python cannot say it."""
    for java, python in _CLASSES.items():
        text = text.replace(java, python) if text else text
    try:
        return re.compile(text) if text else None
    except re.error:
        return None
