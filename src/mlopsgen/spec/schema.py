"""The JSON schema of a spec, which editors read: short forms, `${var.x}` and environments included.

pydantic writes the models down; what a spec may be before it is resolved is added here, from the same
declarations that resolve.py follows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from mlopsgen.spec.environments import SUFFIX
from mlopsgen.spec.model import Model
from mlopsgen.spec.product import Spec
from mlopsgen.spec.shape import reachable
from mlopsgen.spec.steps import StepParts
from mlopsgen.spec.values import REF_SCHEMA

Json: TypeAlias = dict[str, Any]

_REF = "#/$defs/"
_VARIABLE: Json = {
    "type": "string",
    "pattern": r"\$\{var\.[a-z][a-z0-9_]*\}",
    "title": "variable",
    "description": "The value of a variable, set by `--var`: `${var.<name>}`.",
}


def schema(options: Mapping[str, type[Model]]) -> Json:
    """The schema of a whole spec, with the blocks of these targets."""
    top, defs = _written(Spec, "")
    blocks: Json = {}
    for name, model in options.items():
        block, more = _written(model, f"{name}.")
        defs |= more | {f"{name}.options": block}
        blocks[name] = {"anyOf": [{"$ref": f"{_REF}{name}.options"}, {"type": "null"}]}
    top["properties"]["targets"] |= {"properties": blocks, "additionalProperties": {"type": ["object", "null"]}}
    defs |= partial({**defs, "spec": {key: value for key, value in top.items() if key != "$defs"}})
    top["properties"]["environments"] = {
        "type": "object",
        "title": "Environments",
        "description": "What is different where: name → a part of a spec that is merged over the rest by `--env`.",
        "propertyNames": {"pattern": "^[a-z](?:[a-z0-9-]*[a-z0-9])?$", "maxLength": 48},
        "additionalProperties": {"anyOf": [{"$ref": f"{_REF}environment"}, {"type": "null"}]},
    }
    defs["environment"] = _environment(defs.pop("partial.spec"))
    defs |= {"variable": dict(_VARIABLE), "parameter": dict(REF_SCHEMA)}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "mlopsgen spec, v1"}
    return {**head, **{k: v for k, v in top.items() if k != "title"}, "$defs": dict(sorted(defs.items()))}


def _environment(part: Json) -> Json:
    """A part of a spec, and what is said of the environment alone."""
    suffix = {
        "anyOf": [{"type": "string", "pattern": "^(?:[a-z0-9-]*[a-z0-9])?$"}, {"type": "null"}],
        "title": "Suffix",
        "description": "What every name in a cloud ends with. Default: `-` and the environment's name. Empty: names "
        "stay as they are, for an environment in an account of its own.",
        "examples": ["-prod", ""],
    }
    return {**part, "properties": {**part["properties"], SUFFIX: suffix}}


def schema_text(options: Mapping[str, type[Model]]) -> str:
    """The schema as the file that is committed and printed."""
    return json.dumps(schema(options), indent=1, ensure_ascii=False) + "\n"


def _written(model: type[Model], prefix: str) -> tuple[Json, dict[str, Json]]:
    """The schema of one model as a spec may write it, and the definitions it needs, named apart."""
    top: Json = model.model_json_schema(ref_template=f"{_REF}{prefix}{{model}}")
    defs: dict[str, Json] = {f"{prefix}{name}": node for name, node in top.pop("$defs", {}).items()}
    places = {prefix + known.__name__: known for known in reachable(model)}
    holders: list[tuple[Json, type[Model]]] = [(top, model)]
    holders += [(defs[name], known) for name, known in places.items() if name in defs]
    for node in (top, *defs.values()):
        _names_checked(node)
        _shared(node)
    for node, known in holders:
        _shorten(node, known, lambda kind: defs[prefix + kind])
        _uses(node, known)
    for node in (top, *defs.values()):
        _variables(node)
    for node, known in holders:
        _spread(node, known)
    return top, defs


def _names_checked(node: Json) -> None:
    """A map's keys must all fit their pattern; as pydantic writes it, others would pass."""
    for part in _parts(node):
        patterns = part.get("patternProperties")
        if patterns and len(patterns) == 1 and "properties" not in part:
            ((pattern, values),) = part.pop("patternProperties").items()
            part["propertyNames"] = {**part.get("propertyNames", {}), "pattern": pattern}
            part["additionalProperties"] = values


def _shared(node: Json) -> None:
    """Says once what a run parameter looks like, and leaves out defaults that say nothing."""
    for part in _parts(node):
        if "default" in part and part["default"] is None and "properties" not in part:
            del part["default"]
        for index, arm in enumerate(part.get("anyOf", ())):
            if arm == REF_SCHEMA:
                part["anyOf"][index] = {"$ref": f"{_REF}parameter"}


