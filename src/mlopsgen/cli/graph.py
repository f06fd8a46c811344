"""`mlopsgen graph`: shows a spec's steps and what flows between them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlopsgen.cli.options import asked_options, cli_command, read_asked
from mlopsgen.cli.report import Report, print_line
from mlopsgen.diagnostics import Diagnostic, SpecError


@cli_command(
    "graph",
    examples=(
        "mlopsgen graph                              # Mermaid, for a README or a pull request",
        "mlopsgen graph churn/spec.yaml --svg > churn.svg",
        "mlopsgen graph --out graph.svg              # the ending says which: .svg, .mmd or .md",
        "mlopsgen graph --env production",
    ),
)
@asked_options
@click.option("--svg", "drawn", is_flag=True, help="A picture instead: SVG, for light pages and dark ones.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file, not to stdout."
)
def command(report: Report, out: Path | None, *, drawn: bool, **spec_options: Any) -> None:
    """Show the steps of SPEC and what flows between them.

    Prints Mermaid, which GitHub draws in a block that begins with ```mermaid. An SVG is drawn when
    the name after --out ends in .svg, or with --svg.
    """
    if out is not None and out.suffix not in _ENDINGS:
        raise click.UsageError(f"`{out}` ends in none of {', '.join(_ENDINGS)}, which say what is written.")
    if out is not None and drawn and out.suffix != ".svg":
        raise click.UsageError(f"--svg draws a picture, and `{out}` does not end in .svg.")
    from mlopsgen import compile as compiler
    from mlopsgen.graph import mermaid, picture_of, svg

    checked = compiler.check(read_asked(report, **spec_options))
    report.add(checked.findings)
    picture = picture_of(checked.plan)
    if drawn or (out is not None and out.suffix == ".svg"):
        text = svg(picture)
    else:
        text = mermaid(picture)
        if out is not None and out.suffix == ".md":
            text = f"```mermaid\n{text}```\n"
    _say(text, out)


_ENDINGS = (".svg", ".mmd", ".md")


def _say(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as wrong:
        raise SpecError([Diagnostic("MG410", f"{out} cannot be written: {wrong.strerror or wrong}")]) from wrong
    print_line(out)
