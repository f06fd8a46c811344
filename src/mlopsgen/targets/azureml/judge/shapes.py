"""What a value may look like, written down as data, and the walk that holds a file against it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.targets.documents import Document, Path, shown


@dataclass(frozen=True, slots=True)
class Text:
    """A text: one of some words, or of a form, or no longer than so many characters."""

    words: tuple[str, ...] = ()
    form: str | None = None
    says: str = ""
    """The form in words."""
    most: int | None = None
    exact: bool = False
    """Whether capitals count among `words`."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number between two bounds."""

    whole: bool = False
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Anything:
    """What nobody looks at."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of such entries."""

    of: Shape
    least: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """A map from names that its author chose."""

    of: Shape
    key: Text = field(default_factory=Text)
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """A map whose keys have meanings."""

    name: str
    fields: Mapping[str, Shape]
    needs: tuple[str, ...] = ()
    loose: bool = False
    """Whether further keys are none of our business."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A map whose `key` says which keys it has beside."""

    name: str
    key: str
    of: Mapping[str, Fields]
    unsaid: str | None = None
    """What it is when it does not say."""


@dataclass(frozen=True, slots=True)
class Either:
    """A single value, or a structure."""

    single: Shape
    many: Shape


Shape: TypeAlias = Text | Number | Flag | Anything | Listed | Named | Fields | Chosen | Either
Findings: TypeAlias = Iterator[Diagnostic]


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk over one file; `stands` says which texts are filled in later, and so may stand for any value."""

    document: Document
    stands: Callable[[str], bool] = lambda _: False

    def value(self, shape: Shape, value: Any, path: Path) -> Findings:
        """Every finding at and below this value."""
        if isinstance(shape, Anything) or value is None or (isinstance(value, str) and self.stands(value)):
            return
        if isinstance(shape, Either):
            structure = isinstance(value, dict | list)
            yield from self.value(shape.many if structure else shape.single, value, path)
        elif isinstance(shape, Fields | Chosen | Named):
            yield from self._map(shape, value, path)
        elif isinstance(shape, Listed):
            yield from self._list(shape, value, path)
        elif isinstance(shape, Text):
            yield from self._text(shape, value, path)
        elif isinstance(shape, Number):
            yield from self._number(shape, value, path)
        elif not isinstance(value, bool) and str(value).lower() not in ("true", "false"):
            yield self._say("MG431", path, f"must be true or false, is {_shortly(value)}")

    def _map(self, shape: Fields | Chosen | Named, value: Any, path: Path) -> Findings:
        if not isinstance(value, dict):
            yield self._say("MG431", path, f"must be a map, is {_shortly(value)}")
        elif isinstance(shape, Fields):
            yield from self._fields(shape, value, path)
        elif isinstance(shape, Chosen):
            yield from self._chosen(shape, value, path)
        else:
            yield from self._named(shape, value, path)

    def _fields(self, shape: Fields, value: dict[str, Any], path: Path) -> Findings:
        for key, item in value.items():
            if key in shape.fields:
                yield from self.value(shape.fields[key], item, (*path, key))
            elif not shape.loose:
                near = nearest(key, shape.fields)
                hint = f"did you mean `{near}`?" if near else "it has " + ", ".join(f"`{k}`" for k in shape.fields)
                yield self.document.finding("MG430", f"{shape.name} has no `{key}`", (*path, key), hint)
        for key in shape.needs:
            if value.get(key) is None:
                yield self.document.finding("MG432", f"{shape.name} needs `{key}`", path)

    def _chosen(self, shape: Chosen, value: dict[str, Any], path: Path) -> Findings:
        tag = value.get(shape.key, shape.unsaid)
        if tag is None:
            yield self.document.finding("MG432", f"{shape.name} needs `{shape.key}`", path)
        elif not isinstance(tag, str) or tag.lower() not in shape.of:
            yield self._no_such(tuple(shape.of), tag, (*path, shape.key))
        else:
            yield from self._fields(shape.of[tag.lower()], value, path)

    def _named(self, shape: Named, value: dict[str, Any], path: Path) -> Findings:
        for key, item in value.items():
            for finding in self._text(shape.key, key, (*path, key)):
                yield Diagnostic(finding.code, f"the name {finding.message}", hint=finding.hint, span=finding.span)
            yield from self.value(shape.of, item, (*path, key))
        yield from self._count(shape.least, shape.most, len(value), path)

    def _list(self, shape: Listed, value: Any, path: Path) -> Findings:
        if not isinstance(value, list):
            yield self._say("MG431", path, f"must be a list, is {_shortly(value)}")
            return
        for i, item in enumerate(value):
            yield from self.value(shape.of, item, (*path, i))
        yield from self._count(shape.least, None, len(value), path)

    def _count(self, least: int, most: int | None, count: int, path: Path) -> Findings:
        if count < least:
            yield self._say("MG437", path, f"needs {least} at least, has {count or 'none'}")
        elif most is not None and count > most:
            yield self._say("MG437", path, f"takes {most} at most, has {count}")

    def _text(self, shape: Text, value: Any, path: Path) -> Findings:
        if not isinstance(value, str):
            yield self._say("MG431", path, f"must be text, is {_shortly(value)}")
        elif shape.words and value not in shape.words and (shape.exact or value.lower() not in shape.words):
            yield self._no_such(shape.words, value, path)
        elif shape.most is not None and len(value) > shape.most:
            yield self._say("MG437", path, f"takes {shape.most} characters at most, has {len(value)}")
        elif shape.form is not None and not re.fullmatch(shape.form, value):
            yield self._say("MG433", path, f"must be {shape.says}, is `{value[:60]}`")

    def _number(self, shape: Number, value: Any, path: Path) -> Findings:
        number = as_number(value)
        if number is None or (shape.whole and number != int(number)):
            kind = "a whole number" if shape.whole else "a number"
            yield self._say("MG431", path, f"must be {kind}, is {_shortly(value)}")
        elif shape.least is not None and number < shape.least:
            yield self._say("MG437", path, f"must be {shape.least:g} at least, is {number:g}")
        elif shape.most is not None and number > shape.most:
            yield self._say("MG437", path, f"must be {shape.most:g} at most, is {number:g}")

    def _no_such(self, words: tuple[str, ...], value: Any, path: Path) -> Diagnostic:
        near = nearest(str(value), words)
        hint = f"did you mean `{near}`?" if near else "one of " + ", ".join(words)
        return self.document.finding("MG433", f"`{shown(path[-1:])}` cannot be `{value}`", path, hint)

    def _say(self, code: str, path: Path, message: str) -> Diagnostic:
        return self.document.finding(code, f"`{shown(path[-1:]) or self.document.file}` {message}", path)


def as_number(value: Any) -> float | None:
    """A number, also one that somebody put in quotes, which the SDK takes; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) != float("inf") and number == number else None  # noqa: PLR0124 — NaN is not itself


