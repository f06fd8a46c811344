"""The structure of the language, taken from the models, along which a tree of nodes can be walked."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic import Discriminator, Tag

from mlopsgen.records import dataclass
from mlopsgen.spec.model import Chooser, FromList, LazyModel, Model, fields, untagged


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value without keys of its own."""

    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A map with known keys."""

    model: type[Model]
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """A map that is one of several models; its own keys decide."""

    chooser: Chooser
    models: tuple[tuple[str, type[Model]], ...]
    nullable: bool = False

    def choose(self, value: Mapping[str, Any]) -> type[Model] | None:
        """The model that a map of these keys and values is."""
        return dict(self.models).get(self.chooser.choose(value) or "")


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map whose keys are the user's names."""

    item: Shape
    listed: Literal["null", "key"] | None = None
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list."""

    item: Shape
    nullable: bool = False


Shape: TypeAlias = Leaf | Record | OneOf | MapOf | ListOf


def under(model: type[Model], key: str, otherwise: Shape | None = None) -> Shape:
    """The shape under a key of a model; an unknown key holds a leaf, or what `otherwise` says."""
    if key not in fields(model):
        return otherwise or Leaf()
    return _under(model, key)


@cache
def _under(model: type[Model], key: str) -> Shape:
    info = fields(model)[key]
    return shape_of(info.annotation, tuple(info.metadata))


def shape_of(annotation: Any, marks: tuple[Any, ...] = ()) -> Shape:
    """The structure that a type annotation describes."""
    if lazy := next((mark for mark in marks if isinstance(mark, LazyModel)), None):
        return shape_of(lazy.type(), tuple(mark for mark in marks if mark is not lazy))
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return shape_of(inner, (*more, *marks))
    if get_origin(annotation) in (Union, types.UnionType):
        return _union(get_args(annotation), marks)
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return Record(annotation)
    if get_origin(annotation) is dict:
        listed = next((mark.value for mark in marks if isinstance(mark, FromList)), None)
        return MapOf(shape_of(get_args(annotation)[1]), listed)
    if get_origin(annotation) is tuple:
        return ListOf(shape_of(get_args(annotation)[0]))
    # Any takes whatever stands there, null too.
    return Leaf(nullable=annotation is Any)


def _union(arms: tuple[Any, ...], marks: tuple[Any, ...]) -> Shape:
    chooser = next((mark.discriminator for mark in marks if isinstance(mark, Discriminator)), None)
    if isinstance(chooser, Chooser):
        return OneOf(chooser, tuple(_tagged(arm) for arm in arms))
    nullable = type(None) in arms
    own = [shape_of(arm, marks) for arm in arms if arm is not type(None)]
    structured = [shape for shape in own if not isinstance(shape, Leaf)]
    kept = next((shape for shape in structured if isinstance(shape, Record | OneOf)), None) or (structured or own)[0]
    return replace(kept, nullable=nullable or kept.nullable)


def _tagged(arm: Any) -> tuple[str, type[Model]]:
    model, *marks = get_args(arm)
    return untagged(next(mark.tag for mark in marks if isinstance(mark, Tag))), model


def models_of(shape: Shape) -> tuple[type[Model], ...]:
    """Every model that may stand directly at a place."""
    match shape:
        case Record(model):
            return (model,)
        case OneOf(models=models):
            return tuple(model for _, model in models)
        case _:
            return ()


def enter(shape: Shape, part: str | int, value: Any) -> Shape:
    """The structure one step further down; `value` is the plain value at `shape`."""
    match shape:
        case Record(model):
            return under(model, str(part))
        case OneOf():
            chosen = shape.choose(value) if isinstance(value, Mapping) else None
            return under(chosen, str(part)) if chosen else Leaf()
        case MapOf(item=item) | ListOf(item=item):
            return item
        case Leaf():
            return shape


def reachable(model: type[Model]) -> tuple[type[Model], ...]:
    """A model and every one that can stand anywhere below it."""
    seen: dict[type[Model], None] = {model: None}
    waiting = [model]
    while waiting:
        known = waiting.pop()
        for shape in (under(known, key) for key in fields(known)):
            new = [kind for kind in models_of(innermost(shape)) if kind not in seen]
            seen.update(dict.fromkeys(new))
            waiting.extend(new)
    return tuple(seen)


def innermost(shape: Shape) -> Shape:
    """The shape inside maps of names and lists, however deep."""
    while isinstance(shape, MapOf | ListOf):
        shape = shape.item
    return shape
