"""The whole bundle before anything is printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlopsgen.plan.steps import Image
from mlopsgen.records import dataclass
from mlopsgen.render.job import Patch
from mlopsgen.targets.ir.native import Pipeline
from mlopsgen.targets.kubeflow.cluster import Around
from mlopsgen.targets.kubeflow.made import Object


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringRun:
    """A schedule of Kubeflow Pipelines, as its API takes it."""

    trigger: str
    name: str
    description: str
    namespace: str
    service_account: str
    cron: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """How Kubeflow Pipelines finds the store: an entry of its ConfigMap `kfp-launcher`."""

    namespace: str
    root: str
    scheme: str
    endpoint: str | None
    plain: bool
    """Without encryption on the way."""
    region: str | None
    secret: Mapping[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file beside the spec, and where a submit puts it."""

    path: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Copier:
    """A pod that files are copied to a volume with."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    image: str
    pull_secrets: tuple[Mapping[str, str], ...]
    claim: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededSecret:
    """A Secret that has to be in the namespace, and the keys that are read of it."""

    name: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What the README needs to spell its commands."""

    product: str
    description: str
    namespace: str
    endpoint: str
    account: str
    experiment: str
    image: str
    built: bool
    required: tuple[str, ...]
    copied: tuple[Mapping[str, Any], ...]
    """Sources that are plain enough for a command line."""
    uploads: bool
    endpoint_flag: str | None
    """The address of an S3-compatible store."""
    storage: str
    claim: str | None
    makes_claim: bool
    registry: str
    registry_url: str | None
    model: str | None
    approval: bool
    retention_days: int | None
    makes_objects: bool
    timezone: str
    private: bool
    secrets: tuple[NeededSecret, ...]
    pull_secrets: tuple[str, ...]
    changes: tuple[Mapping[str, str], ...]
    """What the user changed in the emitted files: the file, and the place in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Native:
    """The whole bundle."""

    pipeline: Pipeline
    around: Around
    objects: tuple[Object, ...]
    recurring: tuple[RecurringRun, ...]
    provider: Provider | None
    uploads: tuple[Upload, ...]
    copier: Copier | None
    guide: Guide
    image: Image
    requirements: tuple[str, ...]
    patches: tuple[Patch, ...]
