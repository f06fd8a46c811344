"""Rules for images and secrets of any file of a bundle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents import Document, Path
from mlopsgen.targets.documents.dockerfiles import judge_dockerfile
from mlopsgen.targets.documents.secrets import judge_secrets
from mlopsgen.targets.ir.judge.folder import Folder
from mlopsgen.targets.ir.judge.program import Program
from mlopsgen.targets.rules import rule

_NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REGISTRY = r"(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)(?::\d+)?"
_IMAGE = re.compile(
    rf"(?:(?P<registry>{_REGISTRY})/)?(?P<name>{_NAME}(?:/{_NAME})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>.+))?"
)
BY_THE_BACKEND = "argostub/"
"""Images that are never pulled: kfp's backend does what they stand for."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@rule("ir-images", "a moving tag runs other code tomorrow; distribution, reference grammar")
def pinned(p: Program) -> Iterator[Diagnostic]:
    """An image is named by digest, or by a tag that means one thing."""
    for _, path, container in p.containers():
        yield from image(p.document, (*path, "image"), container.get("image"))


def image(document: Document, path: Path, name: Any) -> Iterator[Diagnostic]:
    """What is wrong with the name of an image."""
    if not isinstance(name, str) or "{{$" in name or "${" in name or name.startswith(BY_THE_BACKEND):
        return
    match = _IMAGE.fullmatch(name)
    if match is None:
        yield document.finding("MG433", f"`{name}` names no image", path)
    elif match["digest"] is not None and not _DIGEST.fullmatch(match["digest"]):
        yield document.finding("MG433", f"`{match['digest']}` is no digest", path)
    elif match["digest"] is None and match["tag"] in (None, "latest"):
        message = f"`{name}` is not pinned: name its digest, or a tag of its own"
        yield document.finding("MG445", message, path)


@rule("dockerfile", "hadolint DL3006, DL3007 and DL3002; Kubernetes, runAsNonRoot")
def dockerfile(folder: Folder) -> Iterator[Diagnostic]:
    """A Dockerfile starts from a pinned base, and its container is not root."""
    for document in folder.dockerfiles:
        yield from judge_dockerfile(document, why_not_root="the container runs as root: name another user")


@rule("secrets", "every field of a run, a manifest or a plan can be read by whoever may look at it")
def secrets(folder: Folder) -> Iterator[Diagnostic]:
    """No key, token or password stands in a file."""
    yield from judge_secrets((*folder.documents, *folder.dockerfiles), kept_in="the platform")
