"""The leaves of a spec, and what else could stand in the place of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlopsgen.diagnostics import SpecPath
from mlopsgen.spec.model import fields
from mlopsgen.spec.read import Read
from mlopsgen.testing.changes import CHANGES
from mlopsgen.testing.edits import at, changed, removed
from mlopsgen.testing.fields import Place, other, places, words_of

CHOICES = 12
"""So many other values at most are tried in the place of one."""
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_AMOUNT = re.compile(r"([0-9]+)([A-Za-z]+)$")
_REFERENCE = re.compile(r"\$\{parameters\.\w+\}")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value without keys of its own, and the field that it stands in."""

    path: SpecPath
    field: str
    """`Model.key`."""
    annotation: Any
    own: bool
    """Whether it is the field's whole value."""


@dataclass(frozen=True)
class Leaves:
    """All leaves of one spec in its long form, but what is null, which says nothing, and a target's block.

    A block says what an account has, whatever a product needs of it: that none of its keys is forgotten is tried in
    the contract, with blocks and specs that have everything.
    """

    data: Any
    read: Read

    def __iter__(self) -> Iterator[Leaf]:
        maps = {place.path: place for place in places(self.read)}
        for path in _paths(self.data, ()):
            if path[0] != "targets" and at(self.data, path) is not None:
                yield _leaf(path, maps)

    def edits(self, leaf: Leaf) -> Iterator[tuple[str, Any]]:
        """Specs with another value there, likelier ones first."""
        for value in self._others(leaf)[:CHOICES]:
            yield f"to {value!r}", changed(self.data, leaf.path, value)

    def without(self, leaf: Leaf) -> Any:
        """The spec without it."""
        return removed(self.data, leaf.path)

    def readers(self, parameter: str) -> Iterator[SpecPath]:
        """Where a run parameter is used."""
        for path in _paths(self.data, ()):
            if f"${{parameters.{parameter}}}" in str(at(self.data, path)):
                yield path

    def _others(self, leaf: Leaf) -> list[Any]:
        value = at(self.data, leaf.path)
        known = [one for one in CHANGES.get(leaf.field, ()) if leaf.own and type(one) is type(value)]
        match value:
            case bool():
                made: list[Any] = [not value]
            case int() | float():
                made = [*([round(value * 0.9, 9)] if isinstance(value, float) else ()), value + 1, value * 8, value - 1]
            case str():
                made = self._texts(value, leaf)
            case _:
                made = []
        return [one for one in (*known, *made) if one != value]

    def _texts(self, value: str, leaf: Leaf) -> list[str]:
        words = words_of(leaf.annotation)
        if value in words:
            return list(words)
        if _REFERENCE.fullmatch(value):
            return [f"${{parameters.{name}}}" for name in self.data.get("parameters", {})]
        near = sorted((_distance(value, one), one) for one in self._names)
        names = [one for distance, one in near if distance < 2]
        # A word that is a name of something here is more likely to be one than prose.
        free = [
            str(other(value)),
            f"{value}x",
            *([f"{number[1]}00{number[2]}"] if (number := _AMOUNT.match(value)) else ()),
        ]
        return [*names[: CHOICES - 2], *free] if value in self._names else [*free, *names]

    @cached_property
    def _names(self) -> frozenset[str]:
        """What something of this spec is called, and what refers to it."""
        found = {key for path in _paths(self.data, ()) for key in path if isinstance(key, str)}
        found |= {v for v in (at(self.data, path) for path in _paths(self.data, ())) if _is_name(v)}
        sources = (self.data.get("data") or {}).get("sources") or {}
        return frozenset(found | {f"data.{name}" for name in sources})


def _leaf(path: SpecPath, maps: Mapping[SpecPath, Place]) -> Leaf:
    depth = next(n for n in range(len(path) - 1, -1, -1) if path[:n] in maps)
    place, key = maps[path[:depth]], str(path[depth])
    info = fields(place.model).get(key)
    own = len(path) == depth + 1
    return Leaf(path, str(place.field(key)), info.annotation if info else None, own)


def _paths(value: Any, path: SpecPath) -> Iterator[SpecPath]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _paths(item, (*path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _paths(item, (*path, index))
    elif path:
        yield path


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[\w./:-]+", value) is not None


def _distance(value: str, other_one: str) -> int:
    """How unlike two names are in their form: `data.rows` is like `data.zones`, and less like `train.py`."""
    if _WORD.sub("a", value) != _WORD.sub("a", other_one):
        return 2
    mine, others = _WORD.findall(value), _WORD.findall(other_one)
    return 0 if mine[:1] == others[:1] or mine[-1:] == others[-1:] else 1
