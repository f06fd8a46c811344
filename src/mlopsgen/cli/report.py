"""Findings become text and exit codes here, and nowhere else."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import field, replace
from enum import IntEnum
from io import StringIO
from pathlib import Path
from typing import TextIO

import click

from mlopsgen.diagnostics import Diagnostic, Span, SpecError, errors
from mlopsgen.records import dataclass

FORMATS = ("text", "json", "github", "sarif")


class Exit(IntEnum):
    """What the exit code says."""

    FINE = 0
    FINDINGS = 1
    USAGE = 2
    REMOTE = 3
    STEP_FAILED = 4
    GATE_SAID_NO = 5


@dataclass(slots=True)
class Report:
    """Collects a command's findings and prints them once, in the format that was asked for."""

    format: str
    debug: bool
    texts: dict[str, bytes] = field(default_factory=dict)
    """File as it was typed → its text, to show the line in question."""
    typed: dict[str, str] = field(default_factory=dict)
    """Name of a file as findings have it → the path that was typed, which a terminal or editor can open.

    Of several specs, that of the one that findings are about now.
    """
    findings: list[Diagnostic] = field(default_factory=list)
    _known: set[tuple[Diagnostic, Span | None]] = field(default_factory=set)

    def add(self, findings: Iterable[Diagnostic]) -> None:
        """Keep these for the end; one that several targets report is kept once."""
        for one in map(self._as_typed, findings):
            if (one, one.span) not in self._known:
                self._known.add((one, one.span))
                self.findings.append(one)

    def add_from(self, folder: Path, findings: Iterable[Diagnostic]) -> None:
        """Keep findings about a bundle's files, which name them relative to its folder."""
        self.add(d.at(replace(d.span, file=str(folder / d.span.file))) if d.span else d for d in findings)

    def exit_code(self) -> Exit:
        """Whether anything found stops the work."""
        return Exit.FINDINGS if errors(self.findings) else Exit.FINE

    def show_now(self) -> None:
        """What was found so far, before something that takes long; formats for programs stay one document."""
        if self.format == "text":
            self.show()
            self.findings.clear()

    @property
    def progress(self) -> TextIO:
        """Where a command says what it is at: nowhere, when stderr is one document for a program."""
        return sys.stderr if self.format in ("text", "github") else StringIO()

    def show(self) -> None:
        """Everything found, on stderr."""
        if not self.findings and self.format == "text":
            return
        from mlopsgen.source import in_order

        ordered = in_order(self.findings)
        if self.format == "text":
            from mlopsgen.findings.text import as_text

            text = as_text(ordered, self.texts, color=wants_color(sys.stderr))
        else:
            from mlopsgen.findings.machine_readable import as_github, as_json, as_sarif

            text = {"json": as_json, "github": as_github, "sarif": as_sarif}[self.format](ordered)
        if text:
            click.echo(text, err=True, nl=not text.endswith("\n"))

    def _as_typed(self, finding: Diagnostic) -> Diagnostic:
        fix = finding.fix and replace(finding.fix, span=self.there(finding.fix.span))
        return replace(finding, span=self.there(finding.span), fix=fix)

    def there(self, span: Span | None) -> Span | None:
        """A place with its file as it was typed."""
        return span and replace(span, file=self.typed.get(span.file, span.file))


@contextmanager
def reporting(shown_as: str, debug: bool) -> Iterator[Report]:
    """Run a command's work: SpecErrors join the report, which is shown whatever happens, and decides the exit code."""
    report = Report(shown_as, debug)
    code: int = Exit.FINE
    try:
        yield report
    except SpecError as wrong:
        if debug:
            import traceback

            traceback.print_exc()
        report.add(wrong.findings)
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except (click.ClickException, click.Abort, BrokenPipeError):
        raise
    except Exception as bug:
        if debug:
            raise
        report.show()
        raise click.ClickException(_bug(bug)) from bug
    report.show()
    raise click.exceptions.Exit(code or report.exit_code())


def print_line(text: object, *, err: bool = False) -> None:
    """One line, whatever is in it: no name of a file ends it, or commands a terminal or a CI.

    Bytes of a name that are no UTF-8 stay, since the line may be another program's input.
    """
    from mlopsgen.findings.safe_text import inert

    click.echo("".join(part if part in _BYTES else inert(part) for part in _BYTE.split(str(text))), err=err)


_BYTES = frozenset(map(chr, range(0xDCA0, 0xDD00)))
"""What stands for a byte that is no text (PEP 383); those below would be controls to a terminal of eight bits."""
_BYTE = re.compile("([\udca0-\udcff])")


def wants_color(stream: TextIO) -> bool:
    """Whether a stream shows colours: a terminal, and nobody said NO_COLOR."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _bug(bug: Exception) -> str:
    what = f"{type(bug).__name__}: {bug}" if str(bug) else type(bug).__name__
    if isinstance(bug, OSError):
        return what
    return f"{what}\nThis is a mistake of mlopsgen. Run the same with --debug and report what it prints."
