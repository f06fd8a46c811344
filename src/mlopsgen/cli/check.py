"""`mlopsgen check`: says what is wrong with a spec and writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlopsgen.cli.options import asked_options, cli_command, read_asked, targets_option
from mlopsgen.cli.report import Report


@cli_command(
    "check",
    examples=(
        "mlopsgen check                              # spec.yaml here, every environment and target in it",
        "mlopsgen check churn/spec.yaml --env production",
        "mlopsgen check --resolved                   # the long form with every default, itself a spec",
        "mlopsgen check --format sarif 2> findings.sarif",
    ),
)
@asked_options
@targets_option
@click.option("--resolved", is_flag=True, help="Print the spec in its long form, with every default written out.")
@click.option("--fix", is_flag=True, help="Apply every mend that needs no thought, then check again.")
def command(report: Report, targets: tuple[str, ...], *, resolved: bool, fix: bool, **asked: Any) -> None:
    """Say what is wrong with SPEC, all at once, and where and how to mend it.

    Without --env every environment of the spec is checked, and without --target every target that
    it has a block for. Exit code 1 when something has to be mended.
    """
    from mlopsgen import compile as compiler

    wanted = read_asked(report, **asked)
    checked = compiler.check(wanted, compiler.resolve_targets(wanted, targets or ("all",)))
    report.add(checked.found)
    if resolved:
        from mlopsgen.spec.write import long_form

        click.echo(long_form(checked.spec), nl=False)
