"""`mlopsgen score`: runs a batch deployment here, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlopsgen.cli.here import Here, chosen, deployment_option, here_options, params_option, print_summary
from mlopsgen.cli.options import asked_options, cli_command
from mlopsgen.cli.report import Report


@cli_command(
    "score",
    examples=(
        "mlopsgen score                              # the batch deployment of spec.yaml here",
        "mlopsgen score churn/spec.yaml --deployment nightly",
        "mlopsgen score --param day=2026-11-30",
    ),
)
@asked_options
@deployment_option
@params_option
@here_options
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
    print_summary(ran)
    raise click.exceptions.Exit(ran.exit_code)
