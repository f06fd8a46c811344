"""Findings about columns: rules that contradict themselves, roles, gates and monitors of columns that do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath, quoted
from mlopsgen.nearest import nearest
from mlopsgen.spec.about import against, columns_of, not_a_column
from mlopsgen.spec.data import ColumnRule, Data
from mlopsgen.spec.product import Spec

_NUMBERS = ("integer", "number")


def check_contract(spec: Spec) -> Iterator[Diagnostic]:
    """Findings about the data contract and everything that names a column of it."""
    data = spec.data
    if data is None:
        return
    for name, source in data.sources.items():
        for column, rule in source.columns.items():
            yield from _rule(rule, ("data", "sources", name, "columns", column))
    yield from _roles(data)
    yield from _positive(data)
    for path, named in (*_named(data), *_of_gates(spec)):
        yield from not_a_column(named, data, path)


def _rule(rule: ColumnRule, path: SpecPath) -> Iterator[Diagnostic]:
    bounds = [key for key in ("minimum", "maximum") if getattr(rule, key) is not None]
    if bounds and rule.type not in _NUMBERS:
        said = f"`{bounds[0]}` is for numbers, and the column is of type {rule.type}"
        yield against(said, (*path, bounds[0]), on=On.KEY, code="MG126")
    if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        said = f"the minimum {rule.minimum:g} is larger than the maximum {rule.maximum:g}"
        yield against(said, (*path, "minimum"), code="MG126")
    for index, value in enumerate(rule.values):
        if not _of_type(value, rule.type):
            shown = str(value).lower() if isinstance(value, bool) else value
            said = f"`{shown}` is not a value of a column of type {rule.type}"
            yield against(said, (*path, "values", index), code="MG126")


def _of_type(value: Any, kind: str) -> bool:
    match kind:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "category":
            return True
        case _:
            return isinstance(value, str)


def _roles(data: Data) -> Iterator[Diagnostic]:
    """One column has one role."""
    taken: dict[str, str] = {}
    roles = [("label", data.label), ("id", data.id), ("time", data.time), ("weight", data.weight)]
    for role, column in roles:
        if column is None:
            continue
        if column in taken:
            said = f"column `{column}` is the {taken[column]} and the {role}: it can be only one"
            yield against(said, ("data", role), code="MG126")
        taken.setdefault(column, role)
    for index, column in enumerate(data.ignore):
        if taken.get(column) in ("label", "weight"):
            said = f"column `{column}` is the {taken[column]} and ignored"
            yield against(said, ("data", "ignore", index), "take it out of one of the two", code="MG126")


def _positive(data: Data) -> Iterator[Diagnostic]:
    positive, path = data.positive, ("data", "positive")
    if positive is None:
        return
    said = [key for key in ("equals", "at_least") if getattr(positive, key) is not None]
    if data.label is None:
        yield against(
            "`positive` says which label is favourable, and there is no `label`", path, on=On.KEY, code="MG126"
        )
    if not said or ("equals" in said and len(said) > 1):
        yield against("say `equals` or `at_least`, one of them", path, on=On.KEY)
        return
    label = columns_of(data).get(str(data.label))
    if label is None:
        return
    if said[0] != "equals" and label.type not in _NUMBERS:
        message = f"`{said[0]}` is for a label that is a number, and this one is of type {label.type}"
        yield against(message, (*path, said[0]), "name the favourable value", code="MG126")
    if positive.equals is not None and label.values and positive.equals not in label.values:
        yield _no_value(positive.equals, label, (*path, "equals"))


def _no_value(value: Any, label: ColumnRule, path: SpecPath) -> Diagnostic:
    listed = ", ".join(f"`{known}`" for known in label.values)
    near = nearest(value, [v for v in label.values if isinstance(v, str)]) if isinstance(value, str) else None
    hint = f"did you mean `{near}`?" if near else None
    return Diagnostic(
        "MG126", f"the label's values are {listed}, not `{value}`", path, hint, Fix(quoted(near)) if near else None
    )


def _named(data: Data) -> Iterator[tuple[SpecPath, str | None]]:
    """Columns that `data` itself names."""
    for role in ("label", "id", "time", "weight"):
        yield ("data", role), getattr(data, role)
    for index, column in enumerate(data.ignore):
        yield ("data", "ignore", index), column
    for index, column in enumerate(data.checks.unique):
        yield ("data", "checks", "unique", index), column
    if store := data.feature_store:
        yield ("data", "feature_store", "entity"), store.entity
        yield ("data", "feature_store", "event_time"), store.event_time


def _of_gates(spec: Spec) -> Iterator[tuple[SpecPath, str | None]]:
    for name, gate in spec.evaluation.gates.items() if spec.evaluation else ():
        if gate.group:
            yield ("evaluation", "gates", name, "group", "column"), gate.group.column
