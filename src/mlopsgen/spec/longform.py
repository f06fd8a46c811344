"""Short forms to the long form, in one walk along the models; every node keeps its place in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from mlopsgen.diagnostics import Diagnostic, On, SpecPath
from mlopsgen.records import dataclass
from mlopsgen.source import Node
from mlopsgen.spec.model import Model, fields
from mlopsgen.spec.shape import Leaf, ListOf, MapOf, OneOf, Record, Shape, under


@dataclass(slots=True)
class LongForm:
    """Writes a tree out in the long form and collects what is wrong with its short forms."""

    findings: list[Diagnostic] = field(default_factory=list)

    def write(self, node: Node, shape: Shape, base: Node | None = None, spec_path: SpecPath = ()) -> Node:
        """The long form of a node; `base` is what it will be merged over, which helps to tell what it is."""
        match shape:
            case Record(model):
                return self._record(node, model, base, spec_path)
            case OneOf():
                model_of = shape.choose({**_shallow(base), **_shallow(node)})
                return self._record(node, model_of, base, spec_path) if model_of else node
            case MapOf(item=item):
                return self._map_of(node, shape, item, base, spec_path)
            case ListOf(item=item):
                return self._list_of(node, item, spec_path)
            case Leaf():
                return node

    def _list_of(self, node: Node, item: Shape, spec_path: SpecPath) -> Node:
        if not isinstance(node.value, list) or isinstance(item, Leaf):
            return node
        return node.with_value([self.write(n, item, None, (*spec_path, i)) for i, n in enumerate(node.value)])

    def _map_of(self, node: Node, shape: MapOf, item: Shape, base: Node | None, spec_path: SpecPath) -> Node:
        if isinstance(node.value, list) and shape.listed:
            node = self._from_list(node, node.value, shape.listed == "key", spec_path)
        if not isinstance(node.value, dict) or isinstance(item, Leaf):
            return node
        entries = {key: self.write(n, item, _child(base, key), (*spec_path, key)) for key, n in node.value.items()}
        return node.with_value(entries)

    def _from_list(self, node: Node, items: list[Node], keyed: bool, spec_path: SpecPath) -> Node:
        """`[a, b]` as a map of these names."""
        entries: dict[str, Node] = {}
        for index, item in enumerate(items):
            if not isinstance(item.value, str):
                self._report("MG106", "this list holds names alone", (*spec_path, index), item, hint="write a name")
                continue
            name = item.value
            if name in entries:
                self._report("MG117", f"`{name}` stands in this list twice", spec_path, item, hint="write it once")
            entries[name] = replace(item, value=name if keyed else None, key=item.span)
        return node.with_value(entries)

    def _record(self, node: Node, model: type[Model], base: Node | None, spec_path: SpecPath) -> Node:
        if model.spread and isinstance(node.value, str | bool | int | float):
            keys = (type(node.value) is int and model.counted) or model.spread
            return replace(node, value={key: replace(node, key=None) for key in keys}, raw="")
        if not isinstance(node.value, dict):
            return node
        long: dict[str, Node] = {}
        for key, child in node.value.items():
            if key not in model.short:
                long[key] = self.write(child, under(model, key), _child(base, key), (*spec_path, key))
        for key, child in node.value.items():
            if key in model.short:
                self._move(key, child, _ShortForm(model, node, base, long, spec_path))
        return node.with_value(long)

    def _move(self, key: str, child: Node, into: _ShortForm) -> None:
        """Puts a short key's value in its long place."""
        long_path = into.model.short[key]
        if clash := into.clash(key, long_path):
            self._report("MG110", clash, into.spec_path, child, hint=into.advice(long_path), on_key=True)
            return
        shape, level, base = Record(into.model), into.long, into.base
        target: Shape = shape
        for depth, part in enumerate(long_path[:-1]):
            target, base = _step(target, part), _child(base, part)
            if child.value is None and depth == len(long_path) - 2 and _required(target, long_path[-1]):
                level[part] = child
                return
            here = level.get(part) or Node({}, child.span, child.key)
            if not isinstance(here.value, dict):
                return
            # A copy: the tree that was read is written out once for every environment.
            opened = dict(here.value)
            level[part] = here.with_value(opened)
            level = opened
        target, base = _step(target, long_path[-1]), _child(base, long_path[-1])
        level[long_path[-1]] = self.write(child, target, base, (*into.spec_path, *long_path))

    def _report(
        self, code: str, message: str, spec_path: SpecPath, node: Node, *, hint: str, on_key: bool = False
    ) -> None:
        span = node.key if on_key and node.key else node.span
        on = On.KEY if on_key else On.VALUE
        self.findings.append(Diagnostic(code, message, spec_path=spec_path, hint=hint, on=on, span=span))


@dataclass(frozen=True, slots=True)
class _ShortForm:
    """The map that a short key is moved into."""

    model: type[Model]
    node: Node
    base: Node | None
    long: dict[str, Node]
    spec_path: SpecPath

    def clash(self, key: str, long_path: tuple[str, ...]) -> str | None:
        """Why the short key cannot be moved: its long place is taken, or the user chose other names."""
        first, name = long_path[0], long_path[1]
        written = {**_entries(_child(self.base, first)), **_entries(_child(self.node, first))}
        if written and name not in written:
            return f"`{key}` is short for `{'.'.join(long_path)}`, but `{first}` has other names here"
        own = self.long.get(first)
        for part in long_path[1:]:
            own = _child(own, part)
        return f"`{key}` is short for `{'.'.join(long_path)}`, which is written too" if own else None

    def advice(self, long_path: tuple[str, ...]) -> str:
        """The hint that says where the value belongs instead."""
        first, name, *rest = long_path
        written = [*_entries(_child(self.base, first)), *_entries(_child(self.node, first))]
        if name in written:
            return "keep one of the two"
        return f"write it under `{'.'.join([first, written[0], *rest])}`"


def _step(shape: Shape, part: str) -> Shape:
    if isinstance(shape, Record):
        return under(shape.model, part)
    return shape.item if isinstance(shape, MapOf) else Leaf()


def _required(shape: Shape, key: str) -> bool:
    """Whether a map cannot be without this key: taking it away takes the map away."""
    return isinstance(shape, Record) and key in (info := fields(shape.model)) and info[key].is_required()


def _child(node: Node | None, key: str) -> Node | None:
    return node.child(key) if node else None


def _entries(node: Node | None) -> Mapping[str, Node]:
    return node.value if node and isinstance(node.value, dict) else {}


def _shallow(node: Node | None) -> dict[str, Any]:
    """A map's keys with its scalars; enough to tell what it is."""
    return {key: child.value for key, child in _entries(node).items()}
