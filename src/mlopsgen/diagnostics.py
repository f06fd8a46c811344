"""Findings: one record for each thing that the compiler tells people, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import field, replace
from enum import StrEnum
from typing import TypeAlias

from mlopsgen.records import dataclass

SpecPath: TypeAlias = tuple[str | int, ...]
"""Keys and list positions that lead from the top of a spec to a value, in the long form."""


class Severity(StrEnum):
    """How much a finding weighs: an error stops the work, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text file; lines and columns count from 1, the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class On(StrEnum):
    """Which part of a spec's entry is meant: its key or its value."""

    KEY = "key"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit that can be applied without thinking: it puts `text` in the place of a key or value.

    `spec_path` is None for the finding's own place. compile fills `span` from the spec.
    """

    text: str
    on: On = On.VALUE
    spec_path: SpecPath | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: what is wrong, where, and what to write instead.

    `spec_path` and `on` name the place in the spec (its nearest written ancestor is shown when
    the value is a default); `span` is that place in the text, filled by whoever holds the text.
    """

    code: str
    message: str
    spec_path: SpecPath = ()
    hint: str | None = None
    fix: Fix | None = None
    severity: Severity = Severity.ERROR
    on: On = On.VALUE
    span: Span | None = field(default=None, compare=False)

    def at(self, span: Span | None) -> Diagnostic:
        """The same finding, placed in a text."""
        return replace(self, span=span)


def quoted(text: str) -> str:
    """A text as a fix may put it anywhere in a spec: bare where it is a plain word, else in quotes."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*", text) and text.lower() not in _MEANT_OTHERWISE
    return text if plain else json.dumps(text, ensure_ascii=False)


_MEANT_OTHERWISE = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


class SpecError(Exception):
    """The work cannot go on; carries every finding, not only the first."""

    def __init__(self, findings: Iterable[Diagnostic]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{d.code} {d.message}" for d in self.findings))


def errors(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings that stop the work."""
    return tuple(d for d in findings if d.severity is Severity.ERROR)
