"""`mlopsgen compile`: writes the native files of one target, several or all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from mlopsgen.cli.batch import Batch, Job, Outcome, Part, in_order
from mlopsgen.cli.options import asked_of_several_options, cli_command, targets_option
from mlopsgen.cli.report import Report, print_line
from mlopsgen.diagnostics import Diagnostic, errors


@cli_command(
    "compile",
    examples=(
        "mlopsgen compile --target sagemaker         # build/sagemaker/ from spec.yaml here",
        "mlopsgen compile churn/spec.yaml -t all --verify",
        "mlopsgen compile */spec.yaml -t all         # several products: build/<name>/<target>/",
        "mlopsgen compile */spec.yaml -t all --jobs 4 # many products, in four processes",
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
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many processes share several specs.",
)
@click.option("--verify", "judged", is_flag=True, help="Have each bundle judged as `mlopsgen verify` does.")
@click.option("--force", is_flag=True, help="Write over files that were edited by hand or that nobody knows.")
def command(
    report: Report,
    specs: Sequence[Path],
    targets: tuple[str, ...],
    out: Path,
    jobs: int,
    *,
    judged: bool,
    force: bool,
    **how: Any,
) -> None:
    """Compile SPEC into the files of each --target, under build/.

    Either every bundle is written or none: a finding about one target or spec, or a folder of one
    that must not be written over, or a disk that is full, leaves all as they were; a kill may come
    between two of them, each of which is then the old or the new one, whole. Blocks under `targets` of other targets
    are not read; `mlopsgen check` reads them all.
    Prints the folders that hold a bundle now.
    """
    if not targets:
        raise click.UsageError("Which target? Say `--target NAME`, or `--target all`; `mlopsgen targets` lists them.")
    job = Job(targets, how, out, force, named=len(specs) > 1)
    with _parts(job, specs, jobs) as split:
        report.add(_of_one_name(_reported(report, in_order(split, specs, "compile"))))
        if errors(report.findings):
            return
        stale = [folder for one in _reported(report, in_order(split, specs, "look")) for folder in one.folders]
        if errors(report.findings):
            return
        written = _written(report, split, specs, stale)
    for folder in written:
        print_line(f"{folder}/")
        if judged:
            _judge(report, folder)


def _written(report: Report, split: Sequence[Part], specs: Sequence[Path], stale: Sequence[Path]) -> Sequence[Path]:
    """The folders that hold a bundle now: all of them are written before the first takes the place of an old one."""
    from mlopsgen.bundle import alone_in

    with alone_in(stale):
        tuple(_reported(report, in_order(split, specs, "prepare")))
        if errors(report.findings):
            tuple(in_order(split, specs, "give up"))
            return ()
        return [folder for one in _reported(report, in_order(split, specs, "write")) for folder in one.folders]


@contextmanager
def _parts(job: Job, specs: Sequence[Path], jobs: int) -> Iterator[Sequence[Part]]:
    """The specs in as many processes."""
    if min(jobs, len(specs)) == 1:
        yield [Batch(job, specs)]
        return
    from mlopsgen.cli.workers import workers

    with workers(job, specs, min(jobs, len(specs))) as started:
        yield started


def _reported(report: Report, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """The outcomes, with what they found in the report."""
    for one in outcomes:
        report.texts.update(one.texts or {})
        report.add(one.findings)
        yield one


def _of_one_name(compiled: Iterable[Outcome]) -> Iterator[Diagnostic]:
    """Products whose bundles would be written to one folder."""
    first: dict[str, Path] = {}
    for one in compiled:
        if one.product and (other := first.setdefault(one.product, one.spec)) != one.spec:
            message = f"`{one.product}` is the name of {other} too, and both would be written to one folder"
            hint = "rename one of the two, or compile them one after the other, each with its own `--out`"
            yield Diagnostic("MG125", message, hint=hint, span=one.name)


def _judge(report: Report, folder: Path) -> None:
    from mlopsgen.cli.verify import judge

    judge(report, folder)
