"""`mlopsgen targets`: what is installed, and what each target makes of a spec."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlopsgen.cli import completing
from mlopsgen.cli.options import cli_command, how_asked_options, read_asked, spec_file
from mlopsgen.cli.report import Report, wants_color
from mlopsgen.diagnostics import SpecError

if TYPE_CHECKING:
    from mlopsgen.cli.answers import Answer, Row

COLORS = {"native": "green", "emulated": "yellow", "refused": "red"}


@cli_command(
    "targets",
    examples=(
        "mlopsgen targets                            # what is installed here, and who judges it",
        "mlopsgen targets spec.yaml                  # what each target makes of this spec, field by field",
        "mlopsgen targets spec.yaml --target sagemaker",
        "mlopsgen targets --features                 # all that can be asked of each target",
        "mlopsgen targets spec.yaml --format json",
    ),
)
@click.argument("spec", type=click.Path(path_type=Path), required=False, callback=spec_file)
@how_asked_options
@click.option(
    "-t",
    "--target",
    "names",
    multiple=True,
    metavar="TARGET",
    shell_complete=completing.targets,
    help="A target; may be given several times. Default: every one installed.",
)
@click.option("--features", "whole", is_flag=True, help="Without SPEC: every feature of the language, not only counts.")
def command(report: Report, spec: Path | None, names: tuple[str, ...], *, whole: bool, **how: Any) -> None:
    """List the installed targets; with SPEC, say what each makes of it, field by field.

    native: the platform's own service does it. emulated: mlopsgen's runtime does it inside the
    platform's own jobs, or it is done in another way. refused: it does not compile. With
    `--format json` the answer on stdout is JSON too.
    """
    answers = list(_answers(report, spec, names, how))
    if report.format == "json":
        click.echo(json.dumps({"targets": [_plain(one) for one in answers]}, indent=2, ensure_ascii=False))
        return
    whole = whole or spec is not None
    text = "\n\n".join("\n".join(_lines(one, whole=whole)) for one in answers)
    click.echo(text, color=None if wants_color(sys.stdout) else False)
    if not whole:
        click.echo(
            "\n`mlopsgen targets SPEC` says it field by field for one spec, `--features` for the whole language."
        )


def _answers(report: Report, spec: Path | None, names: Sequence[str], how: dict[str, Any]) -> Iterator[Answer]:
    from mlopsgen.cli.answers import every_row
    from mlopsgen.targets import names as installed

    chosen = installed() if not names or "all" in names else tuple(dict.fromkeys(names))
    answer: Callable[[str], Answer] = _of_spec(report, spec, how) if spec is not None else every_row
    if spec is None and any(how.values()):
        raise click.UsageError("--env, --var and --allow are about a spec: say which, `mlopsgen targets SPEC`.")
    for name in chosen:
        try:
            yield answer(name)
        except SpecError as broken:
            report.add(broken.findings)


def _of_spec(report: Report, spec: Path, how: dict[str, Any]) -> Callable[[str], Answer]:
    from mlopsgen import compile as compiler
    from mlopsgen.cli.answers import rows_of

    checked = compiler.check(read_asked(report, spec, **how))

    def answer(name: str) -> Answer:
        rows = rows_of(checked, name)
        return replace(rows, rows=tuple(replace(row, span=report.there(row.span)) for row in rows.rows))

    return answer


def _lines(one: Answer, *, whole: bool) -> Iterator[str]:
    came = " ".join(part for part in (one.package, one.version) if part)
    yield f"{click.style(one.name, bold=True)}: {one.title} ({came})"
    yield f"  judged by {', '.join(_judges(one))}"
    counts = Counter(row.how.value for row in one.rows)
    yield "  " + ", ".join(f"{counts[how]} {how}" for how in COLORS)
    if not one.has_block:
        yield f"  the spec has no `targets.{one.name}`, so names and limits were not looked at"
    if whole:
        yield from _table(one.rows)


def _judges(one: Answer) -> Iterator[str]:
    for judge in one.judges:
        yield judge.name if judge.installed else f"{judge.name} (not installed: `{judge.install}`)"


def _table(rows: Sequence[Row]) -> Iterator[str]:
    of_spec = any(row.span for row in rows)
    places = [_place(row) if of_spec else row.title for row in rows]
    names = max((len(row.feature) for row in rows), default=0)
    width = max(map(len, places), default=0)
    for row, place in zip(rows, places, strict=True):
        how = click.style(f"{row.how.value:8}", fg=COLORS[row.how.value])
        yield f"  {how}  {row.feature:{names}}  {place:{width}}  {row.with_what}"


def _place(row: Row) -> str:
    return f"{row.span.file}:{row.span.line}" if row.span else "(default)"


def _plain(one: Answer) -> dict[str, Any]:
    """An answer as JSON says it: names of fields as in the text, places as `file`, `line`, `column`."""
    members = {key: value for key, value in asdict(one).items() if key != "rows"}
    return {**members, "rows": [_plain_row(row) for row in one.rows]}


def _plain_row(row: Row) -> dict[str, Any]:
    place = {"file": row.span.file, "line": row.span.line, "column": row.span.column} if row.span else None
    return {"feature": row.feature, "how": row.how.value, "title": row.title, "with": row.with_what, "at": place}