def _shortly(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a map" if isinstance(value, dict) else "a list"
    return f"`{str(value)[:60]}`"


SIMPLE = ("string", "number", "integer", "boolean")


def kind_of(value: Any) -> str | tuple[Any] | None:
    """The kind that an input of a pipeline has, or its plain value; None where it does not say."""
    if not isinstance(value, dict):
        return None if value is None else (value,)
    if "value" in value:
        return (value["value"],)
    return str(value.get("type", "uri_folder")) if "type" in value or "path" in value else None


def fits(kind: str, value: Any) -> str | None:
    """The code of what is wrong with a plain value, None where it can be read as the kind wanted."""
    if value is None:
        return None
    if kind == "string":
        return "MG431" if isinstance(value, dict | list) else None
    if kind == "boolean":
        if isinstance(value, bool) or str(value).lower() in ("true", "false"):
            return None
        return "MG433" if isinstance(value, str) else "MG431"
    number = as_number(value)
    return "MG431" if number is None or (kind == "integer" and number != int(number)) else None


def outside(entry: Mapping[str, Any], kind: str, value: Any) -> Iterator[str]:
    """What a component says against a value: below its least, above its most, none of its words."""
    number = as_number(value) if kind in ("number", "integer") else None
    least, most, words = as_number(entry.get("min")), as_number(entry.get("max")), entry.get("enum")
    if number is not None and least is not None and number < least:
        yield f"must be {least:g} at least, is {number:g}"
    if number is not None and most is not None and number > most:
        yield f"must be {most:g} at most, is {number:g}"
    if isinstance(words, list) and str(value) not in [str(word) for word in words]:
        yield f"cannot be `{value}`: it is one of {', '.join(map(str, words))}"


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())
