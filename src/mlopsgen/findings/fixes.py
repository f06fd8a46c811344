"""Edits that findings offer, put into the text."""

from __future__ import annotations

from collections.abc import Iterable

from mlopsgen.diagnostics import Diagnostic, Fix, Span
from mlopsgen.findings.safe_text import offset
from mlopsgen.records import dataclass

MARK = "\ufeff"
"""The byte-order mark, which no line or column counts."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a text: the span, the text that stands there, and the text that is put there instead."""

    span: Span
    old: str
    new: str


def edits(text: str, findings: Iterable[Diagnostic], file: str | None = None) -> tuple[Edit, ...]:
    """The edits of a file's findings that can be made together, in reading order; of two that overlap the first.

    `file` is the file's name as spans have it; without one, all edits are taken to be for this text.
    """
    text = text.removeprefix(MARK)
    fixes = _fixes_in(findings, file)
    return tuple(Edit(span, text[start:end], new) for start, end, new, span in _apart(text, fixes))


def apply_fixes(text: str, findings: Iterable[Diagnostic], file: str | None = None) -> str:
    """The text of a file with the edits of its findings made."""
    mark = MARK if text.startswith(MARK) else ""
    text = text.removeprefix(MARK)
    for start, end, new, _ in reversed(_apart(text, _fixes_in(findings, file))):
        text = text[:start] + new + text[end:]
    return mark + text


def _fixes_in(findings: Iterable[Diagnostic], file: str | None) -> Iterable[tuple[Span, Fix]]:
    for d in findings:
        if d.fix and d.fix.span and file in (None, d.fix.span.file):
            yield d.fix.span, d.fix


def _apart(text: str, fixes: Iterable[tuple[Span, Fix]]) -> list[tuple[int, int, str, Span]]:
    """The edits by their place in the text, without those that touch an earlier one's."""
    placed = sorted(
        {(offset(text, s.line, s.column), offset(text, s.end_line, s.end_column), f.text, s) for s, f in fixes}
    )
    kept: list[tuple[int, int, str, Span]] = []
    for start, end, new, span in placed:
        if not kept or start > kept[-1][1] or (start == kept[-1][1] and start > kept[-1][0]):
            kept.append((start, end, new, span))
    return kept
