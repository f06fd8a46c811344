"""What several commands take, so that it reads and behaves the same in each of them."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mlopsgen.cli import completing
from mlopsgen.cli.completing import SPEC
from mlopsgen.cli.report import FORMATS, Report, reporting
from mlopsgen.diagnostics import Diagnostic, Span, SpecError

if TYPE_CHECKING:
    from mlopsgen.compile import CompileRequest

F = TypeVar("F", bound=Callable[..., Any])

NOBODY_READS = 141
"""What shells say of any program whose reader left; never 0, for what was found was not said."""

ABOUT_TARGETS = "MG3"
"""What the codes of findings about a target begin with."""

_MOST = 1 << 20
"""Bytes of the largest spec; one more is read, so that the reader can say that it is too large."""


class Shown(click.Command):
    """A command whose help ends with examples, each a line that can be pasted."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_epilog(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        with formatter.section("Examples"):
            for line in self.examples:
                formatter.write(f"  {line}\n")


def cli_command(name: str, *, examples: Sequence[str]) -> Callable[[Callable[..., None]], click.Command]:
    """A command that gets a Report and whose findings become its exit code; brings --format and --debug."""

    def decorate(work: Callable[..., None]) -> click.Command:
        @wraps(work)
        def call(*args: Any, shown_as: str, debug: bool, **kwargs: Any) -> None:
            try:
                with reporting(shown_as, debug) as report:
                    work(*args, report=report, **kwargs)
            except BrokenPipeError:
                # Whoever read us (`| head`) has read enough. Python would complain once more while closing.
                sys.stdout = sys.stderr = None
                raise click.exceptions.Exit(NOBODY_READS) from None

        built = click.command(name, cls=Shown, examples=examples)(call)
        built.params += _common()
        return built

    return decorate


def _common() -> list[click.Parameter]:
    """The options of every command, last in its help."""
    wording = "How findings are written to stderr; github makes them annotations of a pull request."
    return [
        click.Option(
            ["--format", "shown_as"], type=click.Choice(FORMATS), default="text", show_default=True, help=wording
        ),
        click.Option(["--debug"], is_flag=True, help="A traceback where something goes wrong."),
    ]


def spec_file(ctx: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    """A folder stands for the spec in it."""
    if value is None:
        return None
    file = value / SPEC if os.path.isdir(value) else value  # noqa: PTH112 — of what may not be read it says no
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        there = False
    except OSError:
        there = True  # and why it cannot be read is said where it is read
    else:
        there = True
    if not there:
        from mlopsgen.findings.safe_text import inert

        raise click.UsageError(f"There is no {inert(str(file))}; `mlopsgen init` writes a first one.", ctx)
    return file


def spec_files(ctx: click.Context, param: click.Parameter, values: Sequence[Path]) -> tuple[Path, ...]:
    """Each spec once, in the order given; the one here when none is."""
    files = (spec_file(ctx, param, value) for value in values or (Path(SPEC),))
    return tuple(dict.fromkeys(file for file in files if file))


def pairs(ctx: click.Context, param: click.Parameter, texts: Sequence[str]) -> dict[str, str]:
    """Options `NAME=VALUE` as a map; the last of a name counts."""
    values = {}
    for item in texts:
        name, equals, value = item.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"`{item}` is not NAME=VALUE", ctx, param)
        values[name] = value
    return values


spec_argument = click.argument(
    "spec", type=click.Path(path_type=Path), default=SPEC, metavar="[SPEC]", callback=spec_file
)

specs_argument = click.argument(
    "specs", type=click.Path(path_type=Path), nargs=-1, metavar="[SPEC]...", callback=spec_files
)

targets_option = click.option(
    "-t",
    "--target",
    "targets",
    multiple=True,
    metavar="TARGET",
    shell_complete=completing.targets,
    help="A target; may be given several times. all: every one the spec has a block for, and local.",
)


def asked_options(work: F) -> F:
    """The spec and how it is asked for: SPEC, --env, --var, --allow."""
    return spec_argument(how_asked_options(work))


def asked_of_several_options(work: F) -> F:
    """Specs and how they are asked for: SPEC..., --env, --var, --allow."""
    return specs_argument(how_asked_options(work))


def how_asked_options(work: F) -> F:
    """How a spec is asked for: --env, --var, --allow."""
    options = (
        click.option(
            "-e",
            "--env",
            metavar="NAME",
            shell_complete=completing.environments,
            help="One of the spec's environments.",
        ),
        click.option(
            "--var",
            "variables",
            multiple=True,
            metavar="NAME=VALUE",
            callback=pairs,
            shell_complete=completing.variables,
            help="A value for ${var.NAME}.",
        ),
        click.option(
            "--allow",
            multiple=True,
            metavar="CODE",
            callback=_allowed,
            shell_complete=completing.allowed,
            help="Go on in spite of this finding about a target (MG3xx): it becomes a warning.",
        ),
    )
    for option in reversed(options):
        work = option(work)
    return work


def _allowed(ctx: click.Context, param: click.Parameter, codes: Sequence[str]) -> tuple[str, ...]:
    """Only what a target does not do can be gone on with: a spec that is wrong means nothing."""
    if not codes:
        return ()
    from mlopsgen.codes import CODES

    for code in codes:
        if code.upper() not in CODES or not code.upper().startswith(ABOUT_TARGETS):
            why = "is not about a target: it has to be mended" if code.upper() in CODES else "is no code of a finding"
            raise click.BadParameter(f"`{code}` {why}. {ABOUT_TARGETS}xx can be allowed.", ctx, param)
    return tuple(code.upper() for code in codes)


def read_asked(
    report: Report, spec: Path, env: str | None, variables: dict[str, str], allow: Sequence[str]
) -> CompileRequest:
    """The spec's text with all that was asked about it; the report learns the text, to quote from."""
    from mlopsgen.compile import CompileRequest

    text = _text_of(spec)
    report.texts[str(spec)] = text
    report.typed[spec.name] = str(spec)
    return CompileRequest(file=spec, text=text, env=env, variables=variables, allow=frozenset(allow))


def _text_of(spec: Path) -> bytes:
    """What a spec says; a pipe or a device is not waited for."""
    try:
        kind = spec.stat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            message = f"{spec} is a pipe or a device, and a spec is a file"
            hint = "save it as a file: what it names lies beside it"
            raise SpecError([Diagnostic("MG100", message, hint=hint).at(Span(str(spec), 1, 1, 1, 1))])
        with spec.open("rb") as stream:
            return stream.read(_MOST + 1)
    except OSError as wrong:
        raise SpecError([Diagnostic("MG100", f"{spec} cannot be read: {wrong.strerror or wrong}")]) from wrong
