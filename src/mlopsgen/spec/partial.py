"""The schema of an environment: any part of a spec, with null for "back to the default"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_REF = "#/$defs/"
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
    found = {key: value for key, value in node.items() if key not in _DROPPED}
    if "oneOf" in found:
        # Without the key that decides, a part fits several kinds.
        found["anyOf"] = found.pop("oneOf")
    if "anyOf" in found:
        found["anyOf"] = [_partial(arm) for arm in found["anyOf"] if set(arm) != {"required"}]
        if not found["anyOf"]:
            del found["anyOf"]
    if "properties" in found:
        found["properties"] = {key: _or_null(_partial(value)) for key, value in found["properties"].items()}
    if isinstance(found.get("additionalProperties"), dict):
        found["additionalProperties"] = _or_null(_partial(found["additionalProperties"]))
    return found


def _or_null(node: Any) -> Any:
    if node.get("type") == "null" or any(arm.get("type") == "null" for arm in node.get("anyOf", ())):
        return node
    return {"anyOf": [node, {"type": "null"}]}
