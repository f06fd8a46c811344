"""Secrets, stores and registries in plain files and in the environment."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..files import copy_folder, read_json, write_json, write_whole
from ..problems import Failed, Usage
from . import file_path
from .api import Candidate, Stored, Version


def secret_from_environment(uri: str) -> str:
    """`env:NAME`: a variable that the platform has set."""
    name = uri.removeprefix("env:")
    value = os.environ.get(name)
    if value is None:
        raise Failed(f"the environment holds no variable `{name}`")
    return value


def secret_from_file(uri: str) -> str:
    """`file:PATH`: a file that the platform has mounted; one newline at its end is not part of the secret."""
    path = file_path(uri)
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError):
        raise Failed(f"the secret file {path} cannot be read") from None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps other processes out of a folder; the system frees the lock even when a process is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True, slots=True)
class FileStore:
    """Small files in a folder."""

    folder: Path

    def read(self, key: str) -> Stored:
        """The file's content now, marked by its digest."""
        path = self._path(key)
        body = path.read_bytes() if path.exists() else None
        return Stored(body, "" if body is None else hashlib.sha256(body).hexdigest())

    def write(self, key: str, body: bytes, seen: Stored) -> bool:
        """Replaces the file if its content is still what was seen."""
        path = self._path(key)
        with locked(path.parent):
            if self.read(key).mark != seen.mark:
                return False
            write_whole(path, body)
        return True

    def _path(self, key: str) -> Path:
        if key.startswith("/") or ".." in Path(key).parts:
            raise Usage(f"`{key}` is not a name inside a store")
        return self.folder / key


@dataclass(frozen=True, slots=True)
class FileRegistry:
    """The versions of one model: `versions/<n>/{model/,version.json}` and `champion.json`."""

    folder: Path

    def champion(self) -> Version | None:
        """The version that champion.json names."""
        number = self._champion_number()
        return None if number is None else self._version(number)

    def versions(self) -> tuple[Version, ...]:
        """Every version whose folder is complete."""
        return tuple(self._version(number) for number in self._numbers())

    def fetch_model(self, version: Version, into: Path) -> None:
        """Copies the version's model files."""
        copy_folder(self.folder / "versions" / version.name / "model", into)

    def register(self, new: Candidate) -> str:
        """Copies the model and its pictures beside a version.json."""
        return str(self.add(lambda folder, number: _fill(folder, number, new), becomes_champion=new.approved))

    def add(self, fill: Callable[[Path, int], None], *, becomes_champion: bool) -> int:
        """Adds a version that `fill` writes into a folder; it appears whole, under a number of its own."""
        (self.folder / "versions").mkdir(parents=True, exist_ok=True)
        with locked(self.folder):
            number = max((*self._numbers(), self._champion_number() or 0, 0)) + 1
            draft = Path(tempfile.mkdtemp(dir=self.folder, prefix=".draft-"))
            try:
                fill(draft, number)
                draft.chmod(0o755)
                draft.rename(self.folder / "versions" / str(number))
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
            if becomes_champion:
                write_json(self.folder / "champion.json", {"version": number})
        return number

    def _numbers(self) -> tuple[int, ...]:
        folder = self.folder / "versions"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return tuple(sorted(int(name) for name in names if name.isdecimal()))

    def _champion_number(self) -> int | None:
        path = self.folder / "champion.json"
        if not path.exists():
            return None
        content = read_json(path)
        number = content.get("version") if isinstance(content, Mapping) else None
        if not isinstance(number, int):
            raise Failed(f'{path} must hold {{"version": number}}, not {json.dumps(content)[:80]}')
        return number

    def _version(self, number: int) -> Version:
        about = read_json(self.folder / "versions" / str(number) / "version.json")
        return Version(str(number), about.get("metrics") or {})


def _fill(folder: Path, number: int, new: Candidate) -> None:
    copy_folder(new.model, folder / "model")
    for path in (path for figures in new.figures for path in sorted(figures.iterdir())):
        (folder / "figures").mkdir(exist_ok=True)
        shutil.copyfile(path, folder / "figures" / path.name)
    write_json(folder / "version.json", {"version": number, **new.about})


def _store(uri: str) -> FileStore:
    return FileStore(file_path(uri))


def _registry(uri: str) -> FileRegistry:
    return FileRegistry(file_path(uri))


SECRETS = {"env": secret_from_environment, "file": secret_from_file}
STORES = {"file": _store}
REGISTRIES = {"file": _registry}
REQUIREMENTS: Mapping[str, tuple[str, ...]] = {"env": (), "file": ()}
