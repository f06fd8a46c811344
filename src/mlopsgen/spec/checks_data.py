"""Findings about data: sources, split and prepare that do not fit together, and columns that do not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath, quoted
from mlopsgen.nearest import nearest
from mlopsgen.spec.checks_shared import columns_of, conflict, main_source, not_a_column, unknown
from mlopsgen.spec.data import OF_FILES, ColumnRule, Data, DataSource, Split
from mlopsgen.spec.product import Spec
from mlopsgen.spec.values import Placeholder

_SUFFIXES = {
    ".parquet": "parquet", ".pq": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv",
    ".zip": "files", ".tar": "files", ".png": "files", ".jpg": "files", ".json": "files", ".txt": "files",
}  # fmt: skip
_PACKED = {".gz": "gzip", ".bz2": "bzip2", ".zst": "zstd"}


def check_data(spec: Spec) -> Iterator[Diagnostic]:
    """Findings about `data`, beside those about its columns."""
    if spec.data is None:
        return
    data = spec.data
    if not data.sources:
        yield Diagnostic(
            "MG105", "`data` has no source", ("data",), "add `source: data/file.csv`, or `sources` by name"
        )
    for name, source in data.sources.items():
        yield from _source(source, ("data", "sources", name))
    yield from _main(data)
    yield from _split(data)


def _source(source: DataSource, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if source.is_table:
        yield from _table(source, spec_path)
        return
    suffix, packed = _by_suffix(source.uri)
    if suffix and suffix != source.format and (suffix != "files" or source.format != "jsonl"):
        message = f"`{source.uri}` looks like {suffix}, and its format is {source.format}"
        yield Diagnostic("MG117", message, (*spec_path, "format"), f"write `format: {suffix}`", Fix(suffix))
    if packed and source.format in ("csv", "jsonl") and packed != source.compression:
        message = f"`{source.uri}` is packed with {packed}, and its compression is {source.compression}"
        yield Diagnostic("MG117", message, (*spec_path, "compression"), f"write `compression: {packed}`", Fix(packed))
    if source.format != "csv":
        for key in ("header", "delimiter", "decimal"):
            if getattr(source, key) != DataSource.model_fields[key].default:
                yield conflict(
                    f"only csv has a `{key}`, and the format is {source.format}", (*spec_path, key), on=On.KEY
                )
    if source.format == "files" and source.columns:
        message = "`format: files` is opaque: nothing can check its columns"
        yield conflict(message, (*spec_path, "columns"), "say which format the table has", on=On.KEY, code="MG126")
    if source.format == "csv" and source.decimal == source.delimiter:
        message = f"`{source.decimal}` stands before decimals and between fields"
        yield conflict(message, (*spec_path, "decimal"), 'such files have another separator: `delimiter: ";"`')
    if source.format == "csv" and not source.header and not source.columns:
        message = "a file without header needs `columns`, in the order of the file"
        yield conflict(message, (*spec_path, "header"), code="MG126")


def _table(source: DataSource, spec_path: SpecPath) -> Iterator[Diagnostic]:
    """What is said of files has no meaning for a table, which steps find as parquet."""
    for key in OF_FILES:
        written = getattr(source, key)
        if key in source.model_fields_set and (key, written) != ("format", "parquet"):
            message = f"a table has no `{key}`: steps find it as parquet, with the types of its columns"
            yield conflict(message, (*spec_path, key), "take it out", on=On.KEY)


def _by_suffix(uri: object) -> tuple[str | None, str | None]:
    """The format and the packing that a URI's ending tells of."""
    if isinstance(uri, Placeholder) or "." not in str(uri).rsplit("/", 1)[-1]:
        return None, None
    name = str(uri).rsplit("/", 1)[-1].lower()
    packed = next((kind for suffix, kind in _PACKED.items() if name.endswith(suffix)), None)
    stem = name.rsplit(".", 1)[0] if packed else name
    return next((kind for suffix, kind in _SUFFIXES.items() if stem.endswith(suffix)), None), packed


def _main(data: Data) -> Iterator[Diagnostic]:
    if data.main is not None and data.main not in data.sources:
        yield unknown("MG126", "source", data.main, data.sources, ("data", "main"))
    elif len(data.sources) > 1 and data.main is None and (described := _described(data)):
        names = ", ".join(data.sources)
        message = f"`data` has several sources, and `{described}` describes one of them"
        yield Diagnostic("MG105", message, ("data", "sources"), f"say which: `main: …` ({names})", on=On.KEY)


