"""Writes what was said of records, in a file of one part: columns of the input as written, then the predictions.

csv quotes what holds a separator, a quote or any line break. In parquet, columns of the input keep the type they have
in parquet, and are text where they came as text; numbers are doubles there, unless they are classes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ...problems import Failed
from ...spelling import text_of
from ..outputs import Columns
from .settings import Records


class Writer(Protocol):
    """A file that grows."""

    def write(self, beside: Columns, answers: Columns) -> None:
        """Some records: columns of the input, and what the model said."""
        ...

    def close(self) -> None:
        """The file is whole."""
        ...


def open_writer(path: Path, written: Records, types: Mapping[str, Any], *, classes: bool) -> Writer:
    """A writer of the format; `types` are Arrow's of the input, `classes` says that predictions are of a few values."""
    match written.format:
        case "csv":
            return CsvWriter(path, written)
        case "jsonl":
            return JsonWriter(path)
        case _:
            return ParquetWriter(path, types, classes)


class CsvWriter:
    """One line for each record."""

    def __init__(self, path: Path, written: Records) -> None:
        self.file = path.open("w", encoding="utf-8", newline="")
        self.plain = csv.writer(self.file, lineterminator="\n")
        # Python quotes a carriage return only where it ends lines itself; readers take it for an end everywhere.
        self.quoted = csv.writer(self.file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        self.header = written.header
        self.names: list[str] | None = None

    def write(self, beside: Columns, answers: Columns) -> None:
        """The header before the first record."""
        self._begin([*beside, *answers])
        for row in zip(*beside.values(), *answers.values(), strict=True):
            self._row([spelled(value) for value in row])

    def close(self) -> None:
        """Its end."""
        self.file.close()

    def _begin(self, names: list[str]) -> None:
        if self.names is None:
            self.names = names
            if self.header:
                self._row(names)
        elif self.names != names:
            raise Failed(_other_columns(self.names, names))

    def _row(self, fields: Sequence[str]) -> None:
        (self.quoted if any("\r" in one for one in fields) else self.plain).writerow(fields)


class JsonWriter:
    """One object for each record."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, beside: Columns, answers: Columns) -> None:
        """Values as they are."""
        names = [*beside, *answers]
        for row in zip(*beside.values(), *answers.values(), strict=True):
            self.file.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=str) + "\n")

    def close(self) -> None:
        """Its end."""
        self.file.close()


class ParquetWriter:
    """A group of rows for each lot."""

    def __init__(self, path: Path, types: Mapping[str, Any], classes: bool) -> None:
        self.path, self.types, self.classes = path, types, classes
        self.file: Any = None
        self.schema: Any = None

    def write(self, beside: Columns, answers: Columns) -> None:
        """In the types of the first records."""
        import pyarrow as pa

        if self.file is None:
            self._begin(beside, answers)
        names = [*beside, *answers]
        if names != self.schema.names:
            raise Failed(_other_columns(self.schema.names, names))
        columns = [self._array(name, values) for name, values in {**beside, **answers}.items()]
        self.file.write_table(pa.Table.from_arrays(columns, schema=self.schema))

    def close(self) -> None:
        """Its end, where the columns are."""
        if self.file is not None:
            self.file.close()

    def _begin(self, beside: Columns, answers: Columns) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        fields = [(name, self.types.get(name) or pa.string()) for name in beside]
        fields += [(name, _type(values, self.classes)) for name, values in answers.items()]
        self.schema = pa.schema(fields)
        self.file = pq.ParquetWriter(self.path, self.schema)

    def _array(self, name: str, values: Sequence[Any]) -> Any:
        import pyarrow as pa

        kind = self.schema.field(name).type
        if kind == pa.string():
            values = [
                None if _is_null(value) else value if isinstance(value, str) else spelled(value) for value in values
            ]
        try:
            return pa.array(values, type=kind, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            reason = str(error).splitlines()[0]
            raise Failed(
                f"the values of `{name}` are not all of type {kind}, as the first ones were: {reason}"
            ) from None


def _type(values: Sequence[Any], classes: bool) -> Any:
    """The type of predictions; a script may return 1 here and 1.5 in another part, so its numbers are doubles."""
    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int} and classes:
        return pa.int64()
    return pa.float64() if kinds and kinds <= {int, float} else pa.string()


def spelled(value: Any) -> str:
    """A value as text: null is empty, lists and maps are JSON, what is text stays as it is."""
    if _is_null(value):
        return ""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return repr(value) if isinstance(value, float) else text_of(value)


def _is_null(value: Any) -> bool:
    return value is None or (not isinstance(value, str | list | dict) and bool(value != value))  # noqa: PLR0124 - NaN


def _other_columns(first: Sequence[str], now: Sequence[str]) -> str:
    return f"the predictions have the columns {', '.join(now)}, where the first ones had {', '.join(first)}"
