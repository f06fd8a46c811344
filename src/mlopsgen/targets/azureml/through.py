"""What a user passes straight through: native keys of a step, merged into its node."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.render.job import Merge, Patch
from mlopsgen.targets.azureml.context import WHERE, Context
from mlopsgen.targets.azureml.folders import refit_name
from mlopsgen.targets.azureml.names import identifier
from mlopsgen.targets.azureml.native import Pipeline


def native_patches(context: Context, pipelines: tuple[Pipeline, ...]) -> tuple[Patch, ...]:
    """Native keys as changes of the emitted files, so that findings about them point into the spec."""
    return tuple(_merged(context, pipelines))


def _merged(context: Context, pipelines: tuple[Pipeline, ...]) -> Iterator[Patch]:
    places = [(pipeline.file, node.name) for pipeline in pipelines for node in pipeline.jobs]
    known = [step.name for step in context.plan.steps]
    for name, keys in context.options.steps.items():
        wanted = {identifier(name), identifier(refit_name(name))}
        found = [(file, node) for file, node in places if node in wanted]
        if name not in known:
            context.unknown(name, (*WHERE, "steps", name), known)
        for file, node in found:
            yield Patch(file, f"/jobs/{node}", Merge(keys), (*WHERE, "steps", name))