def _described(data: Data) -> str | None:
    roles = ("label", "id", "time", "weight", "query", "series", "positive", "prepare")
    keys = [key for key in roles if getattr(data, key) is not None and key != "prepare"]
    if data.ignore:
        keys.append("ignore")
    if data.prepare is None and isinstance(data.split, Split):
        keys.append("split")
    return keys[0] if keys else None


def _split(data: Data) -> Iterator[Diagnostic]:
    spec_path: SpecPath = ("data", "split")
    if data.prepare is not None and "split" in data.model_fields_set:
        message = "`split` is the built-in preparation and `prepare` is your own: only one of them can run"
        yield conflict(message, spec_path, "keep one of the two", on=On.KEY)
        return
    split = data.split
    if data.prepare is not None or not isinstance(split, Split):
        return
    if split.test + split.validation >= 1:
        left = f"test {split.test:g} and validation {split.validation:g} leave nothing for training"
        yield conflict(left, (*spec_path, "test"), "together they stay below 1")
    yield from _way(data, split, spec_path)
    main = main_source(data)
    if main and main[1].format == "files" and data.label is not None:
        message = f"`label` names a column, and the source `{main[0]}` is opaque files"
        yield conflict(message, ("data", "label"), "say which format the table has", code="MG126")


def _way(data: Data, split: Split, spec_path: SpecPath) -> Iterator[Diagnostic]:
    """Findings about the way rows are chosen: at random, by class or by time."""
    if split.stratify and data.label is None:
        message = "a stratified split keeps the label's shares, and `data` has no `label`"
        yield conflict(message, (*spec_path, "stratify"), "add `label: <column>`", code="MG126")
    if split.by_time and data.time is None:
        message = "a split by time puts the newest rows into the test, and `data` has no `time`"
        yield conflict(message, (*spec_path, "by_time"), "add `time: <column>`", code="MG126")
    if split.stratify and split.by_time:
        message = "a split is stratified or by time, not both"
        yield conflict(message, (*spec_path, "by_time"), "keep one of the two")
    if split.by_time and split.group is not None:
        message = "a split by time cuts where a moment ends, so rows of one group would be on both sides"
        yield conflict(message, (*spec_path, "group"), "keep one of the two")
    if split.group is not None and split.group == data.label:
        message = f"column `{split.group}` is the label and the group: each class would be in one part alone"
        yield conflict(message, (*spec_path, "group"), code="MG126")
    main = main_source(data)
    label = main[1].columns.get(str(data.label)) if main else None
    if split.stratify and label and label.type in ("number", "datetime", "date"):
        message = f"a stratified split needs classes, and the label is of type {label.type}"
        yield conflict(message, (*spec_path, "stratify"), code="MG126")


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
    for spec_path, named in columns_named(spec, groups=True):
        yield from not_a_column(named, data, spec_path)


def _rule(rule: ColumnRule, spec_path: SpecPath) -> Iterator[Diagnostic]:
    bounds = [key for key in ("minimum", "maximum") if getattr(rule, key) is not None]
    if bounds and rule.type not in _NUMBERS:
        message = f"`{bounds[0]}` is for numbers, and the column is of type {rule.type}"
        yield conflict(message, (*spec_path, bounds[0]), on=On.KEY, code="MG126")
    if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        message = f"the minimum {rule.minimum:g} is larger than the maximum {rule.maximum:g}"
        yield conflict(message, (*spec_path, "minimum"), code="MG126")
    if rule.format is not None:
        yield from _date_format(rule, (*spec_path, "format"))
    for index, value in enumerate(rule.values):
        if not _of_type(value, rule.type):
            shown = str(value).lower() if isinstance(value, bool) else value
            message = f"`{shown}` is not a value of a column of type {rule.type}"
            yield conflict(message, (*spec_path, "values", index), code="MG126")


