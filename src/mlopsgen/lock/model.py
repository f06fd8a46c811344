"""The lock as a value: read from its file and written as the same bytes each time."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, field
from typing import Any

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.records import dataclass

NAME = "mlopsgen.lock"
VERSION = 1

LARGE = 64 * 2**20
"""Bytes: a local source of this size is not read again while the lock knows its size and time."""

_PINNED = re.compile(r"[a-z0-9][a-zA-Z0-9._:/-]*@sha256:[0-9a-f]{64}")
_HASHES = r"(?: --hash=sha256:[0-9a-f]{64})+"
# What stands here is printed into files that pip and Docker read: nothing else may.
_PACKAGE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]*(?:==[A-Za-z0-9.!+_-]+| @ https?://[^\s#]+(?:#\S+)?){_HASHES}")


@dataclass(frozen=True, slots=True)
class LockedData:
    """One data source as it was when it was locked."""

    digest: str
    """sha256 over the files of a local source, or the store's own version of a remote one."""
    size: int
    """Bytes of all its files."""
    modified: int = 0
    """Newest modification time in nanoseconds of a large local source: says whether it must be read again."""


@dataclass(frozen=True, slots=True)
class LockedRequirements:
    """Requirements as they are written, and every package that they come to."""

    python: str
    wanted: tuple[str, ...]
    packages: tuple[str, ...]
    """Sorted; each with its version and hashes, as pip's requirements files have them."""


@dataclass(frozen=True, slots=True)
class Lock:
    """The file's content; everything is optional."""

    images: Mapping[str, str] = field(default_factory=dict)
    """Image as the spec names it → the same with its digest."""
    pushed: Mapping[str, str] = field(default_factory=dict)
    """Tag of a built image, which is a digest of its content → the pushed image, with its digest."""
    requirements: Mapping[str, LockedRequirements] = field(default_factory=dict)
    """Key of the requirements (`requirements_key`) → what they come to."""
    data: Mapping[str, LockedData] = field(default_factory=dict)
    """Path or URI of a source → what lay there."""


def requirements_key(python: str, wanted: Sequence[str]) -> str:
    """Which requirements are meant: these lines, for this Python."""
    return hashlib.sha256("\n".join((python, *wanted)).encode()).hexdigest()[:16]


def read_lock(text: bytes | None) -> Lock:
    """The lock, or an empty one where there is no file.

    Raises SpecError MG130 when the file is not one of ours or of a newer version.
    """
    if text is None:
        return Lock()
    try:
        found = json.loads(text)
        if found["version"] != VERSION:
            raise ValueError(f"it has version {found['version']!r}, this mlopsgen reads {VERSION}")
        lock = _lock(found)
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise SpecError([_unreadable(wrong)]) from wrong
    if odd := next(_odd(lock), None):
        raise SpecError([_unreadable(ValueError(f"`{odd}` pins nothing"))])
    return lock


def write_lock(lock: Lock) -> bytes:
    """The file's bytes: sorted, so that a diff shows what changed and nothing else."""
    return (json.dumps({"version": VERSION, **asdict(lock)}, indent=2, sort_keys=True) + "\n").encode()


def _lock(found: Mapping[str, Any]) -> Lock:
    return Lock(
        images=_strings(found.get("images", {})),
        pushed=_strings(found.get("pushed", {})),
        requirements={key: _requirements(entry) for key, entry in found.get("requirements", {}).items()},
        data={name: LockedData(**entry) for name, entry in found.get("data", {}).items()},
    )


def _requirements(found: Mapping[str, Any]) -> LockedRequirements:
    return LockedRequirements(
        python=str(found["python"]),
        wanted=tuple(map(str, found["wanted"])),
        packages=tuple(map(str, found["packages"])),
    )


def _odd(lock: Lock) -> Iterator[str]:
    """Entries that fix nothing, or would be more than a pin in the file that they are printed into."""
    for image in (*lock.images.values(), *lock.pushed.values()):
        if not _PINNED.fullmatch(image):
            yield image
    for entry in lock.requirements.values():
        yield from (line for line in entry.packages if not _PACKAGE.fullmatch(line))


def _strings(found: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in found.items()}


def _unreadable(wrong: Exception) -> Diagnostic:
    return Diagnostic(
        "MG130",
        f"{NAME} cannot be read: {wrong}",
        hint=f"delete {NAME} and write it again with `mlopsgen lock`",
    )
