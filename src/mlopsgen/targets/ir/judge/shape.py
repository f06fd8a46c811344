"""Keys and types of a document, held against a table: unknown keys, wrong types, missing keys, values that are none.

A table says of each message which keys it has and what stands behind each:

    "Task": {"name!": "text", "retries": "int", "tags": "[text]", "env": "{text}", "next": "Task", "how": "=FAST SLOW"}

`!` marks a key that must be there, `[…]` a list, `{…}` a map with keys of the user's own, `=` the words of an
enumeration; any other word is a scalar of `SCALARS` or of the table's own, or a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.targets.documents import Document, Path

Message: TypeAlias = Mapping[str, str]
DURATION = re.compile(r"(\d+)(?:\.\d{1,9})?s")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value that is neither list nor map: how people call it, its type, and what it must look like."""

    says: str
    typed: Callable[[Any], bool]
    fits: Callable[[Any], bool] = lambda _: True


def is_text(value: Any) -> bool:
    """Whether it is text."""
    return isinstance(value, str)


def is_number(value: Any) -> bool:
    """Whether it is a number, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Whether it is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_integer(value: Any) -> bool:
    """Whether it is a whole number as protobuf's JSON takes it: 5, 5.0 or "5"."""
    if isinstance(value, str):
        return re.fullmatch(r"-?\d+", value) is not None
    return is_number(value) and value == int(value)


def matching(says: str, pattern: str, typed: Callable[[Any], bool] = is_text) -> Scalar:
    """Text of a certain form."""
    form = re.compile(pattern)
    return Scalar(says, typed, lambda value: form.fullmatch(str(value)) is not None)


SCALARS: Mapping[str, Scalar] = {
    "text": Scalar("text", is_text),
    "bool": Scalar("true or false", lambda value: isinstance(value, bool)),
    "number": Scalar("a number", is_number),
    "int": Scalar("a whole number", is_integer),
    "count": Scalar("a whole number, not negative", is_integer, lambda value: int(value) >= 0),
    "positive": Scalar("a whole number above 0", is_integer, lambda value: int(value) > 0),
    "whole": Scalar("a whole number", is_whole),
    "duration": matching("a duration in seconds such as 90s", DURATION.pattern),
    "any": Scalar("anything", lambda _: True),
    "object": Scalar("an object", lambda value: isinstance(value, dict)),
}


@dataclass(frozen=True, slots=True)
class Table:
    """Messages by name; `one_of` says which keys of a message exclude each other, True where one must be there."""

    messages: Mapping[str, Message]
    one_of: Mapping[str, tuple[tuple[tuple[str, ...], bool], ...]] = field(default_factory=dict)
    scalars: Mapping[str, Scalar] = field(default_factory=dict)
    filled_later: Callable[[Any], bool] = lambda _: False
    """Whether a text is an expression that may become a value of any type."""
    blocks: bool = False
    """Whether a list of objects may stand where one object may: Terraform's blocks."""

    def check(self, document: Document, kind: str, value: Any, path: Path = ()) -> Iterator[Diagnostic]:
        """All that is wrong with a value of this kind."""
        if kind in self.messages:
            yield from self._message(document, kind, value, path)
        elif kind[0] == "[":
            yield from self._list(document, kind, value, path)
        elif kind[0] == "{":
            yield from self._map(document, kind, value, path)
        else:
            yield from self._scalar(document, kind, value, path)

    def _list(self, document: Document, kind: str, value: Any, path: Path) -> Iterator[Diagnostic]:
        if self.filled_later(value):
            return
        if not isinstance(value, list):
            yield document.finding("MG431", f"`{_last(path)}` is a list, here stands {_named(value)}", path)
            return
        for i, item in enumerate(value):
            yield from self.check(document, kind[1:-1], item, (*path, i))

    def _map(self, document: Document, kind: str, value: Any, path: Path) -> Iterator[Diagnostic]:
        if self.filled_later(value):
            return
        if not isinstance(value, dict):
            yield document.finding("MG431", f"`{_last(path)}` is an object, here stands {_named(value)}", path)
            return
        for key, item in value.items():
            yield from self.check(document, kind[1:-1], item, (*path, key))

    def _message(self, document: Document, kind: str, value: Any, path: Path) -> Iterator[Diagnostic]:
        if self.blocks and isinstance(value, list) and value:
            for i, block in enumerate(value):
                yield from self._message(document, kind, block, (*path, i))
            return
        if not isinstance(value, dict):
            if not self.filled_later(value):
                yield document.finding("MG431", f"`{_last(path)}` is an object, here stands {_named(value)}", path)
            return
        keys = {key.removesuffix("!"): (key.endswith("!"), of) for key, of in self.messages[kind].items()}
        for key, item in value.items():
            if key not in keys:
                near = nearest(key, [k for k in keys if k not in value])
                hint = f"did you mean `{near}`?" if near else None
                yield document.finding("MG430", f"`{_last(path)}` has no key `{key}`", (*path, key), hint)
            else:
                yield from self.check(document, keys[key][1], item, (*path, key))
        for key, (needed, _) in keys.items():
            if needed and key not in value:
                yield document.finding("MG432", f"`{_last(path)}` needs `{key}`", path)
        yield from self._alternatives(document, kind, value, path)

    def _alternatives(self, document: Document, kind: str, value: dict[str, Any], path: Path) -> Iterator[Diagnostic]:
        for names, needed in self.one_of.get(kind, ()):
            present = [name for name in names if name in value]
            listed = ", ".join(f"`{name}`" for name in names)
            if len(present) > 1:
                message = f"`{_last(path)}` takes one of {listed}, here stand {len(present)}"
                yield document.finding("MG433", message, (*path, present[1]))
            elif needed and not present:
                yield document.finding("MG432", f"`{_last(path)}` needs one of {listed}", path)

    def _scalar(self, document: Document, kind: str, value: Any, path: Path) -> Iterator[Diagnostic]:
        if kind != "any" and self.filled_later(value):
            return
        if kind[0] == "=":
            words = kind[1:].split()
            if not isinstance(value, str):
                yield document.finding("MG431", f"`{_last(path)}` is a word, here stands {_named(value)}", path)
            elif value not in words:
                yield document.finding("MG433", *_unknown_word(_last(path), value, words, path))
            return
        scalar = self.scalars.get(kind) or SCALARS[kind]
        if not scalar.typed(value):
            yield document.finding("MG431", f"`{_last(path)}` is {scalar.says}, here stands {_named(value)}", path)
        elif not scalar.fits(value):
            yield document.finding("MG433", f"`{_last(path)}` is {scalar.says}, which `{value}` is not", path)


def _unknown_word(key: str, value: str, words: list[str], path: Path) -> tuple[str, Path, str | None]:
    near = nearest(value, words)
    message = f"`{value}` is no `{key}`: " + ", ".join(words)
    return message, path, f"did you mean `{near}`?" if near else None


def _last(path: Path) -> str:
    """A value as people call it: its key, with the position in a list."""
    if not path:
        return "the document"
    if isinstance(path[-1], int):
        return f"{_last(path[:-1])}[{path[-1]}]"
    return path[-1]


def _named(value: Any) -> str:
    """What stands there, by its type; a long value is not repeated."""
    kinds = {dict: "an object", list: "a list", str: "text", bool: "a truth value", type(None): "nothing"}
    return kinds.get(type(value), "a number")
