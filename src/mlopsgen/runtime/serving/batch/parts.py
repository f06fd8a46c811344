"""Files cut into parts: stretches of whole records, the same each time that the same files are cut.

A file that is larger than a part is read once before, to see where its records end: a line break in quotes is none.
Compressed files are not cut; parquet is cut between its groups of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ...platforms.api import Entry, Tree
from ...problems import Failed
from .lines import Lines, Span, csv_records, is_compressed, json_records, opened
from .settings import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of one file."""

    number: int
    file: int
    """Its place among the files of the plan."""
    start: int = 0
    """The first byte, of parquet the first group of rows."""
    end: int | None = None
    line: int = 1
    """The number of the first line, of parquet of the first row."""

    @property
    def stem(self) -> str:
        """What the files that come of it are called."""
        return f"part-{self.number:05d}"

    def facts(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def cut(tree: Tree, files: list[Entry], read: Records, delimiter: str, size: int) -> Iterator[Part]:
    """All files in parts, which are numbered through."""
    number = 0
    for at, entry in enumerate(files):
        for start, end, line in _stretches(tree, entry, read, delimiter, size):
            yield Part(number=number, file=at, start=start, end=end, line=line)
            number += 1


def _stretches(
    tree: Tree, entry: Entry, read: Records, delimiter: str, size: int
) -> Iterator[tuple[int, int | None, int]]:
    if entry.size <= size or (read.format != "parquet" and is_compressed(entry)):
        yield 0, None, 1
    elif read.format == "parquet":
        yield from _groups(tree, entry, size)
    else:
        yield from _ranges(tree, entry, read, delimiter, size)


def _ranges(tree: Tree, entry: Entry, read: Records, delimiter: str, size: int) -> Iterator[tuple[int, int, int]]:
    lines = Lines(opened(tree, entry), entry.name)
    records = json_records(lines) if read.format == "jsonl" else csv_records(lines, delimiter)
    start, line = 0, 1
    for _ in records:
        if lines.at - start >= size:
            yield start, lines.at, line
            start, line = lines.at, lines.number
    if lines.at > start:
        yield start, lines.at, line


def _groups(tree: Tree, entry: Entry, size: int) -> Iterator[tuple[int, int, int]]:
    about = parquet(tree, entry).metadata
    start, row, line, bulk = 0, 1, 1, 0
    for group in range(about.num_row_groups):
        facts = about.row_group(group)
        row, bulk = row + facts.num_rows, bulk + facts.total_byte_size
        if bulk >= size or group == about.num_row_groups - 1:
            yield start, group + 1, line
            start, line, bulk = group + 1, row, 0


def parquet(tree: Tree, entry: Entry) -> Any:
    """A file of parquet, of which only what is asked for is read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(Span(tree, entry), pre_buffer=False, buffer_size=2**20)
    except (pa.ArrowException, OSError) as error:
        raise Failed(f"{entry.name} cannot be read as parquet: {str(error).splitlines()[0][:160]}") from None
