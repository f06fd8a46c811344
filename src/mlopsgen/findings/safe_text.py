"""Findings and texts made safe to show: no secret is in them, and no character steers a terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlopsgen.credentials import mask
from mlopsgen.diagnostics import Diagnostic, Span


def offset(text: str, line: int, column: int) -> int:
    """The offset of a line and column, both from 1, kept inside the text."""
    start = 0
    for _ in range(line - 1):
        end = text.find("\n", start)
        if end < 0:
            return len(text)
        start = end + 1
    return min(start + column - 1, len(text))


CREDENTIAL = "MG115"


def masked(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings with every secret in their words struck out; a fix that would write one is dropped."""
    return [_masked(d) for d in findings]


def _masked(finding: Diagnostic) -> Diagnostic:
    fix = finding.fix if finding.fix and mask(finding.fix.text) == finding.fix.text else None
    spec_path = tuple(mask(part) if isinstance(part, str) else part for part in finding.spec_path)
    return replace(
        finding, message=mask(finding.message), hint=finding.hint and mask(finding.hint), spec_path=spec_path, fix=fix
    )


def masked_lines(texts: Mapping[str, str | bytes], findings: Iterable[Diagnostic]) -> dict[str, list[str]]:
    """The lines of the files that findings are in, with every secret struck out."""
    spans = [(d.code, d.span) for d in findings if d.span]
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


TAB = 4
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_NO_WIDTH = {"Mn", "Me"}


def inert(text: str) -> str:
    """The text with control, direction and invisible characters spelled out as `<U+202E>`; it commands no CI."""
    if "::" in text or "##" in text:
        text = _COMMAND.sub(lambda match: f"{match[0][:-1]}{_spelled(match[0][-1])}", text)
    return text if text.isascii() and text.isprintable() else "".join(map(_cell, text))


def cells(line: str) -> Sequence[str]:
    """The cells of a line, one for each character; a tab reaches to the next multiple of four."""
    commands = {match.end() - 1 for match in _COMMAND.finditer(line)} if "##" in line else ()
    if line.isascii() and line.isprintable() and not commands:
        return line
    shown = []
    column = 0
    for position, character in enumerate(line):
        cell = " " * (TAB - column % TAB) if character == "\t" else _cell(character)
        cell = _spelled(character) if position in commands else cell
        column += width(cell)
        shown.append(cell)
    return shown


def width(text: str) -> int:
    """How many columns a terminal needs for a text."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def document(content: Any) -> str:
    """A JSON document that every reader takes: halves of pairs, which are no characters, become U+FFFD."""
    return json.dumps(_whole(content), indent=2) + "\n"


def _whole(content: Any) -> Any:
    match content:
        case str():
            return _HALVES.sub("\ufffd", content)
        case dict():
            return {_whole(key): _whole(value) for key, value in content.items()}
        case list():
            return [_whole(item) for item in content]
        case _:
            return content


# A line that begins with `::`, and `##[` or `##vso[` anywhere in one, are commands to the runners of GitHub and Azure.
_COMMAND = re.compile(r"^\s*:(?=:)|#(?=#(?:vso)?\[)", re.MULTILINE)
_HALVES = re.compile("[\ud800-\udfff]")


def _cell(character: str) -> str:
    return _spelled(character) if unicodedata.category(character) in _UNSEEN else character


def _spelled(character: str) -> str:
    return f"<U+{ord(character):04X}>"


def _columns(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
