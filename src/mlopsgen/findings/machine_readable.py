"""Findings for programs: JSON for anybody, workflow commands for GitHub, SARIF 2.1.0 for code hosts and editors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from mlopsgen import __version__
from mlopsgen.codes import CODES, Code
from mlopsgen.diagnostics import Diagnostic, Fix, Severity, Span, SpecPath
from mlopsgen.findings.safe_text import document, inert, masked


def as_json(findings: Iterable[Diagnostic]) -> str:
    """The findings as one JSON object, which only ever gains keys.

    `{"version": 1, "findings": [...], "counts": {"error": 1, "warning": 0, "note": 0}}`; each finding has `code`,
    `severity`, `message`, `hint` (or null), `path` (keys and positions from the top of the spec), `on` (key or value),
    `place` (or null) and `fix` (or null: `place` and the `text` to put there). A place has `file`, `line`, `column`,
    `end_line` and `end_column`, counted in characters from 1, the end exclusive.
    """
    clean = masked(findings)
    number = Counter(d.severity for d in clean)
    whole = {
        "version": 1,
        "findings": [_finding(d) for d in clean],
        "counts": {str(s): number[s] for s in Severity},
    }
    return document(whole)


def _finding(finding: Diagnostic) -> dict[str, Any]:
    fix = finding.fix
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "hint": finding.hint,
        "path": list(finding.spec_path),
        "on": str(finding.on),
        "place": _span(finding.span),
        "fix": {"place": _span(fix.span), "text": fix.text} if fix and fix.span else None,
    }


def _span(span: Span | None) -> dict[str, Any] | None:
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


def as_github(findings: Iterable[Diagnostic]) -> str:
    """The findings as workflow commands, which GitHub shows beside the lines of a pull request."""
    return "".join(f"{_command(d)}\n" for d in masked(findings))


def _command(finding: Diagnostic) -> str:
    values = {**_lines(finding.span), "title": finding.code}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in values.items())
    message = finding.message if finding.hint is None else f"{finding.message}\nhint: {finding.hint}"
    return f"::{_COMMANDS[finding.severity]} {properties}::{_data(message)}"


def _lines(span: Span | None) -> dict[str, str | int]:
    if span is None:
        return {}
    lines: dict[str, str | int] = {"file": span.file, "line": span.line, "endLine": span.end_line, "col": span.column}
    # Columns mean something to GitHub inside one line alone; there the end is inclusive.
    return lines | {"endColumn": max(span.column, span.end_column - 1)} if span.line == span.end_line else lines


def _data(text: str) -> str:
    """Text that cannot end the command or begin another."""
    lines = (inert(line) for line in text.replace("\r\n", "\n").split("\n"))
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(findings: Iterable[Diagnostic], codes: Mapping[str, Code] = CODES) -> str:
    """The findings as one SARIF log; `codes` explains them, those of third-party targets too."""
    clean = masked(findings)
    rules = sorted({d.code for d in clean})
    run = {
        "tool": {"driver": {"name": "mlopsgen", "version": __version__, "rules": [_rule(c, codes) for c in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(d, rules.index(d.code)) for d in clean],
    }
    return document({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, codes: Mapping[str, Code]) -> dict[str, Any]:
    known = codes.get(code)
    if known is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": known.title},
        "fullDescription": {"text": known.explanation.split("\n\n")[0].replace("\n", " ")},
        "help": {"text": known.explanation, "markdown": known.explanation},
    }


def _result(finding: Diagnostic, rule: int) -> dict[str, Any]:
    text = finding.message if finding.hint is None else f"{finding.message}\nhint: {finding.hint}"
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": str(finding.severity),
        "message": {"text": text},
    }
    if location := _location(finding):
        result["locations"] = [location]
    if finding.fix and finding.fix.span:
        result["fixes"] = [_fix(finding.fix, finding.fix.span)]
    return result


def _location(finding: Diagnostic) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if finding.span:
        location["physicalLocation"] = {"artifactLocation": _file(finding.span), "region": _region(finding.span)}
    if finding.spec_path:
        location["logicalLocations"] = [{"fullyQualifiedName": _dotted(finding.spec_path)}]
    return location


def _dotted(spec_path: SpecPath) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in spec_path)
    return "".join(parts).removeprefix(".")


def _file(span: Span) -> dict[str, str]:
    # Python has bytes of a name that are not UTF-8 as halves of pairs; an address has them as they are.
    path = quote(_NO_BYTE.sub("\ufffd", span.file.replace("\\", "/")), safe="/", errors="surrogateescape")
    return {"uri": f"file://{path}" if path.startswith("/") else path}


_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _fix(fix: Fix, span: Span) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(span), "insertedContent": {"text": fix.text}}
    return {
        "description": {"text": f"write `{fix.text}`"},
        "artifactChanges": [{"artifactLocation": _file(span), "replacements": [replacement]}],
    }
