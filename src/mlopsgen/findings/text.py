"""Findings for a person: the line in question with the place marked, what is wrong, what to write instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from mlopsgen.diagnostics import Diagnostic, Severity, Span
from mlopsgen.findings.safe_text import cells, inert, masked, masked_lines, width
from mlopsgen.records import dataclass

WIDEST = 120
BEFORE = 40
FARTHEST = 500
_COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours for a terminal, or none."""

    on: bool

    def paint(self, style: str, text: str) -> str:
        """The text in one style of the terminal, or as it is."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.on and text else text


def as_text(findings: Iterable[Diagnostic], texts: Mapping[str, str | bytes], color: bool = False) -> str:
    """Every finding with its line, and a last line that counts them; empty when there is none.

    `texts` maps a file's name, as spans have it, to its text.
    """
    clean = masked(findings)
    if not clean:
        return ""
    lines = masked_lines(texts, clean)
    ink = Ink(color)
    shown = [_finding(d, lines.get(d.span.file, ()) if d.span else (), ink) for d in clean]
    return "\n".join((*shown, count(clean), ""))


def count(findings: Iterable[Diagnostic]) -> str:
    """The number of findings by severity, such as `2 errors, 1 warning`."""
    number = Counter(d.severity for d in findings)
    return ", ".join(f"{number[s]} {s}{'s' if number[s] > 1 else ''}" for s in Severity if number[s])


def _finding(finding: Diagnostic, lines: Sequence[str], ink: Ink) -> str:
    color = _COLORS[finding.severity]
    prefix = ink.paint("1", f"{inert(str(finding.span))}: ") if finding.span else ""
    head = f"{prefix}{ink.paint(f'1;{color}', f'{finding.severity}[{inert(finding.code)}]')}"
    first, *more = _lines(finding.code, finding.message)
    parts = [f"{head}: {inert(first)}", *(f"{_MARGIN}  {inert(line)}" for line in more)]
    if finding.span and 0 < finding.span.line <= len(lines):
        parts += _excerpt(finding.span, lines[finding.span.line - 1], color, ink)
    if advice := finding.hint or (finding.fix and f"write `{finding.fix.text}`"):
        first, *more = _lines(finding.code, advice)
        parts.append(f"{_MARGIN}= {ink.paint('1', 'hint')}: {inert(first)}")
        parts += [f"{_MARGIN}  {inert(line)}" for line in more]
    return "\n".join((*parts, ""))


_MARGIN = " " * 6
_OF_ONE_LINE = ("MG1", "MG2", "MG3")


def _lines(code: str, text: str) -> list[str]:
    """The lines of a message or hint; about a spec each has one, so that a text of the user begins no line of a log."""
    return [text] if code.startswith(_OF_ONE_LINE) else text.split("\n")


def _excerpt(span: Span, line: str, color: str, ink: Ink) -> list[str]:
    """The line and, below it, the marks under the place."""
    number = str(span.line).rjust(len(_MARGIN) - 1)
    below = " " * len(number)
    code, blank, marks = _marked(line, span)
    return [
        f"{ink.paint('2', f'{number} |')} {code}".rstrip(),
        f"{ink.paint('2', f'{below} |')} {' ' * blank}{ink.paint(f'1;{color}', marks)}",
    ]


def _marked(line: str, span: Span) -> tuple[str, int, str]:
    """The line as shown, the columns before the place, and the marks under it."""
    start = min(span.column - 1, len(line))
    end = len(line) if span.end_line > span.line else min(max(span.end_column - 1, start), len(line))
    # Of a line of a million characters only the part around the place is looked at.
    cut = max(0, start - FARTHEST)
    shown = cells(line[cut : start + FARTHEST])
    start, end = start - cut, min(end - cut, len(shown))
    first, last = _window(shown, start)
    head, tail = "…" if first or cut else "", "…" if cut + last < len(line) else ""
    code = head + "".join(shown[first:last]) + tail
    blank = width(head) + width("".join(shown[first:start]))
    marks = "^" * max(width("".join(shown[start : min(end, last)])), 1)
    return code, blank, marks + (f" to line {span.end_line}" if span.end_line > span.line else "")


def _window(shown: Sequence[str], start: int) -> tuple[int, int]:
    """Which characters of a line are shown: all, or a stretch around the place when the line is long."""
    if width("".join(shown)) <= WIDEST:
        return 0, len(shown)
    first = start
    room = BEFORE
    while first > 0 and (room := room - width(shown[first - 1])) >= 0:
        first -= 1
    last = first
    room = WIDEST
    while last < len(shown) and (room := room - width(shown[last])) >= 0:
        last += 1
    return first, last
