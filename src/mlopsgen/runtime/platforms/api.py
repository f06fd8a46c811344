"""What the rest of the runtime may ask of a store or a registry, whoever keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """A small file as it was read, with the mark that says whether it has changed since."""

    body: bytes | None
    mark: str


class Store(Protocol):
    """Small files that several runs may change at once."""

    def read(self, key: str) -> Stored:
        """The file's content now, None when there is none."""
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


class Registrar(Registry, Protocol):
    """A registry that the runtime itself adds versions to: where a platform has a step for that, there is none."""

    def add(self, fill: Callable[[Path, int], None], *, becomes_champion: bool) -> int:
        """Adds a version that `fill` writes into a folder (model/, figures/, version.json); it appears whole."""
        ...
