"""Microsoft's own schemas of what ARM templates declare, as a judge: arm_schemas/README.md says where they are from.

They name every property of a type and forbid none, so objects are closed here. Template functions are not evaluated: a
text that is an expression may stand wherever the schema has a branch for one.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

HERE = Path(__file__).parent / "arm_schemas"
ROOT = "https://schema.management.azure.com/schemas/"
EVERY = ("comments", "condition", "copy", "dependsOn", "identity", "name", "scope", "tags")
"""What any resource of a template may have (2019-04-01/deploymentTemplate.json, resourceBase)."""
ELSEWHERE = ("resourceGroup", "subscriptionId")
"""Where a deployment inside a template deploys to (learn.microsoft.com, "Deploy to multiple scopes")."""
DEPLOYMENT = "Microsoft.Resources/deployments"
STANDS_IN: Mapping[tuple[str, str], str] = {("Microsoft.Logic/workflows", "2019-05-01"): "2017-07-01"}
"""Versions of an API that nobody has published a schema of, and the nearest one that has one."""


def judged(template: Mapping[str, Any]) -> list[str]:
    """What is wrong with each resource of a template, and of the templates inside it."""
    return [f"{one['type']}: {said}" for one in resources(template) for said in _judged(one)]


def resources(template: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything that a template declares, what its own deployments deploy included."""
    for one in template["resources"]:
        yield one
        yield from resources(one.get("properties", {}).get("template", {"resources": ()}))


def _judged(resource: Mapping[str, Any]) -> Iterator[str]:
    kind, version = resource["type"], resource["apiVersion"]
    stand_in = STANDS_IN.get((kind, version))
    file = f"{stand_in or version}/{kind.partition('/')[0]}.json"
    if not (HERE / f"{file}.xz").is_file():
        yield f"there is no schema of {version}"
        return
    groups = (name for name in read(file) if name.endswith("esourceDefinitions"))
    places = [f"{group}/{name}" for group in groups for name, one in read(file)[group].items() if _is_of(one, kind)]
    if not places:
        yield f"{version} knows no such type"
        return
    wanted = {**resource, "apiVersion": stand_in} if stand_in else resource
    errors: list[list[ValidationError]] = [list(_validator(file, place).iter_errors(wanted)) for place in places]
    fewest = min(errors, key=len)
    yield from map(_innermost, fewest)


def _is_of(definition: Mapping[str, Any], kind: str) -> bool:
    return kind in definition["properties"]["type"]["enum"]


@cache
def _validator(file: str, place: str) -> Draft4Validator:
    registry: Registry[Any] = Registry(retrieve=_retrieved)  # type: ignore[call-arg]  # an alias of attrs
    return Draft4Validator({"$ref": f"{ROOT}{file}#/{place}"}, registry=registry)


def _retrieved(uri: str) -> Resource[Any]:
    file = uri.replace("http:", "https:").removeprefix(ROOT).partition("#")[0]
    return Resource.from_contents(read(file), default_specification=DRAFT4)


@cache
def read(file: str) -> Any:
    """A schema, with its objects closed."""
    found = json.loads(lzma.decompress((HERE / f"{file}.xz").read_bytes()))
    for group, definitions in found.items():
        if group.endswith("esourceDefinitions"):
            for one in definitions.values():
                more = ELSEWHERE if _is_of(one, DEPLOYMENT) else ()
                one["properties"] |= {name: one["properties"].get(name, {}) for name in (*EVERY, *more)}
                _close(one, {})
        elif group == "definitions" and file != "common/definitions.json":
            for one in definitions.values():
                _close(one, {})
    return found


def _close(node: Any, around: Mapping[str, Any]) -> None:
    """Forbids what a schema does not name; the kinds of a type have what is common to all, too."""
    own = {**around, **node.get("properties", {})}
    for one in own.values():
        if {} in one.get("oneOf", ()):
            del one["oneOf"]  # "anything, or an expression": an expression would be both
        for choices in (kind.get("enum", ()) for kind in one.get("oneOf", ())):
            if "Inner" in choices:
                choices.append("inner")  # Azure does not tell them apart, and Bicep's own compiler writes it so
    kinds = [one for one in node.get("oneOf", ()) if "properties" in one]
    for kind in kinds:
        _close(kind, own)
    if "properties" in node and not kinds and "additionalProperties" not in node:
        node["properties"] = own
        node["additionalProperties"] = False


def _innermost(error: ValidationError) -> str:
    """The deepest reason, past the branches that would take an expression."""
    while error.context:
        others = [one for one in error.context if "expression" not in str(one.schema)[:300]] or list(error.context)
        error = max(others, key=lambda one: (len(one.absolute_path), one.validator != "enum"))
    return f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