def _date_format(rule: ColumnRule, spec_path: SpecPath) -> Iterator[Diagnostic]:
    """A format is of a date, and has to tell one day from every other."""
    if rule.type not in ("date", "datetime"):
        message = f"only a date has a `format`, and the column is of type {rule.type}"
        yield conflict(message, spec_path, "write `type: date` or `type: datetime`", on=On.KEY, code="MG126")
        return
    from datetime import datetime

    words = set(re.findall(r"%[a-zA-Z%]", str(rule.format)))
    tells = bool(words & {"%Y", "%y"}) and (words >= {"%j"} or bool("%d" in words and words & {"%m", "%b", "%B"}))
    try:
        datetime.strptime("", str(rule.format))  # noqa: DTZ007 - the moment is not used
    except (ValueError, re.error) as wrong:
        tells = tells and "does not match" in str(wrong)
    if not tells:
        message = f"`{rule.format}` does not tell one day from another"
        yield conflict(message, spec_path, 'as strptime writes it, such as "%d/%m/%Y" or "%Y%m%d %H:%M"', code="MG126")


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


_ROLES = ("label", "id", "time", "weight", "query", "series")


def _roles(data: Data) -> Iterator[Diagnostic]:
    """One column has one role."""
    taken: dict[str, str] = {}
    for role in _ROLES:
        column = getattr(data, role)
        if column is None:
            continue
        if column in taken:
            message = f"column `{column}` is the {taken[column]} and the {role}: it can be only one"
            yield conflict(message, ("data", role), code="MG126")
        taken.setdefault(column, role)
    for index, column in enumerate(data.ignore):
        if taken.get(column) in ("label", "weight", "series"):
            message = f"column `{column}` is the {taken[column]} and ignored"
            yield conflict(message, ("data", "ignore", index), "take it out of one of the two", code="MG126")


def _positive(data: Data) -> Iterator[Diagnostic]:
    positive, spec_path = data.positive, ("data", "positive")
    if positive is None:
        return
    keys = [key for key in ("equals", "at_least") if getattr(positive, key) is not None]
    if data.label is None:
        yield conflict(
            "`positive` says which label is favourable, and there is no `label`", spec_path, on=On.KEY, code="MG126"
        )
    if not keys or ("equals" in keys and len(keys) > 1):
        yield conflict("say `equals` or `at_least`, one of them", spec_path, on=On.KEY)
        return
    label = columns_of(data).get(str(data.label))
    if label is None:
        return
    if keys[0] != "equals" and label.type not in _NUMBERS:
        message = f"`{keys[0]}` is for a label that is a number, and this one is of type {label.type}"
        yield conflict(message, (*spec_path, keys[0]), "name the favourable value", code="MG126")
    if positive.equals is not None and label.values and positive.equals not in label.values:
        yield _no_value(positive.equals, label, (*spec_path, "equals"))


def _no_value(value: Any, label: ColumnRule, spec_path: SpecPath) -> Diagnostic:
    listed = ", ".join(f"`{known}`" for known in label.values)
    near = nearest(value, [v for v in label.values if isinstance(v, str)]) if isinstance(value, str) else None
    hint = f"did you mean `{near}`?" if near else None
    return Diagnostic(
        "MG126", f"the label's values are {listed}, not `{value}`", spec_path, hint, Fix(quoted(near)) if near else None
    )


def columns_named(spec: Spec, *, groups: bool) -> Iterator[tuple[SpecPath, str | None]]:
    """Columns of the main source that a spec names by what they mean, and those that gates group by."""
    if spec.data is not None:
        yield from _columns_of_data(spec.data)
    if groups:
        yield from _columns_of_gates(spec)


def _columns_of_data(data: Data) -> Iterator[tuple[SpecPath, str | None]]:
    """Columns that `data` itself names."""
    for role in _ROLES:
        yield ("data", role), getattr(data, role)
    for index, column in enumerate(data.ignore):
        yield ("data", "ignore", index), column
    if isinstance(data.split, Split):
        yield ("data", "split", "group"), data.split.group
    for index, column in enumerate(data.checks.unique):
        yield ("data", "checks", "unique", index), column
    # The user's own preparation may add the columns that a store keeps.
    if (store := data.feature_store) and data.prepare is None:
        yield ("data", "feature_store", "entity"), store.entity
        yield ("data", "feature_store", "event_time"), store.event_time


def _columns_of_gates(spec: Spec) -> Iterator[tuple[SpecPath, str | None]]:
    for name, gate in spec.evaluation.gates.items() if spec.evaluation else ():
        if gate.group:
            yield ("evaluation", "gates", name, "group", "column"), gate.group.column
