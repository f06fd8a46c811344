"""Which file is printed by which template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlopsgen.render.job import Copy, FileJob, patched
from mlopsgen.targets.image import image_files
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.image import USER
from mlopsgen.targets.sagemaker.native import SageMakerNative
from mlopsgen.targets.sagemaker.template_values import definition_values


def layout(native: SageMakerNative) -> Sequence[FileJob | Copy]:
    """The bundle, file by file."""
    return patched(_jobs(native), native.patches)


def _jobs(native: SageMakerNative) -> Iterator[FileJob | Copy]:
    definition = {"definition": definition_values(native.definition)}
    yield FileJob("pipeline.json", "pipeline.json.j2", definition, longest=names.DEFINITION)
    if native.exit_handler is not None:
        handler = {"definition": definition_values(native.exit_handler)}
        yield FileJob("exit-handler.json", "pipeline.json.j2", handler, longest=names.DEFINITION)
    for path, batch in native.batches.items():
        yield FileJob(path, "pipeline.json.j2", {"definition": definition_values(batch)}, longest=names.DEFINITION)
    for path, endpoint in native.endpoints.items():
        yield FileJob(path, "serving.yaml.j2", {"endpoint": endpoint}, longest=names.TEMPLATE_BODY)
    yield from native.rollouts
    yield FileJob("stack.yaml", "stack.yaml.j2", {"stack": native.stack})
    if native.uploads:
        yield FileJob("uploads.json", "_shared/uploads.json.j2", {"uploads": native.uploads})
    yield FileJob("README.md", "README.md.j2", {"guide": native.guide})
    yield from image_files(native.image, user=USER, extra=native.requirements, gpu=native.gpu)
