"""Every small thing that can go wrong in a JSON document, one at a time."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A document with one change: what was done, and where."""

    how: str
    path: Path
    document: Any


def pointer(path: Path) -> str:
    """A path as a JSON pointer."""
    return "".join(f"/{part}" for part in path)


def mutants(document: Any) -> Iterator[Mutant]:
    """Each key renamed and deleted, each value of another type, each text bent, each list entry gone or doubled."""
    for path, value in _places(document, ()):
        if isinstance(path[-1], str):
            yield _made(document, path, "rename")
        yield _made(document, path, "delete")
        yield _made(document, path, "retype", _other_type(value))
        if isinstance(value, str):
            yield _made(document, path, "bend", value + "x")
        if isinstance(path[-1], int):
            yield _made(document, path, "double")


def _places(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    items: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*path, key), value
        yield from _places(value, (*path, key))


def _other_type(value: Any) -> Any:
    if isinstance(value, bool):
        return "true"
    if isinstance(value, str):
        return 17
    return "seventeen" if isinstance(value, int | float) else 3.5


def _made(document: Any, path: Path, how: str, value: Any = None) -> Mutant:
    return Mutant(how, path, _changed(document, path, how, value))


def _changed(node: Any, path: Path, how: str, value: Any) -> Any:
    """The document with a change at a path; what lies beside the path is shared, not copied."""
    made = copy.copy(node)
    last: Any = path[0]
    if len(path) > 1:
        made[last] = _changed(node[last], path[1:], how, value)
        return made
    match how:
        case "rename":
            made[last + "x"] = made.pop(last)
        case "delete":
            del made[last]
        case "double":
            made.insert(last, made[last])
        case _:
            made[last] = value
    return made
