"""Records of csv and of JSON lines, one after the other: whatever the file's size, one record is held.

A stretch of a file begins and ends between two records. Where those are, the reader itself has found out, so that a
line break in quotes ends no record.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from ...platforms.api import Entry, Tree
from ...problems import Failed

LONGEST = 16 * 2**20
"""Bytes of one record: a longer one is no record, but a file of something else or a quote that is never closed."""
AHEAD = 4 * 2**20
"""Bytes that are read at once."""
BOM = b"\xef\xbb\xbf"
_OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_OTHERS = (".zip", ".zst", ".zstd", ".7z", ".lz4", ".snappy")


class Span(io.RawIOBase):
    """A file of a store as Python reads files: in stretches, and only those that are asked for."""

    def __init__(self, tree: Tree, entry: Entry) -> None:
        self.tree, self.entry, self.at = tree, entry, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes somewhere else."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.entry.size}[whence]
        self.at = max(0, base + offset)
        return self.at

    def readinto(self, buffer: Any) -> int:
        """Fills a buffer as far as the file goes."""
        length = min(len(buffer), self.entry.size - self.at)
        if length <= 0:
            return 0
        body = self.tree.span(self.entry, self.at, length)
        if len(body) != length:
            raise Failed(f"{self.entry.name} ends before the size that was listed")
        buffer[:length] = body
        self.at += length
        return length


def opened(tree: Tree, entry: Entry) -> BinaryIO:
    """A file's bytes; compressed ones, told by the name, as they were before."""
    stream: Any = io.BufferedReader(Span(tree, entry), AHEAD)
    suffix = suffix_of(entry)
    if suffix in _OTHERS:
        raise Failed(f"{entry.name} is compressed as {suffix}, which is not read in batches; use .gz, .bz2 or .xz")
    if suffix not in _OPENERS:
        return cast("BinaryIO", stream)
    return cast("BinaryIO", _OPENERS[suffix](stream, "rb"))


def is_compressed(entry: Entry) -> bool:
    """Whether nobody can begin to read it in the middle."""
    return suffix_of(entry) in _OPENERS


def suffix_of(entry: Entry) -> str:
    """The last ending of a file's name."""
    return f".{entry.name.rpartition('.')[2].lower()}" if "." in entry.name else ""


class Lines:
    """The lines of a stretch as text, for a parser that wants more than one of them for a record."""

    def __init__(self, stream: BinaryIO, what: str, *, at: int = 0, end: int | None = None, number: int = 1) -> None:
        self.stream, self.what = stream, what
        self.at, self.end, self.number = at, end, number
        self.taken: list[bytes] = []
        self.length = 0
        if at:
            stream.seek(at)

    def start(self) -> int:
        """Forgets what was taken: a record begins; gives the number of its first line."""
        self.taken.clear()
        self.length = 0
        return self.number

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        if self.end is not None and self.at >= self.end:
            raise StopIteration
        try:
            line = self.stream.readline(LONGEST + 1)
        except (OSError, EOFError, lzma.LZMAError) as error:
            raise Failed(f"{self.what} cannot be unpacked behind line {self.number}: {error}") from None
        if not line:
            raise StopIteration
        self.length += len(line)
        if self.length > LONGEST:
            begun = self.number - len(self.taken)
            raise Failed(
                f"{self.what} line {begun}: the record goes on for more than {LONGEST >> 20} MiB; a quote that is never"
                " closed, or no file of this format"
            )
        first = self.at == 0 and self.number == 1
        self.at += len(line)
        self.number += 1
        self.taken.append(line)
        return (line.removeprefix(BOM) if first else line).decode("utf-8", "surrogateescape")


@dataclass(slots=True)
class Record:
    """What stands for one record."""

    line: int
    raw: bytes
    values: Sequence[str] | dict[str, Any] | None
    """Fields of csv, an object of JSON, nothing where it is neither."""
    reason: str = ""


def csv_records(lines: Lines, delimiter: str) -> Iterator[Record]:
    """The rows of csv that are not blank lines."""
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        begun = lines.start()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Failed(f"{lines.what} line {begun} is no csv: {error}") from None
        if len(row) > 1 or "".join(row).strip():
            yield Record(begun, b"".join(lines.taken), row)


def json_records(lines: Lines) -> Iterator[Record]:
    """The objects of JSON lines."""
    while True:
        begun = lines.start()
        text = next(lines, None)
        if text is None:
            return
        if not text.strip():
            continue
        raw = lines.taken[0]
        try:
            value = json.loads(text)
        except ValueError as error:
            yield Record(begun, raw, None, f"is no JSON: {error}")
            continue
        reason = "" if isinstance(value, dict) else f"holds no object of JSON but a {type(value).__name__}"
        yield Record(begun, raw, None if reason else value, reason)


def is_text(raw: bytes) -> bool:
    """Whether bytes are UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
