"""`mlopsgen compile`: writes the native files of one target, several or all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlopsgen.cli.options import asked_of_several_options, cli_command, read_asked, targets_option
from mlopsgen.cli.report import Report
from mlopsgen.diagnostics import Diagnostic, SpecError, errors

if TYPE_CHECKING:
    from mlopsgen.bundle import Bundle
    from mlopsgen.compile import Compiled


@cli_command(
    "compile",
    examples=(
        "mlopsgen compile --target sagemaker         # build/sagemaker/ from spec.yaml here",
        "mlopsgen compile churn/spec.yaml -t all --verify",
        "mlopsgen compile */spec.yaml -t all         # several products: build/<name>/<target>/",
        "mlopsgen compile --target all --env production --var bucket=acme-prod",
        "mlopsgen compile -t sagemaker --allow MG301 # in spite of what the target does not do",
    ),
)
@asked_of_several_options
@targets_option
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="build",
    show_default=True,
    help="The folder that bundles are written under, as [NAME/][ENV/]TARGET; NAME for several specs.",
)
@click.option("--verify", "judged", is_flag=True, help="Have each bundle judged as `mlopsgen verify` does.")
@click.option("--force", is_flag=True, help="Write over files that were edited by hand or that nobody knows.")
def command(
    report: Report,
    specs: Sequence[Path],
    targets: tuple[str, ...],
    out: Path,
    *,
    judged: bool,
    force: bool,
    **asked: Any,
) -> None:
    """Compile SPEC into the files of each --target, under build/.

    Either every bundle is written or none: a finding about one target or spec, or a folder of one
    that must not be written over, leaves all as they were.
    Prints the folders that hold a bundle now.
    """
    if not targets:
        raise click.UsageError("Which target? Say `--target NAME`, or `--target all`; `mlopsgen targets` lists them.")
    from mlopsgen.bundle import blocked, look, put

    bundles = _compiled(report, specs, targets, asked)
    if errors(report.found):
        return
    places = [look(bundle, out / folder) for folder, bundle in bundles]
    for place in places if len(places) > 1 else ():  # one alone is refused when it is written
        report.add(blocked(place, force=force))
    if errors(report.found):
        return
    for place in places:
        put(place, force=force)
        click.echo(f"{place.out}/")
        if judged:
            _judge(report, place.out)


def _compiled(
    report: Report, specs: Sequence[Path], targets: tuple[str, ...], asked: dict[str, Any]
) -> list[tuple[Path, Bundle]]:
    """Each bundle, and the folder under --out that it belongs in."""
    found: list[tuple[Path, Bundle]] = []
    names: dict[str, Path] = {}
    for spec in specs:
        for done in _compiled_for_each(report, spec, targets, asked):
            if names.setdefault(done.product, spec) != spec:
                report.add([_two_of_a_name(done, names[done.product])])
            inside = Path(*(done.product,) if len(specs) > 1 else (), *(asked["env"],) if asked["env"] else ())
            found.append((inside / done.bundle.target, done.bundle))
    return found


def _compiled_for_each(
    report: Report, spec: Path, targets: tuple[str, ...], asked: dict[str, Any]
) -> Iterator[Compiled]:
    """What can be compiled of one spec; findings about it go to the report before the next one is read."""
    from mlopsgen import compile as compiler

    try:
        wanted = read_asked(report, spec, **asked)
        names = compiler.resolve_targets(wanted, targets)
        checked = compiler.check(wanted, names)
    except SpecError as wrong:
        report.add(wrong.findings)
        return
    for name in names:
        try:
            done = compiler.compile_for(checked, name)
        except SpecError as wrong:
            report.add(wrong.findings)
        else:
            report.add(done.found)
            yield done


def _two_of_a_name(done: Compiled, other: Path) -> Diagnostic:
    message = f"`{done.product}` is the name of {other} too, and both would be written to one folder"
    hint = "rename one of the two, or compile them one after the other, each with its own `--out`"
    return Diagnostic("MG125", message, hint=hint, span=done.source.locate(("name",)))


def _judge(report: Report, folder: Path) -> None:
    from mlopsgen.cli.verify import judge

    judge(report, folder)
