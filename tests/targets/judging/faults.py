"""How a fault is written down: a small function that breaks one thing in a parsed bundle.

The lists (faults_*.py) were fixed before any judge was written; a fault may be added, never taken away because it is
hard to catch. `by` names the judge that has to see it: our linter, or another one, or the check of the manifest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

OURS = "mlopsgen"
"""Our linter, by its name among the judges."""
MANIFEST = "manifest"
"""What `verify` says of files that were changed or are not there, before any judge."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing broken on purpose, and the judge that has to see it."""

    name: str
    kind: str
    codes: frozenset[str]
    """Those that a right answer may carry."""
    break_: Break
    by: str = OURS


class Faults(list[Fault]):
    """A list that fills itself: `@faults("rename", 430)` over a function."""

    def __call__(self, kind: str, *codes: int, by: str = OURS) -> Callable[[Break], Break]:
        def add(break_: Break) -> Break:
            self.add(break_, name=break_.__name__.strip("_").replace("_", "-"), kind=kind, codes=codes, by=by)
            return break_

        return add

    def add(self, break_: Break, *, name: str, kind: str, codes: tuple[int, ...], by: str = OURS) -> None:
        numbers = frozenset(f"MG{code}" for code in codes)
        self.append(Fault(name=name, kind=kind, codes=numbers, break_=break_, by=by))
