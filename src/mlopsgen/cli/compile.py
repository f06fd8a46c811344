"""`mlopsgen compile`: writes the native files of one target, several or all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlopsgen.cli.options import asked_options, cli_command, read_asked, targets_option
from mlopsgen.cli.report import Report
from mlopsgen.diagnostics import SpecError, errors

if TYPE_CHECKING:
    from mlopsgen.bundle import Bundle


@cli_command(
    "compile",
    examples=(
        "mlopsgen compile --target sagemaker         # build/sagemaker/ from spec.yaml here",
        "mlopsgen compile churn/spec.yaml -t all --verify",
        "mlopsgen compile --target all --env production --var bucket=acme-prod",
        "mlopsgen compile -t sagemaker --allow MG301 # in spite of what the target does not do",
    ),
)
@asked_options
@targets_option
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="build",
    show_default=True,
    help="The folder that bundles are written under, as [ENV/]TARGET.",
)
@click.option("--verify", "judged", is_flag=True, help="Have each bundle judged as `mlopsgen verify` does.")
@click.option("--force", is_flag=True, help="Write over files that were edited by hand or that nobody knows.")
def command(report: Report, targets: tuple[str, ...], out: Path, *, judged: bool, force: bool, **asked: Any) -> None:
    """Compile SPEC into the files of each --target, under build/.

    Either every bundle is written or none: a finding about one target, or a folder of one that
    must not be written over, leaves all as they were.
    Prints the folders that hold a bundle now.
    """
    if not targets:
        raise click.UsageError("Which target? Say `--target NAME`, or `--target all`; `mlopsgen targets` lists them.")
    from mlopsgen.bundle import blocked, write

    bundles = _compiled(report, targets, asked)
    if errors(report.found):
        return
    folder = out / asked["env"] if asked["env"] else out
    for bundle in bundles if len(bundles) > 1 else ():  # one alone is refused when it is written
        report.add(blocked(bundle, folder / bundle.target, force=force))
    if errors(report.found):
        return
    for bundle in bundles:
        write(bundle, folder / bundle.target, force=force)
        click.echo(f"{folder / bundle.target}/")
        if judged:
            _judge(report, folder / bundle.target)


def _compiled(report: Report, targets: tuple[str, ...], asked: dict[str, Any]) -> list[Bundle]:
    from mlopsgen import compile as compiler

    wanted = read_asked(report, **asked)
    bundles = []
    for name in compiler.resolve_targets(wanted, targets):
        try:
            done = compiler.compile_spec(wanted, name)
        except SpecError as wrong:
            report.add(wrong.found)
        else:
            report.add(done.found)
            bundles.append(done.bundle)
    return bundles


def _judge(report: Report, folder: Path) -> None:
    from mlopsgen.cli.verify import judge

    judge(report, folder)
