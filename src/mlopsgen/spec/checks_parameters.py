"""Findings about run parameters that contradict themselves, do not fit where they stand, or are never read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from mlopsgen.diagnostics import Diagnostic, On, SpecPath
from mlopsgen.spec.checks_shared import conflict, walk, warning
from mlopsgen.spec.model import Model
from mlopsgen.spec.product import Parameter, Spec
from mlopsgen.spec.units import place_problem
from mlopsgen.spec.values import Ref, Text, refs

_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list",
}


PlaceholderValues: TypeAlias = tuple[tuple[SpecPath, Any], ...]
"""Every value that holds placeholders, with its path."""


def check_parameters(spec: Spec) -> Iterator[Diagnostic]:
    """Findings about `parameters` and `variables`."""
    for name, parameter in spec.parameters.items():
        yield from _agrees(parameter, ("parameters", name))
    held = tuple(placeholders(spec))
    read = {ref.name for _, value in held for ref in refs(value)} | set(_read_in(spec.targets))
    for name in spec.parameters:
        if name not in read:
            hint = f"read it: `${{parameters.{name}}}`, or take it out"
            yield warning("MG208", f"nothing reads parameter `{name}`", ("parameters", name), hint, On.KEY)
    for name in spec.variables:
        hint = f"read it: `${{var.{name}}}`, or take it out"
        yield warning("MG208", f"nothing reads variable `{name}`", ("variables", name), hint, On.KEY)
    yield from _booleans(spec)
    yield from _places(spec, held)
    yield from _lists(spec, held)


def placeholders(spec: Spec) -> Iterator[tuple[SpecPath, Any]]:
    """Every value of a spec that holds placeholders, with its path."""
    for spec_path, model in walk(spec):
        for key, value in _values(model):
            if refs(value):
                yield (*spec_path, *key), value


def _read_in(value: Any) -> Iterator[str]:
    """The parameters that are read in blocks of targets that nobody compiles for, which are no models."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _read_in(item)
    yield from (ref.name for ref in refs(value))


def _values(model: Model) -> Iterator[tuple[SpecPath, Any]]:
    for name, info in type(model).model_fields.items():
        key, value = info.alias or name, getattr(model, name)
        if isinstance(value, dict):
            yield from (((key, inner), item) for inner, item in value.items())
        else:
            yield (key,), value


def _agrees(parameter: Parameter, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if parameter.default is not None and not _is(parameter.type, parameter.default):
        yield _not_of_type(parameter.default, parameter.type, (*spec_path, "default"))
    for index, value in enumerate(parameter.values):
        if not _is(parameter.type, value) and parameter.type != "list":
            yield _not_of_type(value, parameter.type, (*spec_path, "values", index))
    yield from _bounds(parameter, spec_path)
    for value in _each(parameter.default):
        if parameter.values and value not in parameter.values:
            listed = ", ".join(f"`{known}`" for known in parameter.values)
            yield Diagnostic("MG124", f"the default `{value}` is not one of {listed}", (*spec_path, "default"))
        elif not _between(value, parameter):
            message = f"the default {value} is outside its bounds"
            yield Diagnostic("MG124", message, (*spec_path, "default"))


def _bounds(parameter: Parameter, spec_path: SpecPath) -> Iterator[Diagnostic]:
    low, high = parameter.minimum, parameter.maximum
    bounds = [key for key, value in (("minimum", low), ("maximum", high)) if value is not None]
    if bounds and parameter.type not in ("integer", "number"):
        message = f"`{bounds[0]}` is for numbers, and this parameter is of type {parameter.type}"
        yield Diagnostic("MG124", message, (*spec_path, bounds[0]), "list what is allowed: `values: […]`", on=On.KEY)
    elif low is not None and high is not None and low > high:
        yield conflict(f"the minimum {low:g} is larger than the maximum {high:g}", (*spec_path, "minimum"))
    for index, value in enumerate(parameter.values):
        if not _between(value, parameter):
            yield Diagnostic("MG124", f"{value} is outside the parameter's own bounds", (*spec_path, "values", index))


def _each(default: Any) -> tuple[Any, ...]:
    if default is None:
        return ()
    return default if isinstance(default, tuple) else (default,)


def _between(value: Any, parameter: Parameter) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    low, high = parameter.minimum, parameter.maximum
    return not ((low is not None and value < low) or (high is not None and value > high))


def _is(kind: str, value: Any) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return isinstance(value, tuple)


def _not_of_type(value: Any, kind: str, spec_path: SpecPath) -> Diagnostic:
    spelling = "a list" if isinstance(value, tuple) else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    return Diagnostic("MG124", f"{spelling} is not {_WORDS[kind]}, and the parameter is of type {kind}", spec_path)


def _booleans(spec: Spec) -> Iterator[Diagnostic]:
    """`when` is decided by a boolean, and by nothing else."""
    for spec_path, model in walk(spec):
        when = getattr(model, "when", None)
        if isinstance(when, Ref) and when.name in spec.parameters and spec.parameters[when.name].type != "boolean":
            kind = spec.parameters[when.name].type
            message = f"parameter `{when.name}` is of type {kind}, and `when` needs a boolean"
            yield Diagnostic(
                "MG124",
                message,
                (*spec_path, "when"),
                f"declare it as `{{type: boolean}}` under `parameters.{when.name}`",
            )


def _places(spec: Spec, values: PlaceholderValues) -> Iterator[Diagnostic]:
    """A parameter that begins a URI is never a local path: nothing would upload it."""
    for spec_path, value in values:
        first = value.parts[0] if isinstance(value, Text) else value
        if spec_path[-1] != "uri" or not isinstance(first, Ref) or first.name not in spec.parameters:
            continue
        parameter = spec.parameters[first.name]
        for uri in (*_each(parameter.default), *parameter.values):
            if isinstance(uri, str) and not re.match(r"[a-z][a-z0-9+.-]*:", uri):
                problem = place_problem(uri) or f"`{uri}` is a local path, which a run cannot choose"
                parameter_path: SpecPath = (
                    "parameters",
                    first.name,
                    "default" if uri == parameter.default else "values",
                )
                yield Diagnostic("MG118", problem, parameter_path, "give a URI such as `s3://acme/data/`")


def _lists(spec: Spec, values: PlaceholderValues) -> Iterator[Diagnostic]:
    """A list stands in a param as a whole, not in the middle of a text."""
    for spec_path, value in values:
        for ref in refs(value) if isinstance(value, Text) else ():
            if ref.name in spec.parameters and spec.parameters[ref.name].type == "list":
                message = f"parameter `{ref.name}` is a list and cannot be part of a text"
                yield Diagnostic("MG124", message, spec_path, f"hand it on whole: `${{parameters.{ref.name}}}`")
