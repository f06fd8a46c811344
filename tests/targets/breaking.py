"""How a fault is written down, whatever the target: a small function that breaks one thing in a parsed bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

Doc: TypeAlias = dict[str, Any]
Break: TypeAlias = Callable[[Any], None]
"""Gets the target's own `Seeded`: its bundle in memory."""


class Absent(Exception):
    """This bundle has no such place to break."""


def at(node: Any, *path: str | int) -> Any:
    """The value at a path, or Absent."""
    for key in path:
        try:
            node = node[key]
        except (KeyError, IndexError, TypeError) as error:
            raise Absent(path) from error
    return node


def rename(node: Doc, old: str, new: str) -> None:
    if old not in node:
        raise Absent(old)
    node[new] = node.pop(old)


def drop(node: Any, key: str | int) -> None:
    if (key not in node) if isinstance(node, dict) else len(node) <= int(key):
        raise Absent(key)
    del node[key]


def put(node: Doc, key: str, value: Any) -> None:
    """Overwrite a value that must be there."""
    if key not in node:
        raise Absent(key)
    node[key] = value


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing broken on purpose; `codes` are those a right answer may carry."""

    name: str
    kind: str
    codes: frozenset[str]
    break_: Break


class Faults(list[Fault]):
    """A list that fills itself: `@faults("rename", 430)` over a function."""

    def __call__(self, kind: str, *codes: int) -> Callable[[Break], Break]:
        def add(break_: Break) -> Break:
            self.add(break_.__name__.strip("_").replace("_", "-"), kind, codes, break_)
            return break_

        return add

    def add(self, name: str, kind: str, codes: tuple[int, ...], break_: Break) -> None:
        self.append(Fault(name, kind, frozenset(f"MG{code}" for code in codes), break_))
