"""What the rest of the runtime may ask of a store or a registry, whoever keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Stored:
    """A small file as it was read, with the mark that says whether it has changed since."""

    body: bytes | None
    mark: str


class Store(Protocol):
    """Small files that several runs may change at once."""

    def read(self, key: str) -> Stored:
        """The file's content now, None when there is none; `Denied` when the store does not say."""
        ...

    def write(self, key: str, body: bytes, seen: Stored) -> bool:
        """Replaces the file if nobody changed it since it was `seen`; False when somebody did."""
        ...


class Folder(Protocol):
    """Files below one address of a store, as a whole."""

    def get(self, into: Path) -> int:
        """Brings every file below the address into a folder, and says how many there were."""
        ...

    def put(self, folder: Path) -> None:
        """Puts every file of a folder below the address."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Where a warehouse writes the rows of a table to."""

    to: str
    """An address of a store: the files are `data-*.parquet` below it."""
    billed: str
    """The project, account or whatever the warehouse's job belongs to."""
    at: str | None = None
    """The moment whose rows are meant; None: now."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a store, as a list of them names it."""

    name: str
    """Below the address that was listed; empty where the address is this very file."""
    size: int
    mark: str
    """Says whether it has changed since."""


class Tree(Protocol):
    """The files below one address of a store, each by its name; every one appears whole."""

    def entries(self, under: str = "") -> Iterator[Entry]:
        """The files whose names start with this; where the address is a file, that file alone."""
        ...

    def span(self, entry: Entry, start: int, length: int) -> bytes:
        """A stretch of a file's bytes; refused when it is not the file that was listed."""
        ...

    def put(self, path: Path, name: str) -> None:
        """Puts a file here, or in the place of the one that has the name."""
        ...

    def move(self, name: str, to: str) -> None:
        """Gives a file another name, in the place of what has it."""
        ...

    def remove(self, name: str) -> None:
        """Removes a file; it may be gone already."""
        ...


@dataclass(frozen=True, slots=True)
class Version:
    """One registered version of a model."""

    name: str
    metrics: Mapping[str, float]


class Registry(Protocol):
    """The registered versions of one model."""

    def champion(self) -> Version | None:
        """The version in use, None when there is none yet."""
        ...

    def versions(self) -> tuple[Version, ...]:
        """Every registered version, the oldest first."""
        ...

    def fetch_model(self, version: Version, into: Path) -> None:
        """Puts the version's model files into an empty folder."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model that is to be registered, and all that is said of it."""

    model: Path
    """The folder with its files."""
    figures: tuple[Path, ...]
    """Folders of pictures."""
    about: Mapping[str, Any]
    """What version.json holds beside the number: `status`, `metrics`, `gate`, `lineage`, `card` and so on."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What one platform's registry keeps beside all that every registry does."""
    rolled_out: bool = False
    """Whether an approved version becomes the champion only when it has been rolled out."""

    @property
    def approved(self) -> bool:
        """Whether the version is the champion from now on."""
        return bool(self.about["status"] == "approved") and not self.rolled_out


@runtime_checkable
class Writable(Registry, Protocol):
    """A registry that the runtime itself adds versions to: where the platform has no step for that."""

    def register(self, new: Candidate) -> str:
        """Adds a version, whole or not at all, and makes it the champion when it is approved; gives its name."""
        ...


@runtime_checkable
class Recalling(Registry, Protocol):
    """A registry that knows what each version was registered with."""

    def abouts(self) -> Iterator[Mapping[str, Any]]:
        """Of every version, the oldest first: `version`, `status`, `model_digest`, `gate` and `lineage`."""
        ...


@runtime_checkable
class Promoting(Registry, Protocol):
    """A registry whose champion the runtime itself moves, when a rollout has ended well."""

    def status(self, version: str) -> str:
        """approved, pending or rejected; `Failed` where there is no such version."""
        ...

    def promote(self, version: str) -> None:
        """Makes a version the champion; it may be that already."""
        ...


@runtime_checkable
class Ordered(Registry, Protocol):
    """A registry that can tell which of two versions came later."""

    def newer(self, version: str, other: str) -> bool:
        """Whether a version was registered after another one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a deployment stands, as the platform itself tells."""

    live: str | None
    """The version that answers; None before the first."""
    coming: str | None = None
    """The version that a rollout brings, which has the requests of its step or none yet."""
    step: int = -1
    """The step that the rollout has begun; -1: none."""
    since: float = 0.0
    """When it began, in seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a platform measured of the coming version."""

    value: float | None
    """A share of failed requests, seconds, or a share in use; None: nothing was measured."""
    requests: int | None = None
    """How many were counted, where the platform counts them."""


class Fleet(Protocol):
    """One real-time deployment on its platform. Each call may come again after it was cut off, and does no harm."""

    def standing(self) -> Standing:
        """Where it stands now."""
        ...

    def place(self, version: str) -> None:
        """Starts a version beside the live one, without requests; returns when it is ready, `Failed` says why not."""
        ...

    def route(self, share: float, step: int, since: float) -> None:
        """Gives the coming version this share of the requests, and keeps which step that is and when it began."""
        ...

    def mirror(self, share: float, step: int, since: float) -> None:
        """Sends the coming version copies of this share of the requests; nobody sees its answers."""
        ...

    def measured(self, alarm: Mapping[str, Any], seconds: float) -> Reading:
        """What an alarm looks at, of the coming version in the last seconds."""
        ...

    def settle(self) -> None:
        """The coming version, which has all requests, is the live one; the one before is removed."""
        ...

    def withdraw(self) -> None:
        """The live version has all requests again, and the coming one is removed."""
        ...


@runtime_checkable
class Guarded(Protocol):
    """A deployment whose platform goes through the steps by itself, and takes a bad version back."""

    def live(self) -> str | None:
        """The version that answers; None before the first."""
        ...

    def roll(self, version: str) -> None:
        """Has the platform bring a version, and returns when it answers; `Failed` says why it was taken back."""
        ...


class Tracker(Protocol):
    """One run of a step, as a platform records it."""

    def start(self) -> Mapping[str, str]:
        """Begins to record; gives variables by which a script that records by itself finds the same run."""
        ...

    def params(self, values: Mapping[str, str]) -> None:
        """Records what the step was told."""
        ...

    def metrics(self, values: Mapping[str, float]) -> None:
        """Records the numbers that the step wrote."""
        ...

    def files(self, folder: Path, under: str) -> None:
        """Records every file of a folder."""
        ...

    def end(self, *, good: bool) -> None:
        """Says how the step ended."""
        ...
