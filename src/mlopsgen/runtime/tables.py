"""Reads and writes tables: as they are written, or in the types that the contract names."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

from .contract import Contract, Source
from .doubts import FILES, settle
from .files import data_files
from .kinds import as_type, kind_of
from .problems import Empty, Failed

Frame: TypeAlias = Any
"""A pandas DataFrame; pandas is imported only by the commands that need it."""
Series: TypeAlias = Any
SHOWN = 3


def read_rows(folder: Path, source: Source) -> Frame:
    """All rows of a source just as they are written: csv fields stay text, so that nothing is lost when copied."""
    import pandas as pd

    if source.format == "files":
        raise Failed(f"source `{source.name}` is opaque (format: files), so its rows cannot be read")
    paths = data_files(folder)
    if not paths:
        raise Failed(f"{folder} holds no file for source `{source.name}`")
    _check_delta(folder, paths)
    parts = _parts(folder, paths, source)
    (first, example), *others = parts.items()
    for path, part in others:
        # A line of JSON may leave a key out, so the lines of a whole file may.
        if source.format != "jsonl" and set(part.columns) != set(example.columns):
            raise Failed(f"{path.name} has other columns than {first.name}: {', '.join(map(str, part.columns))}")
    rows = pd.concat(list(parts.values()), ignore_index=True) if others else example
    rows.attrs[FILES] = tuple((path.name, len(part)) for path, part in parts.items())
    return rows


def _parts(folder: Path, paths: Sequence[Path], source: Source) -> dict[Path, Frame]:
    """The rows of each file that has some to read."""
    parts, empty = {}, []
    for path in paths:
        try:
            parts[path] = _with_folders(_read_file(path, source), path.relative_to(folder))
        except Empty:
            empty.append(path.name)
    if not parts:
        raise Empty(f"{empty[0]} is empty" if len(empty) == 1 else f"all {len(empty)} files of {folder} are empty")
    if empty:
        print(f"note: {len(empty)} of {len(paths)} files of {source.name} are empty: {', '.join(empty[:SHOWN])}")
    return parts


def _check_delta(folder: Path, paths: Sequence[Path]) -> None:
    """Refuses a Delta table that keeps files of older versions: its log alone knows which rows still hold."""
    log = folder / "_delta_log"
    if not log.is_dir():
        return
    live: set[str] = set()
    for entry in sorted(log.glob("*.json")):
        for line in entry.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            live |= {unquote(action["add"]["path"])} if "add" in action else set()
            live -= {unquote(action["remove"]["path"])} if "remove" in action else set()
    stale = next((path for path in paths if path.relative_to(folder).as_posix() not in live), None)
    if stale is not None:
        raise Failed(
            f"{folder} is a Delta table, and {stale.name} is not known to be of its newest version:"
            " rows that were changed or deleted would be read; write the table out as plain files"
        )


def _with_folders(rows: Frame, path: Path) -> Frame:
    """With columns for the folders of a partitioned table, as Hive and Spark write them: `day=2024-01-01/`."""
    for name, equals, value in (part.partition("=") for part in path.parts[:-1]):
        if equals and unquote(name) not in rows.columns:
            rows[unquote(name)] = "" if value == "__HIVE_DEFAULT_PARTITION__" else unquote(value)
    return rows


def read_table(folder: Path, contract: Contract, known: Mapping[str, str] | None = None) -> Frame:
    """A data set made from the main source, in the types of the contract; what does not fit stops the step.

    `known` are the types in which a model learned the columns that the contract does not declare.
    """
    import pandas as pd

    source = contract.dataset()
    rows = read_rows(folder, source)
    missing = [column.name for column in source.columns if column.name not in rows.columns]
    if missing:
        raise Failed(f"{folder} has no column {', '.join(f'`{name}`' for name in missing)}")
    kinds = {name: kind_of(contract, source, rows[name], known) for name in rows.columns}
    # What is told to be numbers, truths or dates holds nothing else.
    settle(contract, source, rows, sure=frozenset(name for name, kind in kinds.items() if kind.type != "string"))
    table = {}
    for name, kind in kinds.items():
        typed = as_type(rows[name], kind)
        if typed.bad.any():
            raise Failed(f"column `{name}` of {folder} holds {typed.example(rows[name], kind)}")
        # An id is copied as it is written, whatever its type.
        table[name] = as_type(rows[name], "string").values if name == contract.roles.id else typed.values
    return pd.DataFrame(table, columns=list(rows.columns))


def write_rows(rows: Frame, folder: Path, source: Source) -> None:
    """Writes a data set, `data.<format>`, in the format of its source."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"data.{source.format}"
    match source.format:
        case "csv":
            rows.to_csv(path, index=False, sep=source.delimiter, lineterminator="\n")
        case "jsonl":
            _write_json_lines(rows, path)
        case _:
            rows.to_parquet(path, index=False)


def _write_json_lines(rows: Frame, path: Path) -> None:
    """Each row by Python's own writer: pandas' one knows no whole number beyond 64 bits."""
    absent = rows.isna()
    with path.open("w", encoding="utf-8", newline="\n") as file:
        names = [str(name) for name in rows.columns]
        for values, nulls in zip(rows.itertuples(index=False, name=None), absent.to_numpy(), strict=True):
            row = {name: None if null else value for name, value, null in zip(names, values, nulls, strict=True)}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _read_file(path: Path, source: Source) -> Frame:
    compression: Any = {None: "infer", "none": None}.get(source.compression, source.compression)
    try:
        match source.format:
            case "csv":
                from .delimited import read_delimited

                return read_delimited(path, source, compression)
            case "jsonl":
                return _read_json_lines(path, compression)
            case _:
                return _read_parquet(path)
    except (ValueError, OSError, EOFError, csv.Error) as error:
        reason = str(error).splitlines()[0][:160]
        raise Failed(f"{path.name} cannot be read as {source.format}: {reason}") from None


def _read_json_lines(path: Path, compression: Any) -> Frame:
    """Each line by Python's own parser: pandas' reader turns text that looks like a date into one."""
    import pandas as pd

    # No line of JSON can hold the control character that is the separator here.
    plain = {"header": None, "names": ["line"], "quoting": 3, "dtype": str, "na_filter": False}
    lines = pd.read_csv(path, sep="\x01", compression=compression, encoding="utf-8-sig", **plain)
    if lines.empty:
        raise Empty(f"{path.name} is empty")
    # As objects: whole numbers with a null among them would become floats.
    return pd.DataFrame([json.loads(line) for line in lines["line"]], dtype=object)


def _read_parquet(path: Path) -> Frame:
    import pyarrow.parquet as pq

    return frame_of(pq.read_table(path))


def frame_of(table: Any) -> Frame:
    """A table of Arrow with nullable whole numbers and truths: pandas makes floats of those with a null among them."""
    import pandas as pd
    import pyarrow as pa

    sizes = (8, 16, 32, 64)
    exact = {getattr(pa, f"int{size}")(): pd.api.types.pandas_dtype(f"Int{size}") for size in sizes}
    exact |= {getattr(pa, f"uint{size}")(): pd.api.types.pandas_dtype(f"UInt{size}") for size in sizes}
    rows = table.to_pandas(types_mapper={**exact, pa.bool_(): pd.BooleanDtype()}.get, ignore_metadata=True)
    # What pandas numbers its rows with, where they have no other names, is no column.
    return rows.drop(columns=[name for name in rows.columns if str(name).startswith("__index_level_")])
