"""An environment over the base: maps merge, everything else replaces, null goes back to the default."""

from __future__ import annotations

from mlopsgen.source import Node
from mlopsgen.spec.shape import Leaf, ListOf, MapOf, OneOf, Record, Shape, under


def merge(base: Node, over: Node) -> Node:
    """One map over another; what the overlay sets to null is gone."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    merged = dict(base.value)
    for key, value in over.value.items():
        if _is_null(value):
            merged.pop(key, None)
        else:
            merged[key] = merge(merged[key], value) if key in merged else _without_nulls(value)
    return base.with_value(merged)


def _is_null(node: Node) -> bool:
    """A null that was written; the names of a list become keys without a value, and those are kept."""
    return node.value is None and node.raw in ("null", "~", "")


def _without_nulls(node: Node) -> Node:
    """A branch that only the overlay has: its nulls mean the default as well."""
    if not isinstance(node.value, dict):
        return node
    return node.with_value({k: _without_nulls(v) for k, v in node.value.items() if not _is_null(v)})


def drop_nulls(node: Node, shape: Shape) -> Node:
    """Takes out every null where the language has none: there it means the default. Unknown keys stay."""
    value = node.value
    if isinstance(value, dict):
        kept = {}
        for key, child in value.items():
            inner = _inner(shape, key, value)
            if child.value is not None or inner.nullable:
                kept[key] = drop_nulls(child, inner)
        return node.with_value(kept)
    if isinstance(value, list) and isinstance(shape, ListOf):
        return node.with_value([drop_nulls(item, shape.item) for item in value])
    return node


def _inner(shape: Shape, key: str, value: dict[str, Node]) -> Shape:
    match shape:
        case Record(model):
            return under(model, key, Leaf(nullable=True))
        case OneOf():
            model_of = shape.choose({k: v.value for k, v in value.items()})
            return under(model_of, key, Leaf(nullable=True)) if model_of else Leaf(nullable=True)
        case MapOf(item=item):
            return item
        case _:
            return Leaf(nullable=True)
