"""Findings that many checks yield (a name is unknown, two things do not go together), and walks over a spec."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, SpecPath, quoted
from mlopsgen.nearest import nearest
from mlopsgen.spec.data import ColumnRule, Data, DataSource
from mlopsgen.spec.model import Model
from mlopsgen.spec.product import Spec


def unknown(code: str, what: str, name: str, among: Iterable[str], spec_path: SpecPath) -> Diagnostic:
    """A name that nothing has, with the nearest that something does."""
    known = tuple(among)
    near = nearest(name, known)
    listed = ", ".join(f"`{other}`" for other in known[:10]) or "none"
    hint = f"did you mean `{near}`?" if near else f"there is {listed}" if known else f"the spec has no {what}"
    return Diagnostic(code, f"there is no {what} `{name}`", spec_path, hint, Fix(quoted(near)) if near else None)


def conflict(
    message: str, spec_path: SpecPath, hint: str | None = None, *, on: On = On.VALUE, code: str = "MG117"
) -> Diagnostic:
    """Fields that do not go together."""
    return Diagnostic(code, message, spec_path, hint, on=on)


def warning(code: str, message: str, spec_path: SpecPath, hint: str | None = None, on: On = On.VALUE) -> Diagnostic:
    """Worth knowing; stops nothing."""
    return Diagnostic(code, message, spec_path, hint, severity=Severity.WARNING, on=on)


def main_source(data: Data) -> tuple[str, DataSource] | None:
    """The source that label, checks and split describe."""
    if data.main in data.sources:
        return str(data.main), data.sources[str(data.main)]
    return next(iter(data.sources.items())) if len(data.sources) == 1 else None


def columns_of(data: Data | None) -> dict[str, ColumnRule]:
    """The columns that are known; none are when there is no contract."""
    main = main_source(data) if data else None
    return main[1].columns if main else {}


def not_a_column(name: str | None, data: Data | None, spec_path: SpecPath) -> Iterator[Diagnostic]:
    """A finding when a column is named that the contract does not have."""
    known = columns_of(data)
    if name is not None and known and name not in known:
        finding = unknown("MG126", "column", name, known, spec_path)
        if finding.fix:
            yield finding
        elif not _has_header(data):
            yield replace(finding, hint=f"add it to `columns`, with its type; {finding.hint}")


def _has_header(data: Data | None) -> bool:
    """Whether a file beside the spec tells all its columns, so that `columns` may hold some of them only."""
    main = main_source(data) if data else None
    if data is None or main is None or data.prepare is not None or data.split == "none":
        return False
    uri = main[1].uri
    return main[1].format == "csv" and main[1].header and isinstance(uri, str) and ":" not in uri.split("/", 1)[0]


def whole_steps(spec: Spec) -> Iterator[tuple[SpecPath, Any]]:
    """Everything of a spec that runs as a step of the training graph."""
    if spec.data and spec.data.prepare:
        yield ("data", "prepare"), spec.data.prepare
    for name, step in spec.steps.items():
        yield ("steps", name), step
    if spec.training:
        yield ("training",), spec.training
    if spec.evaluation:
        yield ("evaluation",), spec.evaluation


def walk(value: Any, spec_path: SpecPath = ()) -> Iterator[tuple[SpecPath, Model]]:
    """Every map of a spec with its path."""
    parts: Iterable[tuple[str | int, Any]]
    if isinstance(value, Model):
        yield spec_path, value
        parts = ((key, getattr(value, attribute)) for key, attribute in _attributes(type(value)))
    else:
        parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in parts:
        # Most of a spec is words, and a call for each would take longer than all the rest.
        if isinstance(item, _NESTED):
            yield from walk(item, (*spec_path, key))


_NESTED = (Model, dict, tuple)


@cache
def _attributes(model: type[Model]) -> tuple[tuple[str, str], ...]:
    """Each key of such a map, and the attribute that holds it."""
    return tuple((info.alias or name, name) for name, info in model.model_fields.items())
