"""`mlopsgen rollout`: asks for a version of a real-time deployment here, by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlopsgen.cli import completing
from mlopsgen.cli.approve import LOCAL
from mlopsgen.cli.completing import SPEC
from mlopsgen.cli.here import chosen, deployment_option
from mlopsgen.cli.options import cli_command, how_asked_options, read_asked, spec_file
from mlopsgen.cli.report import Report, print_line


@cli_command(
    "rollout",
    examples=(
        "mlopsgen rollout 3                          # where `start: manual` leaves that to a person",
        "mlopsgen rollout churn:2 --deployment live  # of several, or back to an older one",
    ),
)
@click.argument("version", metavar="VERSION", shell_complete=completing.approved)
@deployment_option
@click.option(
    "--spec",
    type=click.Path(path_type=Path),
    default=SPEC,
    show_default=True,
    callback=spec_file,
    help="The spec that has the deployment.",
)
@how_asked_options
def command(report: Report, version: str, deployment: str | None, spec: Path, **how_asked: Any) -> None:
    """Have a real-time deployment here roll VERSION out, which must be approved.

    Who serves it sees that within a second, and goes through the steps of the spec's `rollout`; where nobody does, the
    next `mlopsgen serve` begins with it. A version that was taken back is tried again.
    """
    from mlopsgen import compile as compiler
    from mlopsgen import targets
    from mlopsgen.targets.api import RollsOut

    request = read_asked(report, spec, **how_asked)
    compiled = compiler.compile_spec(request, LOCAL)
    target = targets.load(LOCAL)
    assert isinstance(target, RollsOut)
    files = compiled.bundle.files
    name = chosen(target.servers(files), deployment, "real-time", "replicas: 1")
    with compiler.placed(compiled.source):
        print_line(target.ask(files, request.root, name, version))
