"""`mlopsgen explain`: what a finding's code means, and what nobody has seen on the real platforms yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from mlopsgen.cli import completing
from mlopsgen.cli.options import cli_command
from mlopsgen.cli.report import Report
from mlopsgen.resources import DOCS

UNPROVEN = "unproven"

if TYPE_CHECKING:
    from mlopsgen.codes import Code


@cli_command(
    "explain",
    examples=(
        "mlopsgen explain MG104",
        "mlopsgen explain                            # every code with its title",
        "mlopsgen explain unproven                   # what nobody has seen on the real platforms yet",
    ),
)
@click.argument("code", required=False, shell_complete=completing.codes)
def command(report: Report, code: str | None) -> None:
    """Say what a finding's CODE means and what to do; without one, list them all.

    `unproven` in its place prints what is in doubt about emitted files, how you would tell, and the way round.
    """
    if code == UNPROVEN:
        click.echo((DOCS / f"{UNPROVEN}.md").read_text(encoding="utf-8").rstrip())
        return
    from mlopsgen.cli.known_codes import known_codes

    known = known_codes(report)
    if code is None:
        for entry in known.values():
            click.echo(f"{entry.code}  {entry.title}")
        return
    match = known.get(code.upper()) or known.get(f"MG{code}")
    if match is None:
        raise click.UsageError(_unknown(code, known))
    click.echo(f"{match.code}: {match.title}\n\n{match.explanation.strip()}")


def _unknown(code: str, known: Mapping[str, Code]) -> str:
    from mlopsgen.nearest import nearest

    close = nearest(code.upper(), known)
    hint = f"Did you mean `{close}`?" if close else "`mlopsgen explain` lists them."
    return f"No finding has the code `{code}`. {hint}"
