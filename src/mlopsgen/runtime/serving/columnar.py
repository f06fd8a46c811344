"""Files of Parquet and streams of Arrow as records, and how large a table of records may be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from ..tables import Frame, frame_of
from .refusals import BadRecords

MOST_COLUMNS, MOST_CELLS = 20_000, 20_000_000
"""A table of Parquet or Arrow that says it has more is not unpacked: a few bytes may stand for any number of them."""


def of_parquet(body: bytes) -> Frame:
    """The records in a file of Parquet."""
    return _columnar(_parquet, body, "Parquet")


def of_arrow(body: bytes) -> Frame:
    """The records in a stream of Arrow."""
    return _columnar(_arrow, body, "a stream of Arrow")


def _columnar(read: Callable[[bytes], Any], body: bytes, words: str) -> Frame:
    import pyarrow as pa

    try:
        table = read(body)
        distinct(table.column_names, words)
        return frame_of(table)
    except (pa.ArrowException, OSError, ValueError) as error:
        _broken(words, error)


def _broken(words: str, error: Exception) -> NoReturn:
    first = (str(error).splitlines() or [""])[0][:200]
    raise BadRecords(f"the body is not {words}: {first}") from None


def _parquet(body: bytes) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(body))
    sized(file.metadata.num_rows, file.metadata.num_columns)
    return file.read()


def _arrow(body: bytes) -> Any:
    import pyarrow as pa

    batches, count = [], 0
    with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
        for batch in stream:
            count += batch.num_rows
            sized(count, batch.num_columns)
            batches.append(batch)
        return pa.Table.from_batches(batches, stream.schema)


def distinct(names: Sequence[str], where: str) -> None:
    """Refuses a name that stands twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadRecords(f"{where} names the column `{name}` twice")
        seen.add(name)


def sized(rows: int, columns: int) -> None:
    """Refuses a table that is too large to be made, before it is."""
    if columns > MOST_COLUMNS:
        raise BadRecords(f"{columns} columns are too many for one request")
    if rows * columns > MOST_CELLS:
        raise BadRecords(f"{rows} records of {columns} columns are too many for one request; send them in parts")