def _shorten(node: Json, model: type[Model], definition: Callable[[str], Json]) -> None:
    """Offers each short key beside the long path that it stands for."""
    for key, path in model.short.items():
        long = _follow(node, path, definition)
        description = long.get("description", "")
        node["properties"][key] = {**long, "description": f"Short for `{'.'.join(path)}`. {description}".strip()}
        node["required"] = [name for name in node.get("required", []) if name != path[0]]


def _follow(node: Json, path: tuple[str, ...], definition: Callable[[str], Json]) -> Json:
    for part in path:
        node = node.get("properties", {}).get(part) or node["additionalProperties"]
        if "$ref" in node and part != path[-1]:
            node = definition(node["$ref"].removeprefix(_REF).rpartition(".")[2])
    return node


def _uses(node: Json, model: type[Model]) -> None:
    """A step that takes over another's definition need not say what it runs."""
    if issubclass(model, StepParts) and "run" in node.get("required", ()):
        node["required"].remove("run")
        node["anyOf"] = [{"required": ["run"]}, {"required": ["uses"]}]


def _spread(node: Json, model: type[Model]) -> None:
    """A bare value in place of a map means the value of its first key; a number may mean another one's."""
    if not model.spread:
        return
    bare = [
        {k: v for k, v in node["properties"][keys[0]].items() if k not in ("default", "title")}
        for keys in (model.spread, model.counted)
        if keys
    ]
    whole = dict(node)
    kept: Json = {key: whole.pop(key) for key in ("title", "description") if key in whole}
    node.clear()
    node.update({**kept, "anyOf": [whole, *bare]})


def _variables(node: Json) -> None:
    """Lets `${var.x}` stand for every scalar that is not free text; what decides a map's kind is written out."""
    for part in _parts(node):
        for key, value in part.get("properties", {}).items():
            if key not in ("apiVersion", "mode", "kind"):
                part["properties"][key] = _or_variable(value)
        for key in ("items", "additionalProperties"):
            if isinstance(part.get(key), dict):
                part[key] = _or_variable(part[key])


def _or_variable(node: Json) -> Json:
    if not _closed(node):
        return node
    about: Json = {key: node[key] for key in ("title", "description", "default", "examples") if key in node}
    plain = {key: value for key, value in node.items() if key not in about}
    arms = plain["anyOf"] if set(plain) == {"anyOf"} else [plain]
    return {**about, "anyOf": [*arms, {"$ref": f"{_REF}variable"}]}


def _closed(node: Json) -> bool:
    """Whether a schema takes scalars, but not any text."""
    if "anyOf" in node:
        arms = [arm for arm in node["anyOf"] if arm.get("type") != "null"]
        return any(_closed(arm) for arm in arms) and not any(_free(arm) for arm in arms)
    if "enum" in node or "const" in node or "pattern" in node:
        return True
    return node.get("type") in ("integer", "number", "boolean")


def _free(node: Json) -> bool:
    return node.get("type") == "string" and not {"enum", "const", "pattern"} & node.keys()


def _parts(node: Any) -> Iterator[Json]:
    """A schema and every schema in it; changes to a part are made in place."""
    if isinstance(node, dict):
        yield node
        for value in list(node.values()):
            yield from _parts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _parts(value)


_DROPPED = ("required", "default", "discriminator", "minProperties")


def partial(defs: Mapping[str, Any]) -> dict[str, Any]:
    """Every definition once more, with nothing required; lists are replaced whole, so their items stay as they are."""
    return {f"partial.{name}": _partial(node) for name, node in defs.items()}


def _partial(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].removeprefix(_REF)
        return node if name in ("variable", "parameter") else {**node, "$ref": f"{_REF}partial.{name}"}
    kept = {key: value for key, value in node.items() if key not in _DROPPED}
    if "oneOf" in kept:
        # Without the key that decides, a part fits several kinds.
        kept["anyOf"] = kept.pop("oneOf")
    if "anyOf" in kept:
        kept["anyOf"] = [_partial(arm) for arm in kept["anyOf"] if set(arm) != {"required"}]
        if not kept["anyOf"]:
            del kept["anyOf"]
    if "properties" in kept:
        kept["properties"] = {key: _or_null(_partial(value)) for key, value in kept["properties"].items()}
    if isinstance(kept.get("additionalProperties"), dict):
        kept["additionalProperties"] = _or_null(_partial(kept["additionalProperties"]))
    return kept


def _or_null(node: Any) -> Any:
    if node.get("type") == "null" or any(arm.get("type") == "null" for arm in node.get("anyOf", ())):
        return node
    return {"anyOf": [node, {"type": "null"}]}
