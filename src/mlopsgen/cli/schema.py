"""`mlopsgen schema`: the JSON schema of a spec."""

from __future__ import annotations

import click

from mlopsgen.cli.options import cli_command
from mlopsgen.cli.report import Report


@cli_command(
    "schema",
    examples=(
        "mlopsgen schema > .mlopsgen.schema.json",
        "# then, as the first line of spec.yaml:",
        "# yaml-language-server: $schema=.mlopsgen.schema.json",
    ),
)
def command(report: Report) -> None:
    """Print the JSON schema of a spec, with the blocks of every target that is installed here.

    Editors complete, check and explain a spec with it.
    """
    from mlopsgen import targets
    from mlopsgen.diagnostics import SpecError
    from mlopsgen.spec.schema import schema_text

    options = {}
    for name in targets.names():
        try:
            options[name] = targets.load(name).options
        except SpecError as broken:
            report.add(broken.found)
    click.echo(schema_text(options), nl=False)
