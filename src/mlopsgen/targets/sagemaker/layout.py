"""Which file is printed by which template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from mlopsgen.render.job import Copy, FileJob, patched
from mlopsgen.render.tokens import ImageRef, Name, RelPath, Token
from mlopsgen.targets.image import image_files
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.image import USER
from mlopsgen.targets.sagemaker.native import Native
from mlopsgen.targets.sagemaker.resources import Guide
from mlopsgen.targets.sagemaker.show import shown


class S3Uri(Token):
    """An address in S3 that a command line takes as one plain word."""

    __slots__ = ()
    pattern: ClassVar[str] = r"s3://[a-z0-9.-]+/[A-Za-z0-9._/-]+"
    noun: ClassVar[str] = "S3 address"


def layout(native: Native) -> Sequence[FileJob | Copy]:
    """The bundle, file by file."""
    return patched(_jobs(native), native.patches)


def _jobs(native: Native) -> Iterator[FileJob | Copy]:
    definition = {"definition": shown(native.definition)}
    yield FileJob("pipeline.json", "pipeline.json.j2", definition, longest=names.DEFINITION)
    if native.exit_handler is not None:
        handler = {"definition": shown(native.exit_handler)}
        yield FileJob("exit-handler.json", "pipeline.json.j2", handler, longest=names.DEFINITION)
    yield FileJob("stack.yaml", "stack.yaml.j2", {"stack": native.stack})
    if native.uploads:
        yield FileJob("uploads.json", "uploads.json.j2", {"uploads": native.uploads})
    yield FileJob("README.md", "README.md.j2", {"guide": _guide(native.guide), "changes": native.guide.changes})
    yield from image_files(native.image, user=USER, extra=native.requirements)


def _guide(guide: Guide) -> dict[str, object]:
    """The README's values: words of a command line are proved to be plain words."""
    return {
        "product": Name(guide.product),
        "region": Name(guide.region),
        "bucket": Name(guide.bucket),
        "registry": ImageRef(guide.registry),
        "image": ImageRef(guide.image),
        "built": guide.built,
        "repository": guide.repository and RelPath(guide.repository),
        "group": guide.group and Name(guide.group),
        "description": guide.description,
        "required": tuple(Name(name) for name in guide.required),
        "folders": tuple({"path": RelPath(c.path), "uri": S3Uri(c.uri), "recursive": c.folder} for c in guide.folders),
        "uploads": guide.uploads,
        "exit_handler": guide.exit_handler,
        "new_data_buckets": tuple(Name(bucket) for bucket in guide.new_data_buckets),
        "retention_days": guide.retention_days,
    }
