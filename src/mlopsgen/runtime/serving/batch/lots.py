"""Some thousand records at a time as a table, with where each was written; what is no record is told apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import unquote

from ...delimited import header_names
from ...platforms.api import Entry, Tree
from ...problems import Failed
from ...tables import Frame, frame_of
from .lines import Lines, Record, csv_records, is_text, json_records, opened
from .parts import Part, parquet
from .settings import Records

ROWS = 2000
"""Records that are checked at once, if mini-batches are not larger."""
BYTES = 8 * 2**20
"""So many bytes of text end a lot before that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A record that cannot be scored, as it is written."""

    file: str
    line: int
    reason: str
    raw: bytes
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Some records, in their order."""

    file: str
    rows: Frame
    lines: Sequence[int]
    raw: Callable[[int], bytes]
    sizes: Sequence[int]
    bad: list[Bad] = field(default_factory=list)
    """What is no record at all."""

    def blamed(self, row: int, reason: str, column: str | None = None) -> Bad:
        """A record of the table that turned out to be bad."""
        return Bad(file=self.file, line=self.lines[row], reason=reason, raw=self.raw(row), column=column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How the files of one run are read."""

    tree: Tree
    read: Records
    delimiter: str
    rows: int
    """Records of a lot."""
    needs: tuple[str, ...]
    """Columns that somebody asks for: the names of a file's folders may hold them, and an object of JSON lack them."""

    def lots(self, entry: Entry, part: Part) -> Iterator[Lot]:
        """The records of a part."""
        if not entry.size:
            return
        beside = {name: value for name, value in _folders(entry.name).items() if name in self.needs}
        for lot in self._parquet(entry, part) if self.read.format == "parquet" else self._text(entry, part):
            for name, value in beside.items():
                if name not in lot.rows.columns:
                    lot.rows[name] = value
            yield lot

    def _text(self, entry: Entry, part: Part) -> Iterator[Lot]:
        names: tuple[str, ...] = ()
        with opened(self.tree, entry) as stream:
            lines = Lines(stream, entry.name)
            if self.read.format == "csv":
                names = self._names(lines)
            if part.start > lines.at:
                lines = Lines(stream, entry.name, at=part.start, end=part.end, number=part.line)
            else:
                lines.end = part.end
            records = json_records(lines) if self.read.format == "jsonl" else csv_records(lines, self.delimiter)
            for lot in self._cut(records):
                yield self._lot(entry, lot, names)

    def _names(self, lines: Lines) -> tuple[str, ...]:
        """The names of a csv file's fields; its header is read."""
        if not self.read.header:
            return self.read.columns
        first = next(csv_records(lines, self.delimiter), None)
        if first is None or first.values is None or isinstance(first.values, Mapping):
            return ()
        names = header_names(lines.what, first.values)
        absent = [name for name in self.read.columns if name not in names]
        if absent:
            raise Failed(f"{lines.what} has no column {', '.join(f'`{name}`' for name in absent)}; its header has none")
        return names

    def _cut(self, records: Iterator[Record]) -> Iterator[list[Record]]:
        lot: list[Record] = []
        size = 0
        for record in records:
            lot.append(record)
            size += len(record.raw)
            if len(lot) >= self.rows or (size >= BYTES and len(lot) > 1):
                yield lot
                lot, size = [], 0
        if lot:
            yield lot

    def _lot(self, entry: Entry, records: list[Record], names: tuple[str, ...]) -> Lot:
        good: list[Record] = []
        bad: list[Bad] = []
        for record in records:
            reason = record.reason or _misfit(record, names)
            if reason:
                bad.append(Bad(file=entry.name, line=record.line, reason=reason, raw=record.raw))
            else:
                good.append(record)
        return Lot(
            file=entry.name,
            rows=self._table(good, names),
            lines=[record.line for record in good],
            raw=lambda row: good[row].raw,
            sizes=[len(record.raw) for record in good],
            bad=bad,
        )

    def _table(self, records: list[Record], names: tuple[str, ...]) -> Frame:
        import pandas as pd

        if self.read.format == "jsonl":
            # As objects: whole numbers with a null among them would become floats.
            rows = pd.DataFrame([record.values for record in records], dtype=object)
            kept = [name for name in rows.columns if not self.read.columns or name in self.read.columns]
            lacked = [name for name in self.needs if name not in kept]
            return rows[kept].where(rows[kept].notna(), None).assign(**dict.fromkeys(lacked))
        width = len(names)
        fields = [list(record.values or ())[:width] for record in records]
        rows = pd.DataFrame(fields, columns=list(names), dtype=object)
        # What a spreadsheet leaves at the right has neither name nor value.
        empty = [name for name in names if name.startswith("Unnamed: ") and not (rows[name] != "").any()]
        return rows[[n for n in names if n not in empty and (not self.read.columns or n in self.read.columns)]]

    def _parquet(self, entry: Entry, part: Part) -> Iterator[Lot]:
        file = parquet(self.tree, entry)
        there = set(file.schema_arrow.names)
        absent = [name for name in self.read.columns if name not in there]
        if absent:
            raise Failed(f"{entry.name} has no column {', '.join(f'`{name}`' for name in absent)}")
        groups = list(range(part.start, file.num_row_groups if part.end is None else part.end))
        line = part.line
        columns = list(self.read.columns) or None
        options: dict[str, Any] = {"row_groups": groups, "columns": columns, "use_threads": False}
        for batch in file.iter_batches(batch_size=self.rows, **options) if groups else ():
            rows = frame_of(batch)
            yield Lot(
                file=entry.name,
                rows=rows,
                lines=range(line, line + len(rows)),
                raw=partial(_as_json, rows),
                sizes=[max(1, batch.nbytes // max(1, len(rows)))] * len(rows),
            )
            line += len(rows)


def _misfit(record: Record, names: tuple[str, ...]) -> str:
    """Why a record has no place in the table; a field too many at the end may be there, if nothing is in it."""
    values = record.values
    if not isinstance(values, dict) and values is not None:
        width = len(values) - (len(values) == len(names) + 1 and not values[-1])
        if width != len(names):
            fields = f"{len(values)} field{'s' if len(values) != 1 else ''}"
            return f"has {fields}, where there are names for {len(names)}"
    return "" if is_text(record.raw) else "is not UTF-8"


def _folders(name: str) -> dict[str, str]:
    """What the folders of a partitioned table say, as Hive and Spark write them: `day=2024-01-01/`."""
    pairs = (part.partition("=") for part in name.split("/")[:-1])
    return {
        unquote(key): "" if value == "__HIVE_DEFAULT_PARTITION__" else unquote(value)
        for key, equals, value in pairs
        if equals
    }


def _as_json(rows: Frame, row: int) -> bytes:
    values: dict[str, Any] = {str(name): rows[name].iloc[row] for name in rows.columns}
    plain = {name: value.item() if hasattr(value, "item") else value for name, value in values.items()}
    return json.dumps(plain, ensure_ascii=False, default=str).encode()
