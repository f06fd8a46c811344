"""Reads and writes tables, and gives their columns the types that the contract names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from .contract import Column, Source
from .files import files_in
from .problems import Failed

Frame: TypeAlias = Any
"""A pandas DataFrame; pandas is imported only by the commands that need it."""
Series: TypeAlias = Any

# What a number, truth or date column may hold where nothing was measured; in text only an empty field is null.
NULL_WORDS = frozenset(("", "na", "n/a", "nan", "null", "none", "-nan", "#n/a", "<na>"))
ISO_DATE = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?"


@dataclass(frozen=True, slots=True)
class Typed:
    """A column in its type, and which of its values did not fit it."""

    values: Series
    bad: Series


def read_rows(folder: Path, source: Source) -> Frame:
    """All rows of a source just as they are written: csv fields stay text, so that nothing is lost when copied."""
    import pandas as pd

    if source.format == "files":
        raise Failed(f"source `{source.name}` is opaque (format: files), so its rows cannot be read")
    paths = [folder] if folder.is_file() else list(files_in(folder)) if folder.is_dir() else []
    if not paths:
        raise Failed(f"{folder} holds no file for source `{source.name}`")
    parts = [_read_file(path, source) for path in paths]
    first = list(parts[0].columns)
    for path, part in zip(paths, parts, strict=True):
        if set(part.columns) != set(first):
            raise Failed(f"{path.name} has other columns than {paths[0].name}: {', '.join(map(str, part.columns))}")
    return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]


def read_table(folder: Path, source: Source) -> Frame:
    """All rows of a source in the types of the contract; a value that does not fit stops the step."""
    rows = read_rows(folder, source)
    missing = [column.name for column in source.columns if column.name not in rows.columns]
    if missing:
        raise Failed(f"{folder} has no column {', '.join(f'`{name}`' for name in missing)}")
    declared = {column.name: column for column in source.columns}
    table = {}
    for name in rows.columns:
        typed = as_type(rows[name], declared[name].type if name in declared else inferred_type(rows[name]))
        if typed.bad.any():
            example = str(rows[name][typed.bad].iloc[0])[:40]
            raise Failed(f"column `{name}` of {folder} holds `{example}`, which is not of type {declared[name].type}")
        table[name] = typed.values
    import pandas as pd

    return pd.DataFrame(table, columns=list(rows.columns))


def write_rows(rows: Frame, folder: Path, source: Source) -> None:
    """Writes a data set, `data.<format>`, in the format of its source."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"data.{source.format}"
    match source.format:
        case "csv":
            rows.to_csv(path, index=False, sep=source.delimiter, lineterminator="\n")
        case "jsonl":
            rows.to_json(path, orient="records", lines=True, force_ascii=False, date_format="iso")
        case _:
            rows.to_parquet(path, index=False)


def _read_file(path: Path, source: Source) -> Frame:
    import pandas as pd

    compression: Any = {None: "infer", "none": None}.get(source.compression, source.compression)
    try:
        match source.format:
            case "csv":
                return _read_csv(path, source, compression)
            case "jsonl":
                return _read_json_lines(path, compression)
            case _:
                return pd.read_parquet(path)
    except (ValueError, OSError, EOFError) as error:
        reason = str(error).splitlines()[0][:160]
        raise Failed(f"{path.name} cannot be read as {source.format}: {reason}") from None


def _read_csv(path: Path, source: Source, compression: Any) -> Frame:
    import pandas as pd

    names = None if source.header else [column.name for column in source.columns]
    rows = pd.read_csv(
        path,
        sep=source.delimiter,
        header=0 if source.header else None,
        dtype=str,
        keep_default_na=False,
        na_filter=False,
        encoding="utf-8-sig",
        compression=compression,
        index_col=False,
    )
    if names is None:
        return rows
    if rows.shape[1] != len(names):
        raise ValueError(f"it has {rows.shape[1]} columns, the contract names {len(names)}")
    return rows.set_axis(names, axis=1)


def _read_json_lines(path: Path, compression: Any) -> Frame:
    """Each line by Python's own parser: pandas' reader turns text that looks like a date into one."""
    import pandas as pd

    # No line of JSON can hold the control character that is the separator here.
    plain = {"header": None, "names": ["line"], "quoting": 3, "dtype": str, "na_filter": False}
    lines = pd.read_csv(path, sep="\x01", compression=compression, encoding="utf-8-sig", **plain)
    return pd.DataFrame([json.loads(line) for line in lines["line"]])


def as_type(values: Series, kind: str) -> Typed:
    """A column in one of the contract's types, with a mask of the values that do not fit."""
    import pandas as pd

    nulls = null_mask(values, kind)
    known = values.mask(nulls)
    match kind:
        case "string" | "category":
            typed = known.map(text_of, na_action="ignore").astype(object)
        case "boolean":
            typed = known.map(_as_truth, na_action="ignore").astype("boolean")
        case "datetime":
            typed = _as_dates(known)
        case _:
            typed = pd.to_numeric(known, errors="coerce").astype("float64")
            typed = typed.mask(typed.isin([float("inf"), float("-inf")]))
    bad = typed.isna() & ~nulls
    if kind == "integer":
        bad = bad | (typed.notna() & (typed % 1 != 0))
        typed = typed.mask(bad).astype("Int64")
    return Typed(typed, bad)


def null_mask(values: Series, kind: str) -> Series:
    """Which values are missing: an empty field in text columns, also NA, null and the like in others."""
    import pandas as pd

    nulls = values.isna()
    if not (pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values)):
        return nulls
    words = values.map(lambda v: v.strip().lower() if isinstance(v, str) else v)
    absent = {""} if kind in ("string", "category") else NULL_WORDS
    return nulls | words.isin(absent)


def inferred_type(values: Series) -> str:
    """The type of a column that the contract does not declare."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(values):
        return "boolean"
    if pd.api.types.is_integer_dtype(values):
        return "integer"
    if pd.api.types.is_numeric_dtype(values):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "datetime"
    known = values[~null_mask(values, "number")]
    if known.empty:
        return "string"
    for kind in ("boolean", "integer", "number"):
        if not as_type(known, kind).bad.any() and not (kind == "boolean" and known.isin(["0", "1", 0, 1]).any()):
            return kind
    return "datetime" if known.astype(str).str.fullmatch(ISO_DATE).all() else "string"


def text_of(value: object) -> str:
    """A value as text, the same whether it was read from csv, parquet or JSON: true, 3, 2.5, word."""
    if isinstance(value, str):
        return value
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def declared_type(columns: tuple[Column, ...], name: str) -> str | None:
    """The type the contract declares for a column, if it does."""
    return next((column.type for column in columns if column.name == name), None)


def _as_truth(value: object) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(text_of(value).strip().lower())


def _as_dates(values: Series) -> Series:
    import pandas as pd

    dates = pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601")
    rest = dates.isna() & values.notna()
    if rest.any():
        dates = dates.where(~rest, pd.to_datetime(values.where(rest), errors="coerce", utc=True, format="mixed"))
    return dates
