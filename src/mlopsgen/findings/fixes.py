"""Edits that findings offer, put into the text."""

from __future__ import annotations

from collections.abc import Iterable

from mlopsgen.diagnostics import Diagnostic, Fix, Span
from mlopsgen.findings.places import offset


def apply_fixes(text: str, found: Iterable[Diagnostic], file: str | None = None) -> str:
    """The text of a file with the edits of its findings made; of two that overlap the first in the text is made.

    `file` is the file's name as spans have it; without one, all edits are taken to be for this text.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    for start, end, new in reversed(_apart(text, _edits(found, file))):
        text = text[:start] + new + text[end:]
    return mark + text


def _edits(found: Iterable[Diagnostic], file: str | None) -> Iterable[tuple[Span, Fix]]:
    for d in found:
        if d.fix and d.fix.span and file in (None, d.fix.span.file):
            yield d.fix.span, d.fix


def _apart(text: str, edits: Iterable[tuple[Span, Fix]]) -> list[tuple[int, int, str]]:
    """The edits by their place in the text, without those that touch an earlier one's."""
    placed = sorted(
        {(offset(text, s.line, s.column), offset(text, s.end_line, s.end_column), f.text) for s, f in edits}
    )
    kept: list[tuple[int, int, str]] = []
    for start, end, new in placed:
        if not kept or start > kept[-1][1] or (start == kept[-1][1] and start > kept[-1][0]):
            kept.append((start, end, new))
    return kept
