"""What both platforms do otherwise than a spec's words suggest."""

from __future__ import annotations

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import AnyJob
from mlopsgen.plan.values import FromSource
from mlopsgen.targets.ir.context import Context


def check_plan(context: Context) -> None:
    """Reports everything that belongs to no single part of the lowering."""
    for job in context.jobs.values():
        _no_shares(context, job)
        if job.image is not None and job.outputs:
            _no_folders(context, job)


def _no_shares(context: Context, job: AnyJob) -> None:
    """Artifacts are not split over the machines of a step."""
    sources = [context.sources[i.source.source] for i in job.inputs if isinstance(i.source, FromSource)]
    for source in sources:
        if source.distribution == "sharded" and job.resources.nodes != 1:
            said = f"every machine of `{job.name}` gets all of `{source.name}`, not a share of it"
            hint = "`distribution: replicated`, and let the script take its share by its rank"
            context.error("MG301", said, (*source.origin[:-1], "distribution"), hint)


def _no_folders(context: Context, job: AnyJob) -> None:
    """Nothing of ours runs in a foreign image, which is promised a folder for each output elsewhere."""
    ports = ", ".join(f"`{output.port}`" for output in job.outputs)
    said = f"`{job.name}` has to make the folders of its outputs itself ({ports}): they are not there in its image"
    context.note(said, (*job.origin, "image"), on=On.VALUE)
