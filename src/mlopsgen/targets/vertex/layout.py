"""Which file is printed by which template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mlopsgen.render.job import Copy, FileJob, patched
from mlopsgen.targets.image import image_files
from mlopsgen.targets.ir.template_values import pipeline_values
from mlopsgen.targets.vertex.image import USER
from mlopsgen.targets.vertex.native import Infrastructure, VertexNative


def layout(native: VertexNative) -> Sequence[FileJob | Copy]:
    """The bundle, file by file."""
    return patched(_jobs(native), native.patches)


def _jobs(native: VertexNative) -> Iterator[FileJob | Copy]:
    yield FileJob("pipeline.yaml", "_shared/ir/pipeline.yaml.j2", {"pipeline": pipeline_values(native.pipeline)})
    yield FileJob("requests/pipeline-job.json", "requests/pipeline-job.json.j2", {"job": native.job})
    for file, (pipeline, job) in native.scorings.items():
        yield FileJob(file, "_shared/ir/pipeline.yaml.j2", {"pipeline": pipeline_values(pipeline)})
        yield FileJob(request_of(file), "requests/pipeline-job.json.j2", {"job": job})
    for schedule in native.schedules:
        path = f"requests/schedule-{schedule.trigger}.json"
        yield FileJob(path, "requests/schedule.json.j2", {"schedule": schedule})
    for watch in native.watches:
        yield FileJob(f"infra/{watch.trigger}.yaml", "infra/new-data.yaml.j2", {"watch": watch})
    yield FileJob("infra/main.tf.json", "infra/main.tf.json.j2", _infra(native.infrastructure))
    if native.uploads:
        yield FileJob("uploads.json", "_shared/uploads.json.j2", {"uploads": native.uploads})
    yield FileJob("README.md", "README.md.j2", {"guide": native.guide})
    yield from image_files(native.image, user=USER, extra=native.requirements)


def request_of(file: str) -> str:
    """The request that starts the pipeline of a batch deployment."""
    return f"requests/deployment-{PurePosixPath(file).stem}.json"


def _infra(infra: Infrastructure) -> dict[str, object]:
    """Resources by their kinds, in the order that they were made in."""
    resources = tuple(
        {"kind": kind, "bodies": tuple({"name": name, "body": body} for name, body in bodies.items())}
        for kind, bodies in infra.resources.items()
    )
    return {"infra": infra, "resources": resources}
