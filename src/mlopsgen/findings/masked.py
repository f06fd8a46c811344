"""Findings and texts without the secrets in them: what every format starts from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mlopsgen.credentials import mask
from mlopsgen.diagnostics import Diagnostic, Span
from mlopsgen.findings.places import offset

CREDENTIAL = "MG115"


def masked(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings with every secret in their words struck out; an edit that would write one is dropped."""
    return [_masked(d) for d in found]


def _masked(found: Diagnostic) -> Diagnostic:
    fix = found.fix if found.fix and mask(found.fix.text) == found.fix.text else None
    where = tuple(mask(part) if isinstance(part, str) else part for part in found.where)
    return replace(found, message=mask(found.message), hint=found.hint and mask(found.hint), where=where, fix=fix)


def masked_lines(texts: Mapping[str, str | bytes], found: Iterable[Diagnostic]) -> dict[str, list[str]]:
    """The lines of the files that findings are in, with every secret struck out."""
    spans = [(d.code, d.span) for d in found if d.span]
    return {
        file: _lines(texts[file], [span for code, span in spans if code == CREDENTIAL and span.file == file])
        for file in {span.file for _, span in spans}
        if file in texts
    }


def _lines(text: str | bytes, secrets: Iterable[Span]) -> list[str]:
    whole = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    whole = mask(whole.removeprefix("\ufeff"))
    # A secret spelled with escapes has a form that only the parsed value shows: there the whole place goes.
    for span in secrets:
        start, end = offset(whole, span.line, span.column), offset(whole, span.end_line, span.end_column)
        whole = whole[:start] + re.sub(r"[^\r\n]", "*", whole[start:end]) + whole[end:]
    return [line.removesuffix("\r") for line in whole.split("\n")]
