"""What the executor does with folders: digests, copies that share bytes, files written whole, results kept.

A result is found by what it was made from: a small file `<cache>/<key>.json` names the outputs of a finished command.
They are checked against their digests before they are used, so that an entry can be stale but never wrong.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from errno import EFBIG, ELOOP
from pathlib import Path
from typing import Any

from mlopsgen.records import dataclass
from mlopsgen.runtime.measured import Measured, read_measured
from mlopsgen.runtime.problems import Failed


def files_of(folder: Path) -> Iterator[Path]:
    """Every file below a folder, in a fixed order."""
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def digest_folder(folder: Path) -> str:
    """sha256 over the names and contents of every file below a folder."""
    whole = hashlib.sha256()
    named = sorted((path.relative_to(folder).as_posix(), path) for path in files_of(folder))
    for name, path in named:
        with path.open("rb") as stream:
            whole.update(name.encode() + b"\0" + hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()


def share_folder(source: Path, target: Path) -> None:
    """The same files in another folder: hard links where the disk can, copies elsewhere."""
    for path in files_of(source):
        there = target / path.relative_to(source)
        there.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, there)
        except OSError:
            shutil.copyfile(path, there)
    target.mkdir(parents=True, exist_ok=True)


MOST_LINKED = 100_000
"""Files and folders that links in outputs lead to: two in each of thirty folders lead to a thousand million."""


def replace_links(folder: Path) -> str:
    """Puts what a link leads to in its place, as an upload to an object store would; says what cannot be put there."""
    room = iter(range(MOST_LINKED))
    try:
        for path in [p for p in sorted(folder.rglob("*")) if p.is_symlink()]:
            leads_to = path.resolve(strict=True)
            shown = path.relative_to(folder).as_posix()
            if path.parent.resolve().is_relative_to(leads_to):
                return f"the link `{shown}` in its outputs leads to a folder that it lies in"
            path.unlink()
            _copy(leads_to, path, (), room)
    except (OSError, RuntimeError) as wrong:
        name = getattr(wrong, "filename", None) or wrong
        return f"a link in its outputs cannot be followed: {getattr(wrong, 'strerror', None) or wrong} (`{name}`)"
    return ""


def _copy(source: Path, target: Path, around: tuple[Path, ...], room: Iterator[int]) -> None:
    """A file, or a folder with all that its links lead to; OSError for one that leads into itself, and for too many."""
    if next(room, None) is None:
        raise OSError(EFBIG, f"links lead to more than {MOST_LINKED:,} files and folders", str(source))
    real = source.resolve(strict=True)
    if real in around:
        raise OSError(ELOOP, os.strerror(ELOOP), str(source))
    if real.is_file():
        shutil.copyfile(real, target)
        return
    target.mkdir()
    for entry in sorted(real.iterdir()) if real.is_dir() else ():
        _copy(entry, target / entry.name, (*around, real), room)


def write_json(path: Path, value: Any) -> None:
    """Writes a JSON file whole or not at all; it is on the disk when this returns."""
    write_whole(path, (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode())


def write_whole(path: Path, body: bytes) -> None:
    """Puts a file in its place in one move."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a JSON file; None when there is none that can be read."""
    try:
        parsed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return parsed if isinstance(parsed, dict) else None


def fresh(folder: Path) -> Path:
    """The folder, new and empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def key_of(facts: Mapping[str, Any]) -> str:
    """One name for everything that a result depends on."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a result lies, and what it was when it was made."""

    folder: str
    """Relative to the spec's folder."""
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cache:
    """The results of all runs below one folder."""

    root: Path
    folder: Path

    def keep(self, key: str, outputs: Path, digests: Mapping[str, str]) -> None:
        """Remembers a result."""
        entry = Entry(outputs.relative_to(self.root).as_posix(), dict(digests))
        write_json(self.folder / f"{key}.json", asdict(entry))

    def take(self, key: str, into: Path) -> Mapping[str, str] | None:
        """Puts a remembered result into a folder; None when there is none, or it was changed since."""
        content = read_json(self.folder / f"{key}.json")
        if content is None:
            return None
        entry = Entry(**content)
        source = self.root / entry.folder
        if not all((source / port).is_dir() for port in entry.outputs):
            return None
        for port in entry.outputs:
            share_folder(source / port, into / port)
        # Checked after it was shared: the source may vanish or change at any moment.
        whole = all(digest_folder(into / port) == digest for port, digest in entry.outputs.items())
        return entry.outputs if whole else None


def measured_in(folder: Path) -> Measured:
    """The metrics in a folder; none where there is no file that can be read."""
    try:
        return read_measured(folder)
    except Failed:
        return Measured({})
