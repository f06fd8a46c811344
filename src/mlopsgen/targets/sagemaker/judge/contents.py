"""Rules for what any file names: pinned images of one region, no secret, no service that has ended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents.dockerfiles import judge_dockerfile
from mlopsgen.targets.documents.document import Document, Path, walk
from mlopsgen.targets.documents.secrets import judge_secrets
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.definition import Definition
from mlopsgen.targets.sagemaker.judge.folder import Folder, regions
from mlopsgen.targets.sagemaker.judge.jobs import trainings
from mlopsgen.targets.sagemaker.judge.template import Template

_KEYS = ("ImageUri", "TrainingImage", "Image", "ResolvedImage")
_IMAGE = re.compile(
    r"(?P<registry>\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?|[^/@:]+\.[^/@]+)/"
    r"(?P<name>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>.+))?"
)
_ECR = re.compile(r"\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ROOT = "the container asks for root: leave USER out, or name another user"


def images(document: Document) -> Iterator[tuple[Path, str]]:
    """Every image that a definition or template names as plain text, with its place."""
    for path, value in walk(document.data):
        if isinstance(value, str) and path and path[-1] in _KEYS and "/Dimensions" not in value:
            yield path, value


@rule("pinned-images", "a moving tag runs other code tomorrow; ECR user guide, tag immutability")
def pinned(folder: Folder) -> Iterator[Diagnostic]:
    """An image is named by digest or by a tag that means one thing, in an ECR registry."""
    for document in (*folder.definitions, *folder.templates):
        for path, image in images(document):
            if "${" not in image:
                yield from _image(document, path, image)


def _image(document: Document, path: Path, image: str) -> Iterator[Diagnostic]:
    match = _IMAGE.fullmatch(image)
    if match is None:
        yield document.finding("MG433", f"`{image}` names no image of a registry that SageMaker reads", path)
        return
    tag, digest = match["tag"], match["digest"]
    if not _ECR.fullmatch(match["registry"]) and not _open_to_training(path):
        yield document.finding("MG433", f"`{match['registry']}` is not ECR: SageMaker pulls from there alone", path)
    if digest is not None and not _DIGEST.fullmatch(digest):
        yield document.finding("MG433", f"`{digest}` is no digest", path)
    elif digest is None and tag in (None, "latest"):
        yield document.finding("MG445", f"`{image}` is not pinned: name its digest, or a tag of its own", path)


def _open_to_training(path: Path) -> bool:
    """Training may pull from a private registry of its VPC: TrainingImageConfig."""
    return path[-1] == "TrainingImage"


@rule("one-region", "CreateTrainingJob API reference: the image lies in the region of the job")
def one_region(folder: Folder) -> Iterator[Diagnostic]:
    """Every image and ARN is of one region."""
    documents = (*folder.definitions, *folder.templates)
    named = Counter(region for d in documents for _, region in regions(d))
    if len(named) < 2:
        return
    home = named.most_common(1)[0][0]
    for document in documents:
        for path, region in regions(document):
            if region != home:
                message = f"this is of {region}, everything else of {home}"
                yield document.finding("MG433", message, path)


@rule("dockerfile", "hadolint DL3006, DL3007 and DL3002")
def dockerfile(folder: Folder) -> Iterator[Diagnostic]:
    """A Dockerfile starts from a pinned base and asks for no root where the service does not give it anyway.

    Without USER the service runs the container as root, which its mounted folders need; writing `USER root`
    out would do so everywhere else too.
    """
    for document in folder.dockerfiles:
        yield from judge_dockerfile(
            document, why_not_root="the container asks for root: leave USER out, or name another user"
        )


@rule("secrets", "developer guide, Pipelines: every field is shown by DescribePipeline")
def secrets(folder: Folder) -> Iterator[Diagnostic]:
    """No key, token or password stands in a definition, template or Dockerfile."""
    yield from judge_secrets((*folder.definitions, *folder.templates, *folder.dockerfiles), kept_in="Secrets Manager")


_DEBUGGER = ("DebugHookConfig", "DebugRuleConfigurations", "ProfilerRuleConfigurations")
_ENDED = {
    "AWS::SageMaker::DeviceFleet": "Edge Manager ended on 2024-04-26: Greengrass V2 carries models to devices",
    "AWS::SageMaker::Device": "Edge Manager ended on 2024-04-26: Greengrass V2 carries models to devices",
    "AWS::Greengrass::": "Greengrass V1 ended on 2026-10-07: use AWS::GreengrassV2",
}
_CLOSED = {
    "AWS::SageMaker::MonitoringSchedule": "Model Monitor",
    "AWS::SageMaker::DataQualityJobDefinition": "Model Monitor",
    "AWS::SageMaker::ModelQualityJobDefinition": "Model Monitor",
    "AWS::SageMaker::ModelBiasJobDefinition": "Model Monitor",
    "AWS::SageMaker::ModelExplainabilityJobDefinition": "Model Monitor",
}
_CLOSED_STEPS = {"QualityCheck": "Model Monitor"}


@rule("debugger", 'developer guide, "Debugger availability change": closed to new customers from 2026-07-30')
def debugger(d: Definition) -> Iterator[Diagnostic]:
    """Debugger is closed to new customers. `ProfilerConfig` stays: it also switches the profiler off."""
    for _, path, job in trainings(d):
        for key in _DEBUGGER:
            if job.get(key):
                message = f"`{key}` is Debugger's, which is closed to new customers"
                yield d.document.finding("MG443", message, (*path, key), severity=Severity.WARNING)


@rule("closed-steps", 'developer guide, "Model Monitor availability change": closed to new customers')
def closed_steps(d: Definition) -> Iterator[Diagnostic]:
    """Steps of a service that takes no new customers."""
    for step in d.of(*_CLOSED_STEPS):
        message = f"a {step.type} step runs {_CLOSED_STEPS[step.type]}, which is closed to new customers"
        yield d.document.finding("MG443", message, step.where("Type"), severity=Severity.WARNING)


@rule("ended", 'developer guide, "Edge Manager end of life"; Greengrass V1 maintenance policy')
def ended(t: Template) -> Iterator[Diagnostic]:
    """Resources of a service that has ended, or that takes no new customers."""
    for resource in t.resources:
        for prefix, message in _ENDED.items():
            if resource.type == prefix or (prefix.endswith("::") and resource.type.startswith(prefix)):
                yield t.document.finding("MG443", message, (*resource.path, "Type"))
        if resource.type in _CLOSED:
            message = f"{_CLOSED[resource.type]} is closed to new customers"
            yield t.document.finding("MG443", message, (*resource.path, "Type"), severity=Severity.WARNING)
