"""Rules that Vertex AI adds for IR documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.targets.documents import dig
from mlopsgen.targets.ir.judge.program import Program
from mlopsgen.targets.rules import rule
from mlopsgen.targets.vertex.judge.messages import ACCELERATORS

PIPELINES = "Vertex AI Pipelines, build a pipeline"
_ELSEWHERE = re.compile(r"\d{12}\.dkr\.ecr\..*|[a-z0-9]+\.azurecr\.io/.*")


@rule("vertex-images", PIPELINES + ": images are in Artifact Registry, or public")
def images(p: Program) -> Iterator[Diagnostic]:
    """Images are where Vertex AI pulls from."""
    for _, path, container in p.containers():
        name = container.get("image")
        if isinstance(name, str) and _ELSEWHERE.fullmatch(name):
            message = f"`{name}` is in a registry that Vertex AI has no way into"
            yield p.document.finding("MG433", message, (*path, "image"))


@rule("vertex-accelerators", PIPELINES + ", request machine resources")
def accelerators(p: Program) -> Iterator[Diagnostic]:
    """Accelerators have Google's names."""
    for _, path, container in p.containers():
        for key in ("type", "resourceType"):
            kind = dig(container, ("resources", "accelerator", key))
            if isinstance(kind, str) and "{{$" not in kind and kind not in ACCELERATORS:
                near = nearest(kind, ACCELERATORS)
                hint = f"did you mean `{near}`?" if near else None
                place = (*path, "resources", "accelerator", key)
                yield p.document.finding("MG433", f"Vertex AI has no accelerator `{kind}`", place, hint)


@rule("vertex-root", PIPELINES + ": artifacts lie in Cloud Storage")
def root(p: Program) -> Iterator[Diagnostic]:
    """Artifacts lie in Cloud Storage."""
    root_uri = p.data.get("defaultPipelineRoot")
    if isinstance(root_uri, str) and not root_uri.startswith(("gs://", "{{$")):
        yield p.document.finding("MG433", f"`{root_uri}` is not in Cloud Storage", ("defaultPipelineRoot",))
