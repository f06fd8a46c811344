"""Which fields of which models a spec has, where they stand, and what else could stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from mlopsgen.diagnostics import SpecPath
from mlopsgen.spec.model import Model, fields
from mlopsgen.spec.read import Read


@dataclass(frozen=True, slots=True, order=True)
class Field:
    """One key of one kind of map."""

    of: str
    """The model's name; a preparation is a step that other code builds than the others'."""
    key: str

    def __str__(self) -> str:
        return f"{self.of}.{self.key}"


@dataclass(frozen=True, slots=True)
class Place:
    """A map of a spec: what it is, where it stands, and which of its keys are written."""

    model: type[Model]
    path: SpecPath
    keys: frozenset[str]

    def field(self, key: str) -> Field:
        """The field of this map that a key is."""
        return Field("Prepare" if self.path == ("data", "prepare") else self.model.__name__, key)


def places(read: Read) -> Iterator[Place]:
    """Every map of a spec that the language knows, and every block of a target."""
    yield from _of(read.spec, ())
    for name, options in read.options.items():
        yield from _of(options, ("targets", name))


def _of(value: Any, path: SpecPath) -> Iterator[Place]:
    if isinstance(value, Model):
        names = dict(zip(fields(type(value)), type(value).model_fields, strict=True))
        keys = {key: name for key, name in names.items() if name in value.model_fields_set}
        yield Place(type(value), path, frozenset(keys))
        for key, name in keys.items():
            yield from _of(getattr(value, name), (*path, key))
    elif isinstance(value, Mapping) and path != ("targets",):
        for key, item in value.items():
            yield from _of(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _of(item, (*path, index))


def declared(model: type[Model], key: str) -> Field:
    """The field where it is declared: what several models inherit is one."""
    name = next(name for name, info in model.model_fields.items() if (info.alias or name) == key)
    owner = next(base for base in reversed(model.__mro__) if name in vars(base).get("__annotations__", {}))
    return Field(owner.__name__, key)


def other(value: Any, annotation: Any = None) -> Any:
    """Another value of the same kind; one of a few words becomes the next of them."""
    if isinstance(value, str) and (words := words_of(annotation)) and value in words:
        return words[words.index(value) - 1]
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return round(value * 0.9, 9)
        case str():
            number = re.match("[0-9]+", value)
            return f"{int(number[0]) + 1}{value[number.end() :]}" if number else f"{value}x"
        case list():
            return [*value[:-1], *(other(last, annotation) for last in value[-1:])]
        case dict():
            return {key: other(item, annotation) for key, item in value.items()}
        case _:
            return value


def words_of(annotation: Any) -> tuple[str, ...]:
    """The words that a field may be one of."""
    if get_origin(annotation) is Literal:
        return tuple(word for word in get_args(annotation) if isinstance(word, str))
    return tuple(word for arm in get_args(annotation) for word in words_of(arm))
