"""`mlopsgen run`: compiles a spec for this machine and executes what came out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlopsgen.cli.approve import call_for
from mlopsgen.cli.here import Here, here_options, params_option, print_summary
from mlopsgen.cli.options import asked_options, cli_command
from mlopsgen.cli.report import Report, print_line


@cli_command(
    "run",
    examples=(
        "mlopsgen run                                # spec.yaml here, with this Python",
        "mlopsgen run churn/spec.yaml --param min_accuracy=0.9",
        "mlopsgen run --isolated                     # in an environment made for its requirements",
        "mlopsgen run --env staging --parallel 4",
    ),
)
@asked_options
@params_option
@here_options
@click.option("--parallel", type=click.IntRange(min=1), help="How many commands run at the same time.")
def command(
    report: Report,
    params: dict[str, str],
    out: Path | None,
    parallel: int | None,
    *,
    isolated: bool,
    force: bool,
    **spec_options: Any,
) -> None:
    """Run SPEC here, really: compile it to plan.json and execute that file.

    A run that was cut off goes on where it stopped. Steps that did not change are taken from
    earlier runs. Exit code 4 when a step failed, 5 when a gate said no.
    """
    here = Here(report, out, spec_options, force=force)
    ran = here.execute(params, parallel=parallel, isolated=isolated)
    print_summary(ran)
    for version in ran.pending:
        click.echo()
        print_line(f"approve it: {call_for(version, spec_options['spec'], here.request.env)}")
    raise click.exceptions.Exit(ran.exit_code)
