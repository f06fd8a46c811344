"""What both platforms do otherwise than a spec's words suggest."""

from __future__ import annotations

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import AnyJob
from mlopsgen.targets.ir.context import Context


def check_plan(context: Context) -> None:
    """Reports everything that belongs to no single part of the lowering."""
    for source in context.plan.sources:
        if source.distribution == "sharded":
            said = f"every machine of a step has all of `{source.name}`: artifacts are not split over machines"
            context.note(said, (*source.origin[:-1], "distribution"))
    for job in context.jobs.values():
        if job.image is not None and job.outputs:
            _no_folders(context, job)


def _no_folders(context: Context, job: AnyJob) -> None:
    """Nothing of ours runs in a foreign image, which is promised a folder for each output elsewhere."""
    ports = ", ".join(f"`{output.port}`" for output in job.outputs)
    said = f"`{job.name}` has to make the folders of its outputs itself ({ports}): they are not there in its image"
    context.note(said, (*job.origin, "image"), on=On.VALUE)
