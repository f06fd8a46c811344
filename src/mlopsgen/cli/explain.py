"""`mlopsgen explain`: what a field is for, what a code means, and what nobody has seen on the real platforms yet."""

from __future__ import annotations

import re
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
        "mlopsgen explain data.split                 # a field of a spec: what may stand there, and an example",
        "mlopsgen explain evaluation.gates.accuracy.at_least",
        "mlopsgen explain targets.sagemaker",
        "mlopsgen explain                            # every code with its title",
        "mlopsgen explain unproven                   # what nobody has seen on the real platforms yet",
    ),
)
@click.argument("what", metavar="[CODE|FIELD]", required=False, shell_complete=completing.explained)
def command(report: Report, what: str | None) -> None:
    """Say what a finding's CODE means and what to do, or what a FIELD of a spec is for; without one, list all codes.

    `unproven` in its place prints what is in doubt about emitted files, how you would tell, and the way round.
    """
    if what == UNPROVEN:
        click.echo((DOCS / f"{UNPROVEN}.md").read_text(encoding="utf-8").rstrip())
        return
    from mlopsgen.cli.known_codes import known_codes

    known = known_codes(report)
    if what is None:
        for entry in known.values():
            click.echo(f"{entry.code}  {entry.title}")
    elif match := known.get(what.upper()) or known.get(f"MG{what}"):
        click.echo(f"{match.code}: {match.title}\n\n{match.explanation.strip()}")
    else:
        _explain_field(report, what, known)


def _explain_field(report: Report, what: str, known: Mapping[str, Code]) -> None:
    from mlopsgen.cli.field_page import page, unknown
    from mlopsgen.cli.schema import installed_options
    from mlopsgen.spec.reference import field
    from mlopsgen.spec.schema import schema

    if re.fullmatch(r"[A-Za-z]*[0-9]+", what):
        raise click.UsageError(_unknown(what, known))
    everything = schema(installed_options(report))
    known_field = field(everything, tuple(what.split(".")))
    if known_field is None:
        raise click.UsageError(unknown(everything, what, known))
    click.echo(page(known_field))


def _unknown(code: str, known: Mapping[str, Code]) -> str:
    from mlopsgen.nearest import nearest

    close = nearest(code.upper(), known)
    hint = f"Did you mean `{close}`?" if close else "`mlopsgen explain` lists them."
    return f"No finding has the code `{code}`. {hint}"
