"""The first line of a local csv file, held against the columns that the spec names. No row is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath, quoted
from mlopsgen.nearest import nearest
from mlopsgen.plan.files import Files
from mlopsgen.plan.steps import Source
from mlopsgen.plan.wiring import built_in_split
from mlopsgen.spec.checks_data import columns_named
from mlopsgen.spec.data import Data, DataSource
from mlopsgen.spec.evaluation import TaskEvaluation
from mlopsgen.spec.product import Spec

LONGEST = 1 << 16
"""Bytes of a file in which its header is looked for."""
_OTHERS = {";": ";", "\t": "\\t", "|": "|", ",": ","}
_SHOWN = 10


def header_findings(spec: Spec, files: Files, sources: Sequence[Source]) -> Iterator[Diagnostic]:
    """Columns that a local file does not have, each where the spec names it."""
    if spec.data is None:
        return
    for source in sources:
        declared = spec.data.sources[source.name]
        names = _header(files, source, declared)
        if names is None:
            continue
        place: SpecPath = ("data", "sources", source.name)
        if len(names) == 1 and (other := next((mark for mark in _OTHERS if mark in names[0]), None)):
            yield _one_column(names[0], _OTHERS[other], declared, place)
        else:
            yield from _absent(spec, spec.data, source.name, names)


def _header(files: Files, source: Source, declared: DataSource) -> list[str] | None:
    """The names in a file's first line; None where they cannot be had."""
    if source.local is None or declared.format != "csv" or not declared.header:
        return None
    import csv

    tables = [n for n in source.local.files if not any(p.startswith("_") and "=" not in p for p in n.split("/"))]
    if not tables:
        return None
    path = f"{source.local.path}/{tables[0]}" if files.is_folder(source.local.path) else source.local.path
    lines = files.beginning(path, LONGEST, source.origin).splitlines(keepends=True)
    # The last line may be cut where the reading ended.
    whole = lines[:-1] if len(lines) > 1 else lines
    names = next((row for row in csv.reader(whole, delimiter=declared.delimiter) if row), None)
    # Folders of a partitioned table stand for columns: `day=2024-01-01/part-0.csv`.
    folders = [part.partition("=")[0] for part in tables[0].split("/")[:-1] if "=" in part]
    return None if names is None else [*names, *folders]


def _one_column(name: str, delimiter: str, declared: DataSource, place: SpecPath) -> Diagnostic:
    message = f"with `{declared.delimiter}` between its fields the file has one column, `{name[:40]}`"
    written = "delimiter" in declared.model_fields_set
    hint = f'write `delimiter: "{delimiter}"` beside it'
    fix = Fix(f'"{delimiter}"') if written else None
    return Diagnostic("MG210", message, (*place, "delimiter" if written else "uri"), hint, fix)


def _absent(spec: Spec, data: Data, source: str, names: Sequence[str]) -> Iterator[Diagnostic]:
    known = set(names)
    for column in data.sources[source].columns:
        if column not in known:
            yield _no_column(column, names, ("data", "sources", source, "columns", column), on=On.KEY)
    # Columns with a role may be made by a step of one's own; the built-in split finds them in the source.
    if source != (data.main or next(iter(data.sources))) or built_in_split(data) is None:
        return
    for spec_path, named in columns_named(spec, groups=isinstance(spec.evaluation, TaskEvaluation)):
        if named is not None and named not in known and named not in data.sources[source].columns:
            yield _no_column(named, names, spec_path)


def _no_column(column: str, names: Sequence[str], spec_path: SpecPath, on: On = On.VALUE) -> Diagnostic:
    near = nearest(column, names)
    listed = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return Diagnostic(
        "MG210",
        f"the file has no column `{column}`",
        spec_path,
        hint=f"did you mean `{near}`?" if near else f"its header has {listed}",
        fix=Fix(quoted(near), on) if near else None,
        on=on,
    )
