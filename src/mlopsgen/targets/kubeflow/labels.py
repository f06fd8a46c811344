"""The product's labels and annotations: what the spec's tags are in Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.plan.steps import Plan
from mlopsgen.targets.kubeflow.names import INJECT, LABEL_KEY, LABEL_VALUE, MANAGED_BY, PART_OF

_OURS = "app.kubernetes.io"


def labels_of(plan: Plan) -> Iterator[tuple[str, str]]:
    """Which product something belongs to, and the tags that are short enough for labels."""
    yield PART_OF, plan.name
    yield MANAGED_BY, "mlopsgen"
    for key, value in plan.tags:
        if is_label(key, value):
            yield key, value


def annotations_of(plan: Plan) -> Iterator[tuple[str, str]]:
    """The owner, and the tags that no label can hold."""
    if plan.owner:
        yield "mlopsgen.dev/owner", plan.owner
    for key, value in plan.tags:
        if not is_label(key, value) and LABEL_KEY.fullmatch(key):
            yield key, value


def is_label(key: str, value: str) -> bool:
    """Whether Kubernetes takes a tag as a label."""
    return bool(LABEL_KEY.fullmatch(key) and LABEL_VALUE.fullmatch(value)) and not key.startswith(_OURS)


def pod_annotations() -> Iterator[tuple[str, str]]:
    """A mesh's proxy would keep a pod alive that has done its work."""
    yield INJECT, "false"
