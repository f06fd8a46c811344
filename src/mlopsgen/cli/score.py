"""`mlopsgen score`: runs a batch deployment here, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlopsgen.cli import completing
from mlopsgen.cli.deployed import chosen
from mlopsgen.cli.options import asked_options, cli_command, pairs
from mlopsgen.cli.report import Report
from mlopsgen.cli.run import Here


@cli_command(
    "score",
    examples=(
        "mlopsgen score                              # the batch deployment of spec.yaml here",
        "mlopsgen score churn/spec.yaml --deployment nightly",
        "mlopsgen score --param day=2026-11-30",
    ),
)
@asked_options
@click.option("-d", "--deployment", metavar="NAME", help="Which one, where the spec has several.")
@click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    callback=pairs,
    shell_complete=completing.parameters,
    help="A run parameter.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder that the bundle is written under. Default: build/ beside the spec.",
)
@click.option("--isolated", is_flag=True, help="In an environment with what image/requirements.txt names.")
@click.option("--force", is_flag=True, help="Write over a bundle that was edited by hand.")
def command(
    report: Report,
    deployment: str | None,
    params: dict[str, str],
    out: Path | None,
    *,
    isolated: bool,
    force: bool,
    **spec_options: Any,
) -> None:
    """Score once what lies in the input of a batch deployment, with the champion of the registry here.

    Predictions lie in a folder `run=<id>/` below its output, with `_SUCCESS` written last. A run that
    was cut off goes on where it stopped. Exit code 4 when it failed.
    """
    here = Here(report, out, spec_options, force=force)
    name = chosen(here.target.deployments(here.folder, "batch"), deployment, "batch", "input: data/new/")
    ran = here.execute(params, parallel=None, isolated=isolated, deployment=name)
    click.echo()
    click.echo(ran.summary, nl=False)
    raise click.exceptions.Exit(ran.exit_code)
