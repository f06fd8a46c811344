"""Which file is printed by which template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, ClassVar

from mlopsgen.render.job import Copy, FileJob, patched
from mlopsgen.render.tokens import Name, RelPath, Token
from mlopsgen.targets.azureml.image import USER
from mlopsgen.targets.azureml.native import Component, Native, Node, Pipeline, SweepNode
from mlopsgen.targets.azureml.told import Guide
from mlopsgen.targets.image import image_files


class Assigned(Token):
    """A setting of a job and its value, as `--set` takes them."""

    __slots__ = ()
    pattern: ClassVar[str] = r"[A-Za-z0-9_.]+=[A-Za-z0-9_.:/@-]+"
    noun: ClassVar[str] = "setting of a job"


def layout(native: Native) -> Sequence[FileJob | Copy]:
    """The bundle, file by file."""
    return patched(_jobs(native), native.patches)


def _jobs(native: Native) -> Iterator[FileJob | Copy]:
    pipelines = (native.pipeline, *((native.exit_handler,) if native.exit_handler else ()))
    for pipeline in pipelines:
        yield FileJob(pipeline.file, "pipeline.yml.j2", {"pipeline": _shown(pipeline)})
    for component in _components(pipelines):
        yield FileJob(component.file, "component.yml.j2", {"component": component})
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
        yield FileJob("uploads.json", "uploads.json.j2", {"uploads": native.uploads})
    yield FileJob("README.md", "README.md.j2", {"guide": _guide(native.guide), "changes": native.guide.changes})
    yield from image_files(native.image, user=USER, extra=native.requirements)


def _shown(pipeline: Pipeline) -> dict[str, Any]:
    """The pipeline, its nodes without the compute that is the default."""
    nodes = [_node(node, pipeline.default_compute) for node in pipeline.jobs]
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


def _node(node: Node, default: str) -> dict[str, Any]:
    shown: dict[str, Any] = {field.name: getattr(node, field.name) for field in fields(node)}
    return {
        **shown,
        "sweep": isinstance(node, SweepNode),
        "file": f"./{node.component.file}",
        "compute": None if node.compute == default else node.compute,
        "instance_count": node.instance_count if node.instance_count != 1 else None,
    }


def _components(pipelines: tuple[Pipeline, ...]) -> Iterator[Component]:
    for pipeline in pipelines:
        for node in pipeline.jobs:
            yield node.component


def _guide(guide: Guide) -> dict[str, object]:
    """The README's values: words of a command line are proved to be plain words."""
    return {
        "product": Name(guide.product),
        "description": guide.description,
        "subscription": Name(guide.subscription),
        "resource_group": Name(guide.resource_group),
        "workspace": Name(guide.workspace),
        "datastore": Name(guide.datastore),
        "built": guide.built,
        "required": tuple(Name(name) for name in guide.required),
        "uploads": tuple(
            {"path": RelPath(c.path), "folder": c.folder, "place": RelPath(c.place), "name": c.name and RelPath(c.name)}
            for c in guide.uploads
        ),
        "data": tuple(RelPath(file) for file in guide.data),
        "computes": _named(guide.computes),
        "schedules": _named(guide.schedules),
        "kept": _named(guide.kept),
        "scheduled": bool(guide.schedules or guide.kept),
        "called": tuple(map(Name, guide.called)),
        "starts": Name(guide.starts),
        "roles": tuple(map(Name, guide.roles)),
        "flows": tuple(map(Name, guide.flows)),
        "events": guide.events,
        "asks_store": guide.asks_store,
        "identity": Name(guide.identity),
        "exit_handler": guide.exit_handler,
        "model": guide.model and Name(guide.model),
        "fixed": tuple({"name": Name(name), "assigned": Assigned(assigned)} for name, assigned in guide.fixed),
        "retention_days": guide.retention_days,
    }


def _named(pairs: tuple[tuple[str, str], ...]) -> tuple[dict[str, str], ...]:
    return tuple({"file": RelPath(file), "name": Name(name)} for file, name in pairs)
