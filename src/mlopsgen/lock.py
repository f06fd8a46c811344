"""mlopsgen.lock: what a spec names but does not fix, written down once and committed.

Digests of the base image and of the pushed image, resolved requirements, versions of remote data
and digests of large local data. `mlopsgen lock` and CI write it, compile reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mlopsgen.diagnostics import Diagnostic, SpecError

NAME = "mlopsgen.lock"
VERSION = 1


@dataclass(frozen=True, slots=True)
class LockedData:
    """One data source as it was when it was locked."""

    digest: str
    """sha256 over the files of a local source, or the store's own version of a remote one."""
    size: int
    """Bytes of all its files."""
    modified: int = 0
    """Newest modification time in nanoseconds: says whether a large local source must be read again."""


@dataclass(frozen=True, slots=True)
class Lock:
    """The file's content; everything is optional."""

    base: Mapping[str, str] = field(default_factory=dict)
    """Base image as the spec names it → the same with its digest."""
    images: Mapping[str, str] = field(default_factory=dict)
    """Content tag → reference of the pushed image, with its digest."""
    requirements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Digest of the requirements as written → every package, with version and hashes."""
    data: Mapping[str, LockedData] = field(default_factory=dict)
    """Source name → what it was."""


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
        return _lock(found)
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise SpecError([_unreadable(wrong)]) from wrong


def write_lock(lock: Lock) -> bytes:
    """The file's bytes: sorted, so that a diff shows what changed and nothing else."""
    return (json.dumps({"version": VERSION, **asdict(lock)}, indent=2, sort_keys=True) + "\n").encode()


def _lock(found: Mapping[str, Any]) -> Lock:
    return Lock(
        base=_strings(found.get("base", {})),
        images=_strings(found.get("images", {})),
        requirements={key: tuple(map(str, lines)) for key, lines in found.get("requirements", {}).items()},
        data={name: LockedData(**entry) for name, entry in found.get("data", {}).items()},
    )


def _strings(found: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in found.items()}


def _unreadable(wrong: Exception) -> Diagnostic:
    return Diagnostic(
        "MG130",
        f"{NAME} cannot be read: {wrong}",
        hint=f"delete {NAME} and write it again with `mlopsgen lock`",
    )
