"""Which file is printed by which template."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mlopsgen.render.job import Copy, FileJob, patched
from mlopsgen.targets.azureml.image import ENTRYPOINT, USER
from mlopsgen.targets.azureml.native import AzureMLNative, Component, Node, Pipeline, SweepNode
from mlopsgen.targets.image import image_files

if TYPE_CHECKING:
    from mlopsgen.targets.azureml.serving.live_native import Live


def layout(native: AzureMLNative) -> Sequence[FileJob | Copy]:
    """The bundle, file by file."""
    return patched(_jobs(native), native.patches)


def _jobs(native: AzureMLNative) -> Iterator[FileJob | Copy]:
    pipelines = (native.pipeline, *((native.exit_handler,) if native.exit_handler else ()), *native.deployments)
    for pipeline in pipelines:
        yield FileJob(pipeline.file, "pipeline.yml.j2", {"pipeline": _pipeline_values(pipeline)})
    for component in _components(pipelines):
        yield FileJob(component.file, "component.yml.j2", {"component": component})
    for live in native.lives:
        yield from _live(live)
    yield FileJob("environment.yml", "environment.yml.j2", {"environment": native.environment})
    for asset in native.data:
        yield FileJob(asset.file, "data.yml.j2", {"data": asset})
    for compute in native.computes:
        yield FileJob(compute.file, "compute.yml.j2", {"compute": compute})
    for schedule in native.schedules:
        yield FileJob(schedule.file, "schedule.yml.j2", {"schedule": schedule})
    for infra in native.infrastructure:
        yield FileJob(infra.file, "infra.json.j2", {"infra": infra})
    if native.uploads:
        yield FileJob("uploads.json", "_shared/uploads.json.j2", {"uploads": native.uploads})
    yield FileJob("README.md", "README.md.j2", {"guide": native.guide})
    yield from image_files(
        native.image, user=USER, extra=native.requirements, entrypoint=ENTRYPOINT, command=native.command
    )


def _live(live: Live) -> Iterator[FileJob]:
    yield FileJob(live.endpoint.file, "endpoint.yml.j2", {"endpoint": live.endpoint})
    yield FileJob(live.deployment.file, "deployment.yml.j2", {"deployment": live.deployment})
    yield FileJob(live.job.file, "rollout.yml.j2", {"job": live.job})
    yield live.rollout


def _pipeline_values(pipeline: Pipeline) -> dict[str, Any]:
    """The pipeline, its nodes without the compute that is the default."""
    nodes = [_node(node, pipeline) for node in pipeline.jobs]
    return {
        "display_name": pipeline.display_name,
        "description": pipeline.description,
        "experiment_name": pipeline.experiment_name,
        "tags": pipeline.tags,
        "inputs": pipeline.inputs,
        "default_compute": pipeline.default_compute,
        "default_datastore": pipeline.default_datastore,
        "jobs": nodes,
    }


def _node(node: Node, pipeline: Pipeline) -> dict[str, Any]:
    values: dict[str, Any] = {field.name: getattr(node, field.name) for field in fields(node)}
    return {
        **values,
        "sweep": isinstance(node, SweepNode),
        "file": _seen(node.component.file, pipeline.file),
        "compute": None if node.compute == pipeline.default_compute else node.compute,
        "resources": _resources(node),
    }


def _seen(file: str, other: str) -> str:
    """A file as another one names it."""
    path = posixpath.relpath(file, posixpath.dirname(other) or ".")
    return path if path.startswith("..") else f"./{path}"


def _resources(node: Node) -> dict[str, Any]:
    count = {"instance_count": node.instance_count} if node.instance_count != 1 else {}
    return {**count, **({"shm_size": node.shm_size} if node.shm_size else {})}


def _components(pipelines: tuple[Pipeline, ...]) -> Iterator[Component]:
    for pipeline in pipelines:
        for node in pipeline.jobs:
            yield node.component
