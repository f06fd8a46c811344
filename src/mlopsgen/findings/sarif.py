"""Findings as SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from mlopsgen import __version__
from mlopsgen.codes import CODES, Code
from mlopsgen.diagnostics import Diagnostic, Fix, Span, SpecPath
from mlopsgen.findings.masked import masked
from mlopsgen.findings.visible import document

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(found: Iterable[Diagnostic], codes: Mapping[str, Code] = CODES) -> str:
    """The findings as one SARIF log; `codes` explains them, those of third-party targets too."""
    clean = masked(found)
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


def _result(found: Diagnostic, rule: int) -> dict[str, Any]:
    text = found.message if found.hint is None else f"{found.message}\nhint: {found.hint}"
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": rule,
        "level": str(found.severity),
        "message": {"text": text},
    }
    if location := _location(found):
        result["locations"] = [location]
    if found.fix and found.fix.span:
        result["fixes"] = [_fix(found.fix, found.fix.span)]
    return result


def _location(found: Diagnostic) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if found.span:
        location["physicalLocation"] = {"artifactLocation": _file(found.span), "region": _region(found.span)}
    if found.where:
        location["logicalLocations"] = [{"fullyQualifiedName": _dotted(found.where)}]
    return location


def _dotted(path: SpecPath) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
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
