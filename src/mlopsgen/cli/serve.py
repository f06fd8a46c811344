"""`mlopsgen serve`: a real-time deployment here, until it is stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlopsgen.cli.here import Here, chosen, deployment_option, here_options
from mlopsgen.cli.options import asked_options, cli_command
from mlopsgen.cli.report import Report
from mlopsgen.diagnostics import SpecError


@cli_command(
    "serve",
    examples=(
        "mlopsgen serve                              # the real-time deployment of spec.yaml here",
        "mlopsgen serve churn/spec.yaml --deployment live --port 9000",
    ),
)
@asked_options
@deployment_option
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Where it answers.")
@here_options
def command(
    report: Report,
    deployment: str | None,
    port: int,
    out: Path | None,
    *,
    isolated: bool,
    force: bool,
    **spec_options: Any,
) -> None:
    """Serve a real-time deployment on 127.0.0.1, and roll out what is approved meanwhile.

    The same server answers SageMaker's, Vertex AI's, Azure ML's and KServe's requests; `/docs` shows them.
    A version that was approved comes by the steps of the spec's `rollout`; live, it is the champion, and one that an
    alarm takes back leaves everything as it was. Ctrl-C ends it when what it has begun is answered; a rollout that was
    cut off goes on at the next start.
    """
    here = Here(report, out, spec_options, force=force)
    name = chosen(here.target.deployments(here.folder, "real-time"), deployment, "real-time", "replicas: 1")
    try:
        code = here.target.serve(here.folder, here.request.root, name, port, isolated=isolated, show=report.progress)
    except SpecError as stopped:
        raise here.placed(stopped) from stopped
    raise click.exceptions.Exit(4 if code else 0)
