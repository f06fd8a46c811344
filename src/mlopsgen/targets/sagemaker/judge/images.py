"""Rules for images: pinned, in a registry that SageMaker reads, in the region of the pipeline."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.document import Document, Path, walk
from mlopsgen.targets.sagemaker.judge.folder import Folder
from mlopsgen.targets.sagemaker.judge.region import regions
from mlopsgen.targets.sagemaker.judge.rules import rule

_KEYS = ("ImageUri", "TrainingImage", "Image", "ResolvedImage")
_IMAGE = re.compile(
    r"(?P<registry>\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?|[^/@:]+\.[^/@]+)/"
    r"(?P<name>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>.+))?"
)
_ECR = re.compile(r"\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


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
    found = _IMAGE.fullmatch(image)
    if found is None:
        yield document.finding("MG433", f"`{image}` names no image of a registry that SageMaker reads", path)
        return
    tag, digest = found["tag"], found["digest"]
    if not _ECR.fullmatch(found["registry"]) and not _open_to_training(path):
        yield document.finding("MG433", f"`{found['registry']}` is not ECR: SageMaker pulls from there alone", path)
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
        lines = [(i, str(line).split()) for i, line in enumerate(document.data)]
        bases = [(i, words) for i, words in lines if words and words[0].upper() == "FROM"]
        users = [words[1] for _, words in lines if len(words) > 1 and words[0].upper() == "USER"]
        if not bases:
            yield document.finding("MG432", "a Dockerfile starts with FROM")
        yield from _bases(document, bases)
        if bases and users and users[-1].split(":")[0] in ("root", "0"):
            message = "the container asks for root: leave USER out, or name another user"
            yield document.finding("MG442", message, bases[-1][:1])


def _bases(document: Document, bases: Iterable[tuple[int, list[str]]]) -> Iterator[Diagnostic]:
    stages: set[Any] = set()
    for i, words in bases:
        plain = [w for w in words[1:] if not w.startswith("--")]
        base = plain[0] if plain else ""
        name, _, digest = base.partition("@")
        tag = name.rsplit("/", 1)[-1].partition(":")[2]
        if base not in stages and "$" not in base and base != "scratch" and not digest and tag in ("", "latest"):
            yield document.finding("MG445", f"the base `{base}` is not pinned", (i,))
        if len(plain) == 3 and plain[1].upper() == "AS":
            stages.add(plain[2])
