"""`mlopsgen schema`: the JSON schema of a spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlopsgen.cli.options import cli_command
from mlopsgen.cli.report import Report

if TYPE_CHECKING:
    from mlopsgen.spec.options import TargetOptions


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
    click.echo(schema(report), nl=False)


def schema(report: Report) -> str:
    """The schema's text; a target that cannot be loaded is reported and left out."""
    from mlopsgen.spec.schema import schema_text

    return schema_text(installed_options(report))


def installed_options(report: Report) -> dict[str, type[TargetOptions]]:
    """Target → the model of its block, for every target that can be loaded; the others are reported."""
    from mlopsgen import targets
    from mlopsgen.diagnostics import SpecError

    options = {}
    for name in targets.names():
        try:
            options[name] = targets.load(name).options
        except SpecError as broken:
            report.add(broken.findings)
    return options
