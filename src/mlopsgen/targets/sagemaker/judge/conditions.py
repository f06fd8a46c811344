"""Rules for Condition steps: what is compared, with what, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents.document import Path
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.definition import Definition, function

SOURCE = 'developer guide, "Condition step"; sagemaker-core, workflow/conditions.py'
_COMPARED = ("Type", "LeftValue", "RightValue")
_KEYS = {
    **dict.fromkeys(("Equals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"), _COMPARED),
    "In": ("Type", "QueryValue", "Values"),
    "Not": ("Type", "Condition"),
    "Or": ("Type", "Conditions"),
}
_ORDERED = ("GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo")
_NUMBERS = ("Integer", "Float")


@rule("conditions", SOURCE)
def conditions(d: Definition) -> Iterator[Diagnostic]:
    """A Condition step holds at least one well-formed condition, and leads somewhere."""
    for step in d.of("Condition"):
        path, condition = step.where("Arguments"), step.arguments
        if "Arguments" not in step.data:
            continue
        for key in condition:
            if key not in ("Conditions", "IfSteps", "ElseSteps"):
                yield d.document.finding("MG430", f"a Condition step has no `{key}`", (*path, key))
        if "Conditions" not in condition:
            yield d.document.finding("MG432", "a Condition step needs `Conditions`", path)
        else:
            yield from _all(d, condition["Conditions"], (*path, "Conditions"))
        for key in ("IfSteps", "ElseSteps"):
            if not isinstance(condition.get(key, []), list):
                yield d.document.finding("MG431", f"`{key}` must be a list", (*path, key))
        if not condition.get("IfSteps") and not condition.get("ElseSteps"):
            message = "nothing depends on this condition: both branches are empty"
            yield d.document.finding("MG432", message, path, severity=Severity.WARNING)


@rule("nested-conditions", 'developer guide, "Condition step": limitations')
def nested_conditions(d: Definition) -> Iterator[Diagnostic]:
    """No Condition step lies in a branch of another one: one condition asks for everything at once."""
    for step in d.of("Condition"):
        if any(d.by_name[name].type == "Condition" for name in step.around):
            message = (
                f"`{step.name}` is a condition in a branch of `{step.around[-1]}`, and Pipelines nests no conditions"
            )
            yield d.document.finding("MG433", message, step.path)


def _all(d: Definition, entries: Any, path: Path) -> Iterator[Diagnostic]:
    if not isinstance(entries, list):
        yield d.document.finding("MG431", "`Conditions` must be a list", path)
    elif not entries:
        yield d.document.finding("MG432", "`Conditions` is empty", path)
    else:
        for i, condition in enumerate(entries):
            yield from _one(d, condition, (*path, i))


def _one(d: Definition, condition: Any, path: Path) -> Iterator[Diagnostic]:
    if not isinstance(condition, dict):
        yield d.document.finding("MG431", "a condition is an object", path)
        return
    kind = condition.get("Type")
    if kind is None:
        yield d.document.finding("MG432", "a condition needs `Type`", path)
        return
    if not isinstance(kind, str) or kind not in _KEYS:
        yield d.document.finding("MG433", f"`{kind}` is none of {', '.join(_KEYS)}", (*path, "Type"))
        return
    for key in _KEYS[kind]:
        if key not in condition:
            yield d.document.finding("MG432", f"a condition `{kind}` needs `{key}`", path)
    for key in condition:
        if key not in _KEYS[kind]:
            yield d.document.finding("MG430", f"a condition `{kind}` has no `{key}`", (*path, key))
    yield from _inside(d, kind, condition, path)


def _inside(d: Definition, kind: str, condition: dict[str, Any], path: Path) -> Iterator[Diagnostic]:
    if kind == "Not" and "Condition" in condition:
        yield from _one(d, condition["Condition"], (*path, "Condition"))
    elif kind == "Or" and "Conditions" in condition:
        yield from _all(d, condition["Conditions"], (*path, "Conditions"))
    elif kind == "In":
        if not isinstance(condition.get("Values", []), list):
            yield d.document.finding("MG431", "`Values` must be a list", (*path, "Values"))
    elif "LeftValue" in condition and "RightValue" in condition:
        yield from _sides(d, kind, condition, path)


def _sides(d: Definition, kind: str, condition: dict[str, Any], path: Path) -> Iterator[Diagnostic]:
    left, right = (_type(d, condition[side]) for side in ("LeftValue", "RightValue"))
    for side, type_ in (("LeftValue", left), ("RightValue", right)):
        if type_ == "":
            yield d.document.finding("MG431", f"`{side}` must be a single value", (*path, side))
        elif kind in _ORDERED and type_ == "Boolean":
            yield d.document.finding("MG431", f"true and false have no order: `{kind}`", (*path, side))
    known = left and right
    if known and left != right and not {left, right} <= set(_NUMBERS):
        # Without an order the service compares what it can; the answer is then always no.
        weight = Severity.ERROR if kind in _ORDERED else Severity.WARNING
        yield d.document.finding("MG431", f"{left} is compared with {right}: that never fits", path, severity=weight)


def _type(d: Definition, value: Any) -> str | None:
    """String, Integer, Float or Boolean; None when only the run knows; nothing for what cannot be compared."""
    if isinstance(value, bool):
        return "Boolean"
    for type_, name in ((str, "String"), (int, "Integer"), (float, "Float")):
        if isinstance(value, type_):
            return name
    called = function(value)
    if called == "Get" and isinstance(value["Get"], str) and value["Get"].startswith("Parameters."):
        name = value["Get"].removeprefix("Parameters.")
        return d.kind(name) if name in d.parameters else None
    if called == "Std:Join":
        return "String"
    return None if called else ""
