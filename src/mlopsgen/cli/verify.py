"""`mlopsgen verify`: has a written bundle judged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from mlopsgen.cli.options import cli_command
from mlopsgen.cli.report import Report, print_line


@cli_command(
    "verify",
    examples=(
        "mlopsgen verify build/sagemaker",
        "mlopsgen verify build/*                     # every bundle there, those of environments too",
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
    """Have each bundle in DIR, or below it, judged: whether it is whole, and what its target's own judges say.

    A judge that is not installed is a finding with the command that installs it, and the exit code
    is then 1: nothing is called good that nobody has looked at. Judges with many libraries get an
    environment of their own in your cache folder, made when they are first asked.
    """
    for folder in folders:
        for bundle in _bundles(folder):
            judge(report, bundle)


def _bundles(folder: Path) -> Sequence[Path]:
    """A bundle is itself; a folder of bundles, as those of an environment or a product are, stands for each."""
    from mlopsgen.bundle import MANIFEST

    if not (folder / MANIFEST).is_file():
        below = (*folder.glob(f"*/{MANIFEST}"), *folder.glob(f"*/*/{MANIFEST}"))
        return sorted(file.parent for file in below) or (folder,)
    return (folder,)


def judge(report: Report, folder: Path) -> None:
    """One bundle: findings to the report, who judged it to stdout."""
    from mlopsgen.verify import verify

    verdict = verify(folder, lambda line: click.echo(f"· {line}", file=report.progress))
    report.add_from(folder, verdict.findings)
    print_line(f"{folder}: judged by {', '.join(verdict.ran)}")
