"""What the README says of a product, each word of a command line proved to be a plain one."""

from __future__ import annotations

from typing import ClassVar

from mlopsgen.records import dataclass
from mlopsgen.render.tokens import ImageRef, Name, Quoted, RelPath, Token
from mlopsgen.targets.readme import Changes, FolderUri, RunSetting, SpecFolder


class S3Uri(Token):
    """An address in S3 that a command line takes as one plain word."""

    __slots__ = ()
    pattern: ClassVar[str] = r"s3://[a-z0-9.-]+/[A-Za-z0-9._/-]+"
    noun: ClassVar[str] = "S3 address"


class KeyId(Token):
    """A key of KMS that a command line takes as one plain word."""

    __slots__ = ()
    pattern: ClassVar[str] = r"[A-Za-z0-9][A-Za-z0-9:/_-]*"
    noun: ClassVar[str] = "key of KMS"


class Override(Token):
    """A parameter of the stack that is the digest of a file."""

    __slots__ = ()
    pattern: ClassVar[str] = r"[A-Za-z0-9]+=\$\(sha256 [a-z0-9/.-]+\)"
    noun: ClassVar[str] = "parameter of a stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A source beside the spec, and the prefix of S3 that it is copied to."""

    path: Quoted
    uri: S3Uri
    recursive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A schedule's name, and when it starts a run."""

    name: Name
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A batch deployment as the README's commands name it."""

    name: Name
    pipeline: Name
    file: RelPath
    parameter: Name
    """Of the stack, for the digest of its definition."""
    override: Override
    output: FolderUri | str
    """Where its predictions go."""
    overwrite: bool
    clock: bool


class VersionArn(Token):
    """The ARN of a registered version."""

    __slots__ = ()
    pattern: ClassVar[str] = r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package/[A-Za-z0-9-]+/[A-Za-z0-9.-]+"
    noun: ClassVar[str] = "version"


class RoleName(Token):
    """The ARN of a role that a command line takes as one plain word."""

    __slots__ = ()
    pattern: ClassVar[str] = r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+"
    noun: ClassVar[str] = "role"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """A real-time deployment as the README's commands name it."""

    name: Name
    endpoint: Name
    """And its stack."""
    folder: RelPath
    project: Name
    group: Name
    version: VersionArn | None
    """The one that it is pinned to."""
    automatic: bool
    """Whether an approval rolls a version out."""
    role: RoleName
    """CloudFormation's."""
    policy: Name
    queued: bool
    public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What the README says of this product: words of a command line are proved to be plain words."""

    product: Name
    environment: Name | None
    region: Name
    bucket: Name
    registry: ImageRef
    built: bool
    """Whether the bundle has an image to build."""
    image_name: RelPath
    """The repository that it is pushed to, the stack's or one that exists."""
    image_tag: Name
    repository: RelPath | None
    """The repository that the stack makes."""
    group: Name | None
    description: str
    parameters: tuple[RunSetting, ...]
    lists: bool
    """Whether a parameter is a list."""
    optional: Name | None
    """A parameter that may have no value."""
    schedules: tuple[Clock, ...]
    spec_folder: SpecFolder
    folders: tuple[Copied, ...]
    """Sources that a command line can name."""
    uploads: bool
    only_listed: bool
    """Whether there are others, which `uploads.json` alone has."""
    key: KeyId | None
    """What the data that is uploaded is encrypted with."""
    exit_handler: bool
    batches: tuple[Scored, ...]
    lives: tuple[Lived, ...]
    waits: bool
    """Whether somebody has to approve versions."""
    network: bool
    services: tuple[Name, ...]
    """What jobs call themselves, as interface endpoints name it."""
    clustered: bool
    """Whether a job has several machines."""
    new_data_buckets: tuple[Name, ...]
    retention_days: int | None
    log_days: int
    policies: tuple[Name, ...]
    """Policies that somebody may have attached to roles of their own."""
    left_over: str
    """What a deleted stack leaves, in words; empty where it leaves nothing that a new one would make."""
    changes: Changes
