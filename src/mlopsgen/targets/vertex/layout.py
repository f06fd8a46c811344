"""Which file is printed by which template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from mlopsgen.render.job import Copy, FileJob, patched
from mlopsgen.render.tokens import ImageRef, Name, RelPath, Token
from mlopsgen.targets.image import image_files
from mlopsgen.targets.ir.shown import shown
from mlopsgen.targets.vertex.image import USER
from mlopsgen.targets.vertex.native import Guide, Infrastructure, Native


class GcsUri(Token):
    """An address in Cloud Storage that a command line takes as one plain word."""

    __slots__ = ()
    pattern: ClassVar[str] = r"gs://[a-z0-9._-]+/[A-Za-z0-9._/-]+"
    noun: ClassVar[str] = "Cloud Storage address"


class Url(Token):
    """An address that a request is sent to, as one plain word."""

    __slots__ = ()
    pattern: ClassVar[str] = r"https://[a-z0-9.-]+/[A-Za-z0-9._/@:-]+"
    noun: ClassVar[str] = "address"


def layout(native: Native) -> Sequence[FileJob | Copy]:
    """The bundle, file by file."""
    return patched(_jobs(native), native.patches)


def _jobs(native: Native) -> Iterator[FileJob | Copy]:
    yield FileJob("pipeline.yaml", "_shared/ir/pipeline.yaml.j2", {"pipeline": shown(native.pipeline)})
    yield FileJob("requests/pipeline-job.json", "requests/pipeline-job.json.j2", {"job": native.job})
    for schedule in native.schedules:
        path = f"requests/schedule-{schedule.trigger}.json"
        yield FileJob(path, "requests/schedule.json.j2", {"schedule": schedule})
    for watch in native.watches:
        yield FileJob(f"infra/{watch.trigger}.yaml", "infra/new-data.yaml.j2", {"watch": watch})
    yield FileJob("infra/main.tf.json", "infra/main.tf.json.j2", _infra(native.infrastructure))
    if native.uploads:
        yield FileJob("uploads.json", "uploads.json.j2", {"uploads": native.uploads})
    yield FileJob("README.md", "README.md.j2", {"guide": _guide(native.guide), "changes": native.guide.changes})
    yield from image_files(native.image, user=USER, extra=native.requirements)


def _infra(infra: Infrastructure) -> dict[str, object]:
    """Resources by their kinds, in the order that they were made in."""
    resources = tuple(
        {"kind": kind, "bodies": tuple({"name": name, "body": body} for name, body in bodies.items())}
        for kind, bodies in infra.resources.items()
    )
    return {"infra": infra, "resources": resources}


def _guide(guide: Guide) -> dict[str, object]:
    """The README's values: words of a command line are proved to be plain words."""
    return {
        "product": Name(guide.product),
        "description": guide.description,
        "project": Name(guide.project),
        "region": Name(guide.region),
        "bucket": Name(guide.bucket),
        "makes_bucket": guide.makes_bucket,
        "images": ImageRef(guide.images),
        "image": ImageRef(guide.image),
        "built": guide.built,
        "urls": {name: Url(url) for name, url in guide.urls.items()},
        "tag": Name(guide.tag),
        "model": guide.model and Name(guide.model),
        "manual": guide.manual,
        "experiment": guide.experiment and Name(guide.experiment),
        "required": tuple(Name(name) for name in guide.required),
        "folders": tuple({"path": RelPath(c.path), "uri": GcsUri(c.uri), "recursive": c.folder} for c in guide.folders),
        "uploads": guide.uploads,
        "schedules": tuple(RelPath(f"requests/schedule-{name}.json") for name in guide.schedules),
        "watches": tuple(RelPath(f"infra/{name}.yaml") for name in guide.watches),
        "retention_days": guide.retention_days,
        "encrypted": guide.encrypted,
    }
