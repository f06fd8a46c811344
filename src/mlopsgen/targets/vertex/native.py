"""The whole bundle before anything is printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from mlopsgen.plan.steps import Image
from mlopsgen.records import dataclass
from mlopsgen.render.job import Patch
from mlopsgen.render.tokens import ImageRef, Name, Quoted, RelPath, Token
from mlopsgen.targets.ir.native import Pipeline
from mlopsgen.targets.readme import Changes, FolderUri, RunSetting, SpecFolder
from mlopsgen.targets.uploads import Upload


def literal(text: str) -> str:
    """Text as it is: Terraform evaluates `${…}` and `%{…}` in every string of a file."""
    return re.sub(r"([$%])\{", r"\1\1{", text)


def reference(path: str) -> str:
    """A value that Terraform finds out."""
    return f"${{{path}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineJob:
    """A run, as CreatePipelineJob takes it."""

    display_name: str
    labels: Mapping[str, str]
    root: str
    failure_policy: str | None
    """Whether what has not begun is left when a task fails."""
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
    required: Mapping[str, Mapping[str, str]]
    """Providers, with the versions that were looked at."""
    providers: Mapping[str, Mapping[str, Any]]
    """How each of them is set up."""
    data: Mapping[str, Mapping[str, Any]]
    resources: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, Any]


class GcsUri(Token):
    """An address in Cloud Storage that a command line takes as one plain word."""

    __slots__ = ()
    pattern: ClassVar[str] = r"gs://[a-z0-9._-]+/[A-Za-z0-9._/-]+"
    noun: ClassVar[str] = "Cloud Storage address"


class Url(Token):
    """An address that a request is sent to, as one plain word."""

    __slots__ = ()
    pattern: ClassVar[str] = r"https://[a-z0-9.-]+/[A-Za-z0-9._/@:-]+"
    noun: ClassVar[str] = "address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A source beside the spec, and the prefix that it is copied to."""

    path: Quoted
    uri: GcsUri
    recursive: bool


class Email(Token):
    """The address of an account."""

    __slots__ = ()
    pattern: ClassVar[str] = r"[a-z0-9-]+@[a-z0-9.-]+"
    noun: ClassVar[str] = "e-mail address"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that an account which exists needs, without `roles/`, and on what."""

    role: Name
    what: str
    name: RelPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What an account that exists has to be allowed: Terraform gives it nothing."""

    account: Email
    foreign: bool
    """Whether its project is another one."""
    permissions: tuple[Name, ...]
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Peering:
    """A network that jobs are peered with, and the number of its project."""

    network: Name
    project: Name


@dataclass(frozen=True, slots=True)
class Clock:
    """The request of a schedule, and the name that the schedule is found by."""

    path: RelPath
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A batch deployment as the README's commands name it."""

    name: Name
    file: RelPath
    """Its pipeline."""
    request: RelPath
    tag: Name
    output: FolderUri | str
    """Where its predictions go."""
    overwrite: bool
    clock: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunParameters:
    """What a run may be given."""

    parameters: tuple[RunSetting, ...]
    values: Quoted
    """Values of some parameters, as JSON: of all that have to be given, else of one."""
    required: bool
    """Whether a run has to be given something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What the README says of this product: words of a command line are proved to be plain words."""

    product: Name
    environment: Name | None
    description: str
    project: Name
    region: Name
    bucket: Name
    makes_bucket: bool
    images: ImageRef
    image: ImageRef
    built: bool
    urls: Mapping[str, Url]
    """What requests are sent to."""
    tag: Name
    model: Name | None
    manual: bool
    experiment: Name | None
    run: RunParameters
    spec_folder: SpecFolder
    folders: tuple[Copied, ...]
    datasets: tuple[RelPath, ...]
    """Project and dataset of tables that are extracted."""
    uploads: bool
    only_listed: bool
    """Whether a source stands in `uploads.json` alone: no command line can name it."""
    schedules: tuple[Clock, ...]
    scorings: tuple[Scored, ...]
    watches: tuple[RelPath, ...]
    retention_days: int | None
    encrypted: bool
    needs: Needs | None
    peering: Peering | None
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class VertexNative:
    """A bundle."""

    pipeline: Pipeline
    job: PipelineJob
    schedules: tuple[Schedule, ...]
    watches: tuple[Watch, ...]
    scorings: Mapping[str, tuple[Pipeline, PipelineJob]]
    """Batch deployments, by the files of their pipelines."""
    infrastructure: Infrastructure
    uploads: tuple[Upload, ...]
    guide: Guide
    image: Image
    requirements: tuple[str, ...]
    """What the image needs for this platform alone."""
    patches: tuple[Patch, ...]
