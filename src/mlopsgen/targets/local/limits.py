"""What this machine does not do, said before anything is run."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, On, Severity
from mlopsgen.plan import steps as plan
from mlopsgen.spec.values import Ref
from mlopsgen.targets.local.options import LocalOptions


def limits(asked: plan.Plan, options: LocalOptions) -> Iterator[Diagnostic]:
    """Findings about a plan and the block `targets.local`."""
    for step in asked.steps:
        if not isinstance(step, plan.Register):
            yield from _job(step)
    if asked.image.given is not None:
        yield _refused(
            f"this machine runs no containers, so `{asked.image.given}` cannot be used here",
            ("code", "image"),
            "keep the code beside the spec, and set `code.image` in the environments that need it",
        )
    yield from _options(options)


def _job(job: plan.AnyJob) -> Iterator[Diagnostic]:
    where = job.resources.origin or job.origin
    if job.image is not None:
        yield _refused(
            f"this machine runs no containers, so `{job.name}` cannot use the image `{job.image}`",
            (*job.origin, "image"),
            "give the step a command that runs here, in an environment of its own",
        )
    if isinstance(job.resources.nodes, Ref) or job.resources.nodes > 1:
        yield _refused(
            f"this machine is one node, and `{job.name}` asks for several",
            (*where, "nodes"),
            "set `nodes: 1` in an environment for runs here",
        )
    if isinstance(job, plan.Tune) and job.strategy == "hyperband":
        yield _emulated(
            "hyperband is a random search here: every trial runs to its end", (*job.origin, "tuning", "strategy")
        )
    if isinstance(job, plan.Tune) and job.early_stopping:
        yield _emulated(
            "no trial is stopped early here: every one runs to its end", (*job.origin, "tuning", "early_stopping")
        )


def _options(options: LocalOptions) -> Iterator[Diagnostic]:
    for field in ("machines", "names", "steps"):
        for name in getattr(options, field):
            yield Diagnostic(
                "MG309",
                f"`{field}.{name}` means nothing on this machine",
                ("targets", "local", field, name),
                hint="take it out: steps run as processes here",
                on=On.KEY,
            )


def _refused(message: str, where: tuple[str | int, ...], hint: str) -> Diagnostic:
    return Diagnostic("MG301", message, where, hint=hint)


def _emulated(message: str, where: tuple[str | int, ...]) -> Diagnostic:
    return Diagnostic("MG315", message, where, severity=Severity.NOTE)
