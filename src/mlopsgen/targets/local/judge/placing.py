"""A rule's finding, and the line of plan.json where a reader finds what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from mlopsgen.diagnostics import Diagnostic, Span
from mlopsgen.targets.local.read import NAME


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a rule found; `step` is the one it is about."""

    code: str
    message: str
    step: str | None = None


Findings: TypeAlias = Iterator[Wrong]

_STEP = re.compile(r'^ {6}"name": "([^"\n]*)"', re.MULTILINE)


def placed(wrong: Wrong, text: str) -> Diagnostic:
    """The finding, at the line where its step begins."""
    lines = step_lines(text)
    line = next((line for name, line in lines if name == wrong.step), 1)
    return Diagnostic(wrong.code, wrong.message, span=span(line))


def step_lines(text: str) -> list[tuple[str, int]]:
    """The name of every step and its line, in order."""
    return [(match[1], text.count("\n", 0, match.start()) + 1) for match in _STEP.finditer(text)]


def span(line: int = 1, file: str = NAME) -> Span:
    """The start of a line."""
    return Span(file, line, 1, line, 2)
