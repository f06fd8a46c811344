"""The lock as a value, its file, and what a spec wants locked."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, field
from pathlib import Path
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity, Span, SpecError, SpecPath
from mlopsgen.records import dataclass

NAME = "mlopsgen.lock"
VERSION = 1

LARGEST = 100_000_000
"""Bytes of a lock: one has some hundred for each package."""
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
    """Built image as bundles name it, NAME:TAG with a digest of its content as its tag → the same with its digest."""
    requirements: Mapping[str, LockedRequirements] = field(default_factory=dict)
    """Key of the requirements (`requirements_key`) → what they come to."""
    data: Mapping[str, LockedData] = field(default_factory=dict)
    """Path or URI of a source → what lay there."""

    def pushed_image(self, image: str) -> str:
        """A built image with its digest, where it is known to have been pushed under just this name.

        Two environments build the same content for repositories of their own.
        """
        return self.pushed.get(image, image)


def requirements_key(python: str, lines: Sequence[str]) -> str:
    """Which requirements are meant: these lines, for this Python."""
    return hashlib.sha256("\n".join((python, *lines)).encode()).hexdigest()[:16]


def lock_text(root: Path) -> bytes | None:
    """The file of a project; None where there is none. SpecError MG130 for what is no file in that folder."""
    path = root / NAME
    if not os.path.lexists(path):
        return None
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            raise ValueError("it leads outside the spec's folder")
        if not path.is_file():
            raise ValueError("it is no file")
        if (size := path.stat().st_size) > LARGEST:
            raise ValueError(f"it has {size / 1e6:,.0f} MB")
        return path.read_bytes()
    except (OSError, RuntimeError, ValueError) as wrong:
        raise SpecError([_unreadable(getattr(wrong, "strerror", None) or wrong)]) from wrong


def read_lock(text: bytes | None) -> Lock:
    """The lock, or an empty one where there is no file.

    Raises SpecError MG130 when the file is not one of ours or of a newer version.
    """
    if text is None:
        return Lock()
    try:
        document = json.loads(text)
        if document["version"] != VERSION:
            raise ValueError(f"it has version {document['version']!r}, this mlopsgen reads {VERSION}")
        lock = _lock(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise SpecError([_unreadable(wrong)]) from wrong
    if odd := next(_odd(lock), None):
        raise SpecError([_unreadable(ValueError(f"`{odd}` pins nothing"))])
    return lock


def write_lock(lock: Lock) -> bytes:
    """The file's bytes: sorted, so that a diff shows what changed and nothing else."""
    return (json.dumps({"version": VERSION, **asdict(lock)}, indent=2, sort_keys=True) + "\n").encode()


def _lock(document: Mapping[str, Any]) -> Lock:
    return Lock(
        images=_strings(document.get("images", {})),
        pushed=dict(map(_pushed, _strings(document.get("pushed", {})).items())),
        requirements={key: _requirements(entry) for key, entry in document.get("requirements", {}).items()},
        data={name: LockedData(**entry) for name, entry in document.get("data", {}).items()},
    )


def _pushed(entry: tuple[str, str]) -> tuple[str, str]:
    """A pushed image by its name and tag; locks of earlier versions say the tag alone."""
    key, image = entry
    return (key if ":" in key else f"{image.partition('@')[0]}:{key}"), image


def _requirements(entry: Mapping[str, Any]) -> LockedRequirements:
    return LockedRequirements(
        python=str(entry["python"]),
        wanted=tuple(map(str, entry["wanted"])),
        packages=tuple(map(str, entry["packages"])),
    )


def _odd(lock: Lock) -> Iterator[str]:
    """Entries that fix nothing, or would be more than a pin in the file that they are printed into."""
    for image in (*lock.images.values(), *lock.pushed.values()):
        if not _PINNED.fullmatch(image):
            yield image
    for entry in lock.requirements.values():
        yield from (line for line in entry.packages if not _PACKAGE.fullmatch(line))


def _strings(entries: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in entries.items()}


def _unreadable(wrong: object) -> Diagnostic:
    return Diagnostic(
        "MG130",
        f"{NAME} cannot be read: {wrong}",
        hint=f"delete {NAME} and write it again with `mlopsgen lock`",
    )


_HINT = "`mlopsgen lock` renews it"


@dataclass(frozen=True, slots=True)
class LockNeeds:
    """Everything that a spec names and does not fix, in all its environments and for all its targets."""

    images: Mapping[str, SpecPath] = field(default_factory=dict)
    requirements: Mapping[str, LockedRequirements] = field(default_factory=dict)
    """Key → the lines, with no packages yet."""
    local: Mapping[str, LockedData] = field(default_factory=dict)
    """Path → what lies there now."""
    remote: Mapping[str, SpecPath] = field(default_factory=dict)


def requirement_set(python: str, lines: Sequence[str]) -> Mapping[str, LockedRequirements]:
    """These lines as an entry without packages; nothing for no lines."""
    entry = LockedRequirements(python, tuple(lines), ())
    return {requirements_key(python, lines): entry} if lines else {}


def is_pinned(image: str) -> bool:
    """Whether an image is named by its digest."""
    return "@sha256:" in image


def without_tag(image: str) -> str:
    """An image by its digest alone: some services take a tag or a digest, not both."""
    name, at, digest = image.partition("@")
    path, colon, tag = name.rpartition(":")
    return f"{path}{at}{digest}" if at and colon and "/" not in tag else image


def unlocked_image(image: str, spec_path: SpecPath, lock: Lock) -> Iterator[Diagnostic]:
    """An image that the project's lock does not know; nothing where there is no lock."""
    if lock != Lock() and not is_pinned(image) and image not in lock.images:
        yield Diagnostic("MG316", f"{NAME} does not know the image `{image}`", spec_path, hint=_HINT)


def unlocked_requirements(
    python: str, lines: Sequence[str], written: Mapping[str, Span | None], lock: Lock
) -> Iterator[Diagnostic]:
    """Requirements that the project's lock does not know, each new line at its place where the user wrote it."""
    if lock == Lock() or not lines or requirements_key(python, lines) in lock.requirements:
        return
    known = {line for entry in lock.requirements.values() if entry.python == python for line in entry.wanted}
    new = [line for line in lines if line not in known]
    for line in new:
        finding = Diagnostic("MG316", f"{NAME} does not know `{line}`", ("code", "requirements"), hint=_HINT)
        yield finding.at(written.get(line))
    if not new:
        message = f"{NAME} knows these requirements of Python {python} in another combination only"
        yield Diagnostic("MG316", message, ("code", "requirements"), hint=_HINT)


def changed_data(path: str, digest: str, spec_path: SpecPath, lock: Lock) -> Iterator[Diagnostic]:
    """A warning: the bundle names the data by what they are now, so nothing floats, but the lock says otherwise."""
    known = lock.data.get(path)
    if known and known.digest != digest:
        message = f"`{path}` is not what {NAME} says: it was changed since"
        yield Diagnostic("MG316", message, spec_path, hint=_HINT, severity=Severity.WARNING)


def replace_file(path: Path, content: bytes) -> None:
    """The file with its new content, or untouched and a SpecError MG410."""
    import contextlib
    import tempfile  # here: compile only reads the lock

    try:
        handle, new = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            # mkstemp's file is for its owner alone; this one is committed and read by others.
            Path(new).chmod(0o666 & ~_umask())
            os.replace(new, path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(new).unlink()
            raise
    except OSError as problem:
        message = f"{path} cannot be written: {problem.strerror or problem}"
        raise SpecError([Diagnostic("MG410", message, hint="what was there is untouched")]) from problem


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
