"""The limits that Kubernetes, Argo and Katib set, each with its source, and the names and labels that keep them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mlopsgen.plan.steps import Plan

LABEL_LENGTH: Final = 63
"""Characters of a label's value and of the name part of its key
(kubernetes.io/docs/concepts/overview/working-with-objects/labels)."""
PREFIX_LENGTH: Final = 253
"""Characters of the prefix of a label's key (the same page)."""
OBJECT_NAME: Final = 253
"""Characters of most objects' names (kubernetes.io/docs/concepts/overview/working-with-objects/names)."""
EXPERIMENT_STEM: Final = 31
"""Characters of an Experiment's name before its own ending of nine: trials, their jobs and their pods add up to 23
more, and a pod's name is a label's value of 63 in its Job (job-name)."""
TRAINJOB_STEM: Final = 33
"""The same for a TrainJob, whose pods are called `<name>-node-0-0-xxxxx` and are host names of at most 63."""
ARGUMENTS: Final = 131_072
"""Bytes of one word of a command: Linux's MAX_ARG_STRLEN."""
ANNOTATIONS_BYTES: Final = 262_144
"""Bytes of all annotations of an object (kubernetes.io/docs/concepts/overview/working-with-objects/annotations)."""
CRON_FIELDS: Final = 6
"""Fields of a schedule of Kubeflow Pipelines: seconds come first (robfig/cron v1)."""

LABEL_KEY = re.compile(
    r"(?:(?=.{1,253}/)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*/)?"
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
)
LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")

PART_OF = "app.kubernetes.io/part-of"
MANAGED_BY = "app.kubernetes.io/managed-by"
INJECT = "sidecar.istio.io/inject"
"""A mesh's proxy never ends, so a pod that should end has none."""


def stem(product: str, step: str, longest: int) -> str:
    """A name's fixed part: the product and the step, as much of both as there is room for."""
    whole = f"{product}-{step}"
    if len(whole) <= longest:
        return whole
    room = max(longest - len(step) - 1, longest // 2)
    return f"{product[:room].rstrip('-')}-{step}"[:longest].rstrip("-")


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
