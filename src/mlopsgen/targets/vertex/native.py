"""The whole bundle before anything is printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlopsgen.plan.steps import Image
from mlopsgen.records import dataclass
from mlopsgen.render.job import Patch
from mlopsgen.targets.ir.native import Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineJob:
    """A run, as CreatePipelineJob takes it."""

    display_name: str
    labels: Mapping[str, str]
    root: str
    key: str | None
    account: str
    network: str | None
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A clock that makes runs, as CreateSchedule takes it."""

    trigger: str
    display_name: str
    cron: str
    """With its time zone in front."""
    parent: str
    job: PipelineJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A workflow that starts a run when objects arrive under a prefix."""

    trigger: str
    name: str
    bucket: str
    prefix: str
    endpoint: str
    job: PipelineJob


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """Everything around the pipeline, as Terraform has it: type → name → body."""

    locals: Mapping[str, Any]
    provider: Mapping[str, Any]
    data: Mapping[str, Mapping[str, Any]]
    resources: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file beside the spec, and where a submit puts it."""

    path: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A source beside the spec, and the prefix that it is copied to."""

    path: str
    uri: str
    folder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What the README needs to spell its commands."""

    product: str
    description: str
    project: str
    region: str
    bucket: str
    makes_bucket: bool
    images: str
    image: str
    built: bool
    urls: Mapping[str, str]
    """What requests are sent to."""
    tag: str
    model: str | None
    manual: bool
    experiment: str | None
    required: tuple[str, ...]
    folders: tuple[Copied, ...]
    uploads: bool
    schedules: tuple[str, ...]
    watches: tuple[str, ...]
    retention_days: int | None
    encrypted: bool
    changes: tuple[Mapping[str, str], ...]
    """What the user changed in the emitted files: the file, and the place in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Native:
    """A bundle."""

    pipeline: Pipeline
    job: PipelineJob
    schedules: tuple[Schedule, ...]
    watches: tuple[Watch, ...]
    infrastructure: Infrastructure
    uploads: tuple[Upload, ...]
    guide: Guide
    image: Image
    requirements: tuple[str, ...]
    """What the image needs for this platform alone."""
    patches: tuple[Patch, ...]
