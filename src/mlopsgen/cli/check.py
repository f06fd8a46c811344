"""`mlopsgen check`: says what is wrong with a spec, and mends what needs no thought."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlopsgen.cli.options import asked_of_several_options, cli_command, read_asked, targets_option
from mlopsgen.cli.report import Report, print_line
from mlopsgen.diagnostics import SpecError, errors

if TYPE_CHECKING:
    from mlopsgen.cli.checking import Seen
    from mlopsgen.compile import CompileRequest


@cli_command(
    "check",
    examples=(
        "mlopsgen check                              # spec.yaml here, every environment and target in it",
        "mlopsgen check churn/spec.yaml --env production",
        "mlopsgen check */spec.yaml                  # several products",
        "mlopsgen check --fix                        # apply the mends that need no thought",
        "mlopsgen check --resolved                   # the long form with every default, itself a spec",
        "mlopsgen check --format sarif 2> findings.sarif",
    ),
)
@asked_of_several_options
@targets_option
@click.option("--resolved", is_flag=True, help="Print the spec in its long form, with every default written out.")
@click.option("--fix", is_flag=True, help="Apply every mend that needs no thought, then check again.")
def command(
    report: Report, specs: Sequence[Path], targets: tuple[str, ...], *, resolved: bool, fix: bool, **spec_options: Any
) -> None:
    """Say what is wrong with SPEC, all at once, and where and how to mend it.

    Without --env every environment of the spec is checked, and without --target every target that
    it has a block for. Exit code 1 when something has to be mended.
    """
    if fix and resolved:
        raise click.UsageError("--fix changes the spec, --resolved prints it: say one of them.")
    if resolved and len(specs) > 1:
        raise click.UsageError("--resolved prints one spec, which can be read again: name one.")
    for spec in specs:
        try:
            _check(report, spec, targets or ("all",), resolved=resolved, fix=fix, spec_options=spec_options)
        except SpecError as wrong:
            report.add(wrong.findings)  # before the next spec is read, which may have the same name


def _check(
    report: Report, spec: Path, names: Sequence[str], *, resolved: bool, fix: bool, spec_options: dict[str, Any]
) -> None:
    from mlopsgen.cli.checking import see_all, together

    request = read_asked(report, spec, **spec_options)
    if fix:
        request = _mended(report, request, names)
    seen = see_all(request, names)
    findings = together(seen)
    report.add(findings)
    if resolved:
        _print_long_form(seen)
    elif not errors(findings):
        print_line(_fine(request, seen))


def _mended(report: Report, request: CompileRequest, names: Sequence[str]) -> CompileRequest:
    """The spec after its mends, each said in a line."""
    from mlopsgen.cli.checking import see_all, together
    from mlopsgen.cli.mending import mend

    done = mend(request, lambda now: together(see_all(now, names)))
    report.texts[str(request.file)] = done.request.text
    for edit in done.edits:
        old = f"`{edit.old}`" if edit.old else "nothing"
        change = f"{old} is now `{edit.new.strip()}`"
        print_line(f"{request.file}:{edit.span.line}:{edit.span.column}: {change}")
    return done.request


def _print_long_form(seen: Sequence[Seen]) -> None:
    """The spec without an environment, or for the one that was asked for; nothing when it is wrong."""
    from mlopsgen.spec.write import long_form

    if seen[0].checked:
        click.echo(long_form(seen[0].checked.spec), nl=False)


def _fine(request: CompileRequest, seen: Sequence[Seen]) -> str:
    targets = dict.fromkeys(name for one in seen for name in one.targets)
    envs = [one.env for one in seen if one.env]
    base = " without an environment, and" if len(seen) > len(envs) else ""
    where = f",{base} in {', '.join(envs)}" if envs else ""
    return f"{request.file}: good for {', '.join(targets)}{where}"
