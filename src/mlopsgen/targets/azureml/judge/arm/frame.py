"""Rules for the frame of a template: what it must have, what its parameters and outputs say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.azureml.judge.arm.expressions import is_expression
from mlopsgen.targets.azureml.judge.arm.template import Template
from mlopsgen.targets.azureml.judge.shapes import (
    Anything,
    Either,
    Fields,
    Flag,
    Listed,
    Named,
    Number,
    Shape,
    Text,
    Walk,
)
from mlopsgen.targets.rules import rule

_TEMPLATES = "Azure Resource Manager documentation, structure and syntax of ARM templates"
_TYPES = ("string", "int", "bool", "object", "array", "secureString", "secureObject", "securestring", "secureobject")
_OF = {
    "string": str,
    "securestring": str,
    "int": int,
    "bool": bool,
    "object": dict,
    "secureobject": dict,
    "array": list,
}
_SCHEMA = Text(
    form=r"https://schema\.management\.azure\.com/schemas/"
    r"(?:2014-04-01-preview|2015-01-01|2018-05-01|2019-03-01|2019-04-01|2019-08-01)/"
    r"(?:subscription|managementGroup|tenant)?[dD]eploymentTemplate\.json#?",
    says="the address of a deployment template's schema",
)
_PARAMETER = Fields(
    "a parameter",
    {
        "type": Text(words=_TYPES),
        "defaultValue": Anything(),
        "allowedValues": Listed(Anything(), least=1),
        "minValue": Number(whole=True),
        "maxValue": Number(whole=True),
        "minLength": Number(whole=True, least=0),
        "maxLength": Number(whole=True, least=0),
        "metadata": Anything(),
        "nullable": Flag(),
    },
    needs=("type",),
)
_OUTPUT = Fields(
    "an output",
    {
        "type": Text(words=_TYPES),
        "value": Anything(),
        "condition": Anything(),
        "copy": Anything(),
        "metadata": Anything(),
    },
    needs=("type",),
)
_RESOURCE: dict[str, Shape] = {
    **dict.fromkeys(("type", "apiVersion", "name", "location", "kind", "comments", "scope", "managedBy"), Text()),
    "condition": Flag(),
    "dependsOn": Listed(Text()),
    "tags": Named(Text(most=256), key=Text(most=512), most=50),
    "zones": Listed(Anything()),
    "resources": Listed(Anything()),
    **dict.fromkeys(
        ("sku", "plan", "identity", "properties", "copy", "extendedLocation", "metadata", "existing"), Anything()
    ),
    **dict.fromkeys(("asserts", "etag", "subscriptionId", "resourceGroup", "ownerId"), Anything()),
}
RESOURCE = Fields("a resource", _RESOURCE, needs=("type", "apiVersion", "name"))
_TEMPLATE = Fields(
    "a template",
    {
        "$schema": _SCHEMA,
        "contentVersion": Text(form=r"\d+\.\d+\.\d+\.\d+", says="four numbers: 1.0.0.0"),
        "languageVersion": Text(),
        "apiProfile": Text(),
        "metadata": Anything(),
        "definitions": Anything(),
        "parameters": Named(_PARAMETER, most=256),
        "functions": Anything(),
        "variables": Named(Anything(), most=512),
        "resources": Either(Text(words=("a list",)), Listed(Anything())),
        "outputs": Named(_OUTPUT, most=64),
        "imports": Anything(),
        "extensions": Anything(),
    },
    needs=("$schema", "contentVersion", "resources"),
)


@rule("template-frame", _TEMPLATES)
def frame(t: Template) -> Iterator[Diagnostic]:
    """A template has its frame, and each resource says what it is."""
    walk = Walk(t.document, is_expression)
    if "languageVersion" in t.data and isinstance(t.data.get("resources"), dict):
        return
    yield from walk.value(_TEMPLATE, t.document.data, ())
    if isinstance(t.data.get("resources"), str):
        yield t.document.finding("MG431", "`resources` must be a list", ("resources",))
    for resource in t.resources:
        yield from walk.value(RESOURCE, resource.data, resource.path)
    for name, output in t.section("outputs").items():
        if isinstance(output, dict) and "value" not in output and "copy" not in output:
            yield t.document.finding("MG432", "an output needs `value`", ("outputs", name))


@rule("parameters", _TEMPLATES)
def parameters(t: Template) -> Iterator[Diagnostic]:
    """The default of a parameter is what the parameter allows."""
    for name, entry in t.section("parameters").items():
        if not isinstance(entry, dict) or "defaultValue" not in entry:
            continue
        default, path = entry["defaultValue"], ("parameters", name, "defaultValue")
        if isinstance(default, str) and is_expression(default):
            continue
        kind = _OF.get(str(entry.get("type")).lower())
        if kind is not None and (not isinstance(default, kind) or (kind is int and isinstance(default, bool))):
            yield t.document.finding("MG431", f"the default of `{name}` must be {entry['type']}", path)
        else:
            for wrong in _outside(entry, default):
                yield t.document.finding("MG433", f"the default of `{name}` {wrong}", path)


def _outside(entry: dict[str, Any], default: Any) -> Iterator[str]:
    allowed = entry.get("allowedValues")
    if isinstance(allowed, list) and default not in allowed:
        yield f"is none of {', '.join(map(str, allowed))}"
    size = len(default) if isinstance(default, str | list) else default
    bounds = ("minLength", "maxLength") if isinstance(default, str | list) else ("minValue", "maxValue")
    if not isinstance(size, int):
        return
    least, most = (entry.get(key) for key in bounds)
    if isinstance(least, int) and size < least:
        yield f"must be {least} at least"
    if isinstance(most, int) and size > most:
        yield f"must be {most} at most"
