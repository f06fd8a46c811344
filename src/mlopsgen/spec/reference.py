"""What a field of a spec is, by its path: read from the JSON schema, and so from the models' own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from mlopsgen.records import dataclass
from mlopsgen.spec.reference_words import value_words

Json: TypeAlias = Mapping[str, Any]
Path: TypeAlias = tuple[str, ...]

ANY = "<name>"
"""Stands in a path for a name that the spec chooses."""
OWN = "environments"
"""A section that repeats all others."""
_REF = "#/$defs/"
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a map."""

    name: str
    values: str
    description: str
    required: bool


@dataclass(frozen=True, slots=True)
class Form:
    """One map that may stand at a field; several where a key decides which."""

    description: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field: what it is for, what may stand there, and an example in its place."""

    path: Path
    description: str
    values: str
    default: Any
    """None where there is none, the description says it, or it is that of each key."""
    example: Any
    """A part of a spec; None where the schema has no example."""
    forms: tuple[Form, ...]


def field(schema: Json, path: Path) -> Field | None:
    """The field at a path, in which any word stands for a name that the spec chooses; None where there is none."""
    nodes: list[Json] = [schema]
    description = ""
    for part in path:
        nodes = [child for node in nodes for child in _children(schema, node, part)]
        if not nodes:
            return None
        description = _description(schema, nodes[0]) or description  # an entry is what its map is for
    arms = {id(arm): arm for node in nodes for arm in _arms(schema, node)}
    return Field(
        path=path,
        description=description,
        values=_values(schema, nodes),
        default=_default(nodes[0]),
        example=_example(path, nodes),
        forms=tuple(_forms(schema, tuple(arms.values()))),
    )


def paths(schema: Json) -> Iterator[Path]:
    """The path of every field, with `<name>` for names that the spec chooses; those of environments are left out."""
    yield from _paths(schema, schema, (), ())


def _arms(schema: Json, node: Json) -> Iterator[Json]:
    """What may stand at a node, references followed; `${var.x}` may stand anywhere, and null says nothing."""
    if "$ref" in node:
        name = node["$ref"].removeprefix(_REF)
        if name == "parameter":
            yield schema["$defs"][name]
        elif name != "variable":
            yield from _arms(schema, schema["$defs"][name])
    elif "properties" not in node and ("anyOf" in node or "oneOf" in node):
        for arm in (*node.get("anyOf", ()), *node.get("oneOf", ())):
            yield from _arms(schema, arm)
    elif node.get("type") != "null":
        yield node


def _maps(schema: Json, node: Json) -> Iterator[Json]:
    """The maps that may stand at a node, or be items of a list there."""
    for arm in _arms(schema, node):
        if isinstance(arm.get("items"), dict):
            yield from _maps(schema, arm["items"])
        elif "properties" in arm or isinstance(arm.get("additionalProperties"), dict):
            yield arm


def _children(schema: Json, node: Json, part: str) -> Iterator[Json]:
    known = [arm["properties"][part] for arm in _maps(schema, node) if part in arm.get("properties", {})]
    yield from known
    if not known:
        yield from (_of_any_name(arm) for arm in _maps(schema, node) if _has_any_name(arm))


def _has_any_name(arm: Json) -> bool:
    return isinstance(arm.get("additionalProperties"), dict)


def _of_any_name(arm: Json) -> Json:
    node: Json = arm["additionalProperties"]
    return node


def _description(schema: Json, node: Json) -> str:
    if "description" in node:
        return str(node["description"])
    return next((str(arm["description"]) for arm in _arms(schema, node) if "description" in arm), "")


def _default(node: Json) -> Any:
    default = node.get("default")
    is_described = "efault: " in node.get("description", "")
    return None if is_described or isinstance(default, dict) or default in ("", []) else default


def _example(path: Path, nodes: Sequence[Json]) -> Any:
    """The first example of the schema, below the keys that lead to it."""
    examples = [example for node in nodes for example in _examples(node)]
    if not examples:
        return None
    value = examples[0]
    for part in reversed(path):
        value = {"one" if part == ANY else part: value}
    return value


def _examples(node: Json) -> Iterator[Any]:
    yield from node.get("examples", ())
    for arm in node.get("anyOf", ()):
        yield from arm.get("examples", ()) if "$ref" not in arm else ()
        yield from arm.get("enum", ())[:1]


def _forms(schema: Json, arms: Sequence[Json]) -> Iterator[Form]:
    """The maps that may stand at a field; of a map of names, those of its entries."""
    for arm in (known for node in arms for known in _maps(schema, node)):
        entries = _maps(schema, _of_any_name(arm)) if _has_any_name(arm) else ()
        for prefix, node in (("", arm), *((f"{ANY}.", entry) for entry in entries)):
            if keys := tuple(_keys(schema, node, prefix)):
                yield Form(str(node.get("description", "")), keys)


def _keys(schema: Json, node: Json, prefix: str) -> Iterator[Key]:
    for name, child in node.get("properties", {}).items():
        required = name in node.get("required", ())
        yield Key(f"{prefix}{name}", _values(schema, [child]), _description(schema, child), required)


def _values(schema: Json, nodes: Sequence[Json]) -> str:
    """What may stand at a field, in words."""
    arms = (arm for node in nodes for arm in _arms(schema, node))
    return ", or ".join(dict.fromkeys(map(value_words, arms)))


def _paths(schema: Json, node: Json, path: Path, above: tuple[int, ...]) -> Iterator[Path]:
    for arm in _maps(schema, node):
        if id(arm) in above or len(path) > _DEEPEST:
            continue
        children = dict(arm.get("properties", {}))
        if _has_any_name(arm):
            children[ANY] = _of_any_name(arm)
        for name, child in children.items():
            yield (*path, name)
            if name != OWN or path:
                yield from _paths(schema, child, (*path, name), (*above, id(arm)))
