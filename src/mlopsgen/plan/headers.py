"""The first line of a local csv file, held against the columns that the spec names. No row is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath, quoted
from mlopsgen.nearest import nearest
from mlopsgen.plan.files import Files
from mlopsgen.plan.steps import Source
from mlopsgen.plan.wiring import built_in_split
from mlopsgen.records import dataclass
from mlopsgen.spec.checks_data import columns_named
from mlopsgen.spec.data import Data, DataSource
from mlopsgen.spec.evaluation import TaskEvaluation
from mlopsgen.spec.product import Spec

LONGEST = 1 << 16
"""Bytes of a file in which its header is looked for."""
_OTHERS = {";": ";", "\t": "\\t", "|": "|", ",": ","}
_MARKS = 8
"""Bytes that may be missing of what was read: those of a mark at the start, and of a letter that was cut."""
_SHOWN = 10
_BELOW = 20


@dataclass(frozen=True, slots=True)
class Header:
    """The names of a file's columns, and the rows below them where a header may be that is not the first line."""

    names: list[str]
    below: list[tuple[int, list[str]]]
    """Line and fields of each."""

    def line_of(self, column: str) -> int | None:
        """The first line below that has the name, as where a spreadsheet put a title above its table."""
        return next((line for line, fields in self.below if column in fields), None)


def header_findings(spec: Spec, files: Files, sources: Sequence[Source]) -> Iterator[Diagnostic]:
    """Columns that a local file does not have, each where the spec names it."""
    if spec.data is None:
        return
    for source in sources:
        declared = spec.data.sources[source.name]
        header = _header(files, source, declared)
        if header is None:
            continue
        place: SpecPath = ("data", "sources", source.name)
        names = header.names
        if len(names) == 1 and (other := next((mark for mark in _OTHERS if mark in names[0]), None)):
            yield _one_column(names[0], _OTHERS[other], declared, place)
            continue
        if _is_split(spec.data, source.name):
            yield from _twice(names, place)
        yield from _absent(spec, spec.data, source.name, header)


def _is_split(data: Data, source: str) -> bool:
    """Whether the built-in split reads the source, by its header and no other way."""
    return source == (data.main or next(iter(data.sources))) and built_in_split(data) is not None


def _header(files: Files, source: Source, declared: DataSource) -> Header | None:
    """The names in a file's first line; None where they cannot be had."""
    if source.local is None or declared.format != "csv" or not declared.header:
        return None
    import csv

    tables = [n for n in source.local.files if not any(p.startswith("_") and "=" not in p for p in n.split("/"))]
    if not tables:
        return None
    path = f"{source.local.path}/{tables[0]}" if files.is_folder(source.local.path) else source.local.path
    text = files.beginning(path, LONGEST, source.origin)
    lines = text.splitlines(keepends=True)
    # The last line may be cut where the reading ended.
    if len(text.encode()) > LONGEST - _MARKS:
        lines = lines[:-1]
    reader = csv.reader(lines, delimiter=declared.delimiter)
    names = next((row for row in reader if row), None)
    if names is None:
        return None
    # Folders of a partitioned table stand for columns: `day=2024-01-01/part-0.csv`.
    folders = [part.partition("=")[0] for part in tables[0].split("/")[:-1] if "=" in part]
    return Header([*names, *folders], [(reader.line_num, row) for row in islice(reader, _BELOW)])


def _twice(names: Sequence[str], place: SpecPath) -> Iterator[Diagnostic]:
    """A name that two columns have: nobody can tell which of them is meant."""
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        message = f"the header has the column `{name}` twice"
        yield Diagnostic("MG210", message, (*place, "uri"), "give one of the two another name")


def _one_column(name: str, delimiter: str, declared: DataSource, place: SpecPath) -> Diagnostic:
    message = f"with `{declared.delimiter}` between its fields the file has one column, `{name[:40]}`"
    written = "delimiter" in declared.model_fields_set
    hint = f'write `delimiter: "{delimiter}"` beside it'
    fix = Fix(f'"{delimiter}"') if written else None
    return Diagnostic("MG210", message, (*place, "delimiter" if written else "uri"), hint, fix)


def _absent(spec: Spec, data: Data, source: str, header: Header) -> Iterator[Diagnostic]:
    known = set(header.names)
    for column in data.sources[source].columns:
        if column not in known:
            yield _no_column(column, header, ("data", "sources", source, "columns", column), on=On.KEY)
    # Columns with a role may be made by a step of one's own; the built-in split finds them in the source.
    if not _is_split(data, source):
        return
    for spec_path, named in columns_named(spec, groups=isinstance(spec.evaluation, TaskEvaluation)):
        if named is not None and named not in known and named not in data.sources[source].columns:
            yield _no_column(named, header, spec_path)


def _no_column(column: str, header: Header, spec_path: SpecPath, on: On = On.VALUE) -> Diagnostic:
    near = nearest(column, header.names)
    return Diagnostic(
        "MG210",
        f"the file has no column `{column}`",
        spec_path,
        hint=f"did you mean `{near}`?" if near else _there(column, header),
        fix=Fix(quoted(near), on) if near else None,
        on=on,
    )


def _there(column: str, header: Header) -> str:
    """What the file has in the place of a header that names the column."""
    if line := header.line_of(column):
        return f"it stands in line {line}: take out the lines above, as the first one is the header"
    listed = [f"`{name}`" for name in header.names[:_SHOWN]]
    return f"its header has {', '.join(listed)}" + (", …" if len(header.names) > _SHOWN else "")
