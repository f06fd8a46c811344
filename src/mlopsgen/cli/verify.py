"""`mlopsgen verify`: has a written bundle judged."""

from __future__ import annotations

from pathlib import Path

import click

from mlopsgen.cli.options import cli_command
from mlopsgen.cli.report import Report


@cli_command(
    "verify",
    examples=(
        "mlopsgen verify build/sagemaker",
        "mlopsgen verify build/*                     # every bundle there",
        "mlopsgen verify build/sagemaker --format github",
    ),
)
@click.argument(
    "folders",
    nargs=-1,
    required=True,
    metavar="DIR...",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
def command(report: Report, folders: tuple[Path, ...]) -> None:
    """Have each bundle in DIR judged: whether it is whole, and what its target's own judges say.

    A judge that is not installed is a finding with the command that installs it, and the exit code
    is then 1: nothing is called good that nobody has looked at. Judges with many libraries get an
    environment of their own in your cache folder, made when they are first asked.
    """
    for folder in folders:
        judge(report, folder)


def judge(report: Report, folder: Path) -> None:
    """One bundle: findings to the report, who judged it to stdout."""
    from mlopsgen.verify import verify

    verdict = verify(folder, lambda line: click.echo(f"· {line}", file=report.progress))
    report.add_from(folder, verdict.findings)
    click.echo(f"{folder}: judged by {', '.join(verdict.ran)}")
