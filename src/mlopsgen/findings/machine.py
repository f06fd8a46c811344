"""Findings for programs: JSON for anybody, workflow commands for GitHub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity, Span
from mlopsgen.findings.masked import masked
from mlopsgen.findings.visible import document, inert


def as_json(found: Iterable[Diagnostic]) -> str:
    """The findings as one JSON object, which only ever gains keys.

    `{"version": 1, "findings": [...], "counts": {"error": 1, "warning": 0, "note": 0}}`; each finding has `code`,
    `severity`, `message`, `hint` (or null), `path` (keys and positions from the top of the spec), `on` (key or value),
    `place` (or null) and `fix` (or null: `place` and the `text` to put there). A place has `file`, `line`, `column`,
    `end_line` and `end_column`, counted in characters from 1, the end exclusive.
    """
    clean = masked(found)
    number = Counter(d.severity for d in clean)
    whole = {
        "version": 1,
        "findings": [_finding(d) for d in clean],
        "counts": {str(s): number[s] for s in Severity},
    }
    return document(whole)


def _finding(found: Diagnostic) -> dict[str, Any]:
    fix = found.fix
    return {
        "code": found.code,
        "severity": str(found.severity),
        "message": found.message,
        "hint": found.hint,
        "path": list(found.where),
        "on": str(found.on),
        "place": _place(found.span),
        "fix": {"place": _place(fix.span), "text": fix.text} if fix and fix.span else None,
    }


def _place(span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_github(found: Iterable[Diagnostic]) -> str:
    """The findings as workflow commands, which GitHub shows beside the lines of a pull request."""
    return "".join(f"{_command(d)}\n" for d in masked(found))


def _command(found: Diagnostic) -> str:
    told = {**_lines(found.span), "title": found.code}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in told.items())
    message = found.message if found.hint is None else f"{found.message}\nhint: {found.hint}"
    return f"::{_COMMANDS[found.severity]} {properties}::{_data(message)}"


def _lines(span: Span | None) -> dict[str, str | int]:
    if span is None:
        return {}
    place: dict[str, str | int] = {"file": span.file, "line": span.line, "endLine": span.end_line, "col": span.column}
    # Columns mean something to GitHub inside one line alone; there the end is inclusive.
    return place | {"endColumn": max(span.column, span.end_column - 1)} if span.line == span.end_line else place


def _data(text: str) -> str:
    """Text that cannot end the command or begin another."""
    lines = (inert(line) for line in text.replace("\r\n", "\n").split("\n"))
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
