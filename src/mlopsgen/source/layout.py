"""Lines and columns of a text: from the parser's marks to spans, and from spans back to the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import yaml

from mlopsgen.diagnostics import Span
from mlopsgen.records import dataclass


def position_of(mark: Any) -> tuple[int, int]:
    """Line and column of a parser's mark, both from 1; the beginning where it has none."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's text and where each of its lines begins."""

    file: str
    text: str
    starts: Sequence[int]

    @classmethod
    def of(cls, file: str, text: str) -> Layout:
        """The layout of a text."""
        return cls(file, text, (0, *(match.end() for match in re.finditer("\n", text))))

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, both from 1, kept inside the text."""
        start = self.starts[line - 1] if line <= len(self.starts) else len(self.text)
        return min(start + column - 1, len(self.text))

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, both from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def clamp(self, line: int, column: int) -> tuple[int, int]:
        """The same place, or the end of the text when it lies behind: parsers count a line that is not there."""
        return (line, column) if line <= len(self.starts) else self.position(len(self.text))

    def line(self, number: int) -> str:
        """A line without its end; empty behind the last."""
        if number > len(self.starts):
            return ""
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].removesuffix("\r")

    def span(self, event: yaml.Event) -> Span:
        """The span of an event, without the blank lines that the parser counts to a block of text."""
        start, stop = event.start_mark, event.end_mark
        if start and stop and start.line == stop.line < len(self.starts):
            return Span(self.file, start.line + 1, start.column + 1, stop.line + 1, stop.column + 1)
        line, column = self.clamp(*position_of(start))
        last, end = self.clamp(*position_of(stop))
        if last == line:
            return Span(self.file, line, column, line, end)
        return self.stretch(line, column, self.text[self.offset(line, column) : self.offset(last, end)])

    def stretch(self, line: int, column: int, written: str) -> Span:
        """The span of what is written from a place on, without white space at its end."""
        written = written.rstrip()
        below = written.count("\n")
        width = len(written) - written.rfind("\n") - 1
        return Span(self.file, line, column, line + below, width + 1 if below else column + width)

    def point(self, line: int, column: int, width: int = 1) -> Span:
        """A stretch inside one line."""
        return Span(self.file, line, column, line, column + width)

    def cut(self, span: Span) -> str:
        """The text of a span."""
        if span.line == span.end_line <= len(self.starts):
            start = self.starts[span.line - 1] - 1
            return self.text[start + span.column : start + span.end_column]
        return self.text[self.offset(span.line, span.column) : self.offset(span.end_line, span.end_column)]
