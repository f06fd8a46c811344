"""The parts of a plan beside its steps: run parameters, sources, the image, triggers, facts of the whole product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from mlopsgen.diagnostics import Span, SpecPath
from mlopsgen.lock import Lock
from mlopsgen.plan.values import Scalar
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref, Text

_NO_LOCK = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunParameter:
    """A value that a run may change."""

    name: str
    type: Literal["string", "integer", "number", "boolean", "list"]
    required: bool
    """No default: it must be given at start."""
    default: Scalar | tuple[Scalar, ...] = None
    """None with required=False: optional, its flag is left out."""
    values: tuple[Scalar, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    description: str = ""
    origin: SpecPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalData:
    """A source that lies beside the spec; submit uploads it under its digest."""

    path: str
    """Relative to the spec's folder, with forward slashes."""
    digest: str
    """sha256 over the files, hex."""
    files: tuple[str, ...]
    """Names relative to `path`'s folder, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A data source and where it is: beside the spec, or a URI (which may hold run parameters)."""

    name: str
    uri: str | Text | Ref
    local: LocalData | None
    format: Literal["csv", "parquet", "jsonl", "files"]
    version: str | None
    distribution: Literal["replicated", "sharded"]
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The image that every step of the product runs in."""

    prebuilt: str | None
    """An image that exists already: nothing is built."""
    base: str
    python: str
    files: tuple[tuple[str, bytes], ...] = field(repr=False, default=())
    """The user's code: path under the application folder → content, sorted."""
    requirements: tuple[str, ...] = ()
    """The user's own, line by line."""
    runtime_commands: tuple[str, ...] = ()
    """Which of the runtime's commands the plan uses: decides its requirements."""
    contract: bytes | None = field(repr=False, default=None)
    """contract.json, when the data section has one."""
    written: Mapping[str, Span | None] = field(repr=False, default_factory=dict)
    """Requirement → where the user wrote it, in a file beside the spec."""
    imports: Mapping[str, Span] = field(repr=False, default_factory=dict)
    """Module that is no part of Python or of the code → where a script imports it; none on a base of the user's own."""
    lock: Lock = field(repr=False, default=_NO_LOCK)
    """The packages that requirements come to, and pushed images, as far as they are locked."""
    origin: SpecPath = ("code",)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSchedule:
    """Starts training by the clock."""

    name: str
    cron: str
    """Five fields."""
    timezone: str
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNewData:
    """Starts training when files arrive at a source."""

    name: str
    source: str
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class OnInvoke:
    """Lets another system start training."""

    name: str
    origin: SpecPath


Trigger: TypeAlias = OnSchedule | OnNewData | OnInvoke


@dataclass(frozen=True, slots=True, kw_only=True)
class Governance:
    """Who may, where it stays, and how it is locked."""

    encryption_key: str | None = None
    private_network: bool = False
    retention: int | None = None
    """Seconds."""
    lineage: bool = False
    audit: bool = False
    deploy: tuple[str, ...] = ()
    invoke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """Where runs are recorded."""

    experiment: str
    mlflow: str | None = None
    """A tracking URI; None is the target's own."""
