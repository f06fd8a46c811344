"""`mlopsgen init`: a first product that runs at once."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlopsgen.cli import completing
from mlopsgen.cli.options import cli_command
from mlopsgen.cli.report import Report, print_line

if TYPE_CHECKING:
    from mlopsgen.spec.options import TargetOptions

NEXT = """
Next:
{enter}  mlopsgen check                   # what is wrong, and how to mend it
  mlopsgen run                     # trains, evaluates, judges and registers here
  python -m pytest                 # the tests of its scripts
  mlopsgen compile --target all    # the native files of every target, under build/

`run` and the tests need the libraries of machine learning: pip install "mlopsgen[runtime]" pytest
"""


@cli_command(
    "init",
    examples=(
        "mlopsgen init churn                         # in a new folder, named after it",
        "mlopsgen init                               # in this folder",
        "mlopsgen init churn --name customer-churn --target sagemaker",
    ),
)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", help="The product's name. Default: made of the folder's.")
@click.option(
    "-t",
    "--target",
    "targets",
    multiple=True,
    metavar="TARGET",
    shell_complete=completing.targets,
    help="A target that the spec gets a block for; may be given several times. Default: every one installed.",
)
def command(report: Report, folder: Path, name: str | None, targets: tuple[str, ...]) -> None:
    """Write a first product into DIR: a spec, two scripts, real data, and a test; it runs as it stands.

    A file that is there already is never touched: then nothing is written, and the exit code is 1.
    Prints what was written.
    """
    from mlopsgen.cli.schema import schema
    from mlopsgen.cli.starting import IGNORED, files, lacks_example, put
    from mlopsgen.findings.safe_text import inert

    options = _blocks(report, targets)
    written = put(folder, files(_name(folder, name), options, schema(report)))
    for path in written:
        print_line(folder / path)
    if IGNORED not in written:
        print_line(f"{folder / IGNORED} is yours and stays as it is: let it name `build/` and `.mlopsgen/`", err=True)
    for target in targets:
        if target in options and lacks_example(options[target]):
            click.echo(f"`targets.{target}` needs facts that only you know: write it into the spec", err=True)
    enter = "" if os.path.realpath(folder) == os.path.realpath(".") else f"  cd {inert(shlex.quote(str(folder)))}\n"
    click.echo(NEXT.format(enter=enter), nl=False)


def _name(folder: Path, name: str | None) -> str:
    from mlopsgen.cli.starting import misnamed, name_from

    if name is not None:
        if wrong := misnamed(name):
            raise click.UsageError(wrong)
        return name
    derived = name_from(Path(os.path.realpath(folder)).name)
    if not derived:
        raise click.UsageError(f"`{folder}` holds no letter that a product's name could be made of: say `--name NAME`.")
    return derived


def _blocks(report: Report, names: tuple[str, ...]) -> dict[str, type[TargetOptions]]:
    """The models of the blocks that the spec gets."""
    from mlopsgen.cli.schema import installed_options
    from mlopsgen.targets import load

    if not names or "all" in names:
        return installed_options(report)
    return {name: load(name).options for name in names}
