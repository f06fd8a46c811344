"""Findings about sources, split and prepare that do not fit together."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath
from mlopsgen.spec.about import against, main_source, unknown
from mlopsgen.spec.data import Data, DataSource, Split
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


def _source(source: DataSource, path: SpecPath) -> Iterator[Diagnostic]:
    said, packed = _by_suffix(source.uri)
    if said and said != source.format and (said != "files" or source.format != "jsonl"):
        message = f"`{source.uri}` looks like {said}, and its format is {source.format}"
        yield Diagnostic("MG117", message, (*path, "format"), f"write `format: {said}`", Fix(said))
    if packed and source.format in ("csv", "jsonl") and packed != source.compression:
        message = f"`{source.uri}` is packed with {packed}, and its compression is {source.compression}"
        yield Diagnostic("MG117", message, (*path, "compression"), f"write `compression: {packed}`", Fix(packed))
    if source.format != "csv":
        for key in ("header", "delimiter"):
            if getattr(source, key) != DataSource.model_fields[key].default:
                yield against(f"only csv has a `{key}`, and the format is {source.format}", (*path, key), on=On.KEY)
    if source.format == "files" and source.columns:
        said = "`format: files` is opaque: nothing can check its columns"
        yield against(said, (*path, "columns"), "say which format the table has", on=On.KEY, code="MG126")
    if source.format == "csv" and not source.header and not source.columns:
        said = "a file without header needs `columns`, in the order of the file"
        yield against(said, (*path, "header"), code="MG126")


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
        said = f"`data` has several sources, and `{described}` describes one of them"
        yield Diagnostic("MG105", said, ("data", "sources"), f"say which: `main: …` ({names})", on=On.KEY)


def _described(data: Data) -> str | None:
    roles = ("label", "id", "time", "weight", "positive", "prepare")
    said = [key for key in roles if getattr(data, key) is not None and key != "prepare"]
    if data.ignore:
        said.append("ignore")
    if data.prepare is None and isinstance(data.split, Split):
        said.append("split")
    return said[0] if said else None


def _split(data: Data) -> Iterator[Diagnostic]:
    path: SpecPath = ("data", "split")
    if data.prepare is not None and "split" in data.model_fields_set:
        said = "`split` is the built-in preparation and `prepare` is your own: only one of them can run"
        yield against(said, path, "keep one of the two", on=On.KEY)
        return
    split = data.split
    if data.prepare is not None or not isinstance(split, Split):
        return
    if split.test + split.validation >= 1:
        left = f"test {split.test:g} and validation {split.validation:g} leave nothing for training"
        yield against(left, (*path, "test"), "together they stay below 1")
    yield from _way(data, split, path)
    main = main_source(data)
    if main and main[1].format == "files" and data.label is not None:
        said = f"`label` names a column, and the source `{main[0]}` is opaque files"
        yield against(said, ("data", "label"), "say which format the table has", code="MG126")


def _way(data: Data, split: Split, path: SpecPath) -> Iterator[Diagnostic]:
    """How rows are chosen, and what that needs."""
    if split.stratify and data.label is None:
        said = "a stratified split keeps the label's shares, and `data` has no `label`"
        yield against(said, (*path, "stratify"), "add `label: <column>`", code="MG126")
    if split.by_time and data.time is None:
        said = "a split by time puts the newest rows into the test, and `data` has no `time`"
        yield against(said, (*path, "by_time"), "add `time: <column>`", code="MG126")
    if split.stratify and split.by_time:
        said = "a split is stratified or by time, not both"
        yield against(said, (*path, "by_time"), "keep one of the two")
    main = main_source(data)
    label = main[1].columns.get(str(data.label)) if main else None
    if split.stratify and label and label.type in ("number", "datetime", "date"):
        said = f"a stratified split needs classes, and the label is of type {label.type}"
        yield against(said, (*path, "stratify"), code="MG126")
