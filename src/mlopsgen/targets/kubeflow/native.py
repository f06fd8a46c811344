"""The whole bundle before anything is printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from mlopsgen.plan.steps import Image
from mlopsgen.records import dataclass
from mlopsgen.render.job import Patch
from mlopsgen.render.tokens import ImageRef, Name, Quoted, RelPath, Token
from mlopsgen.targets.ir.native import Pipeline
from mlopsgen.targets.kubeflow.cluster import Around
from mlopsgen.targets.kubeflow.pods import Object
from mlopsgen.targets.readme import Changes, FolderUri, RunSetting, SpecFolder
from mlopsgen.targets.uploads import Upload


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
class Copier:
    """A pod that files are copied to a volume with."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    image: str
    pull_secrets: tuple[Mapping[str, str], ...]
    claim: str
    path: str
    security: Mapping[str, Any]
    confined: Mapping[str, Any]


class Address(Token):
    """An address that a command line takes as one plain word."""

    __slots__ = ()
    pattern: ClassVar[str] = r"(?:https?|s3|minio|gs|pvc)://[A-Za-z0-9._:/~-]+"
    noun: ClassVar[str] = "address"


class Zone(Token):
    """A time zone's name."""

    __slots__ = ()
    pattern: ClassVar[str] = r"[A-Za-z][A-Za-z0-9_+/-]*"
    noun: ClassVar[str] = "time zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A source beside the spec, and the address that it is copied to, also as the AWS CLI takes it."""

    path: Quoted
    uri: Address
    s3: Address
    folder: bool
    parent: Quoted | None
    """The folder that it lies in; None: the spec's own."""
    name: Quoted
    on_volume: RelPath | None
    """Its folder on a volume, below the one that volumes are mounted in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """The sources beside the spec."""

    copied: tuple[Copied, ...]
    spec_folder: SpecFolder
    only_listed: bool
    """Whether there are others, which `uploads.json` alone has: no command line can name them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """The Service of a store inside the cluster, which a command line reaches by a port of its own machine."""

    service: Name
    namespace: Name
    port: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreKeys:
    """The Secret that a command line takes the store's keys from."""

    secret: Name
    access: Quoted
    """Its keys, as JSONPath names them."""
    hidden: Quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How a command line reaches an S3-compatible store."""

    store: Address
    forward: Forward | None
    keys: StoreKeys | None
    region: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """The storage, where commands of the README copy to it."""

    command_line: str
    """What people call the program."""
    reach: Reach | None
    """How it gets there, where the store is not the cloud's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededSecret:
    """A Secret that has to be in the namespace, and the keys that are read of it."""

    name: Name
    keys: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A part of Kubeflow: the release that the bundle was made for, and the first one that knows all of it."""

    title: str
    stated: str
    least: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long runs are kept, and the prefix of their files in the bucket; None: the installation's own."""

    days: int
    prefix: RelPath | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A batch deployment as the README's commands name it."""

    name: Name
    file: RelPath
    """Its pipeline."""
    pipeline: Name
    output: FolderUri | str
    """Where its predictions go."""
    overwrite: bool
    clock: bool
    parameters: tuple[RunSetting, ...]
    timed: bool
    """Whether a person may give it another time."""
    elsewhere: bool
    """Whether it writes to a folder of a volume that is not the product's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What the README says of this product: words of a command line are proved to be plain words."""

    product: Name
    environment: Name | None
    description: str
    namespace: Name
    endpoint: Address
    account: Name
    experiment: Name
    image: ImageRef
    built: bool
    parameters: tuple[RunSetting, ...]
    scorings: tuple[Scored, ...] = ()
    own_rights: bool
    """Whether the spec says nothing of how pods reach the storage, which is none of the installation's own."""
    uploads: Uploads | None
    """None: no source lies beside the spec."""
    bucket: Bucket | None
    shared: bool
    """Whether the namespace is one of several users', which Kubeflow lets in by its labels."""
    storage: Address
    storage_s3: Address
    """The same as the AWS CLI takes it."""
    scheme: Mapping[str, bool]
    """Which kind of storage it is, by the start of its address."""
    claim: Name | None
    makes_claim: bool
    needs_claim: bool
    volumes: tuple[Name, ...] = ()
    """Further claims that steps and deployments mount, which have to be there."""
    upload: Name
    """The pod that data is copied with."""
    on_volume: RelPath | None
    """The product's folder on a volume, below the one that volumes are mounted in."""
    registry: Mapping[str, bool]
    """Which registry it is."""
    registry_url: Address | None
    model: Name | None
    approval: bool
    retention: Retention | None
    makes_objects: bool
    timezone: Zone
    private: bool
    secrets: tuple[NeededSecret, ...]
    pull_secrets: tuple[Name, ...]
    versions: tuple[Release, ...]
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeflowNative:
    """The whole bundle."""

    pipelines: Mapping[str, Pipeline]
    """The product's own and those of its batch deployments, by their files."""
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
