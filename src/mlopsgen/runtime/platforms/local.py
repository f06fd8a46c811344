"""Secrets, stores and registries in plain files and in the environment."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..files import copy_folder, files_in, read_json, write_json, write_whole
from ..problems import Failed, Usage
from . import file_path
from .api import Candidate, Entry, Stored, Version


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
class FileFolder:
    """A folder of a disk that several machines share."""

    folder: Path

    def get(self, into: Path) -> int:
        """Copies the folder's plain files."""
        copy_folder(self.folder, into)
        return sum(1 for _ in files_in(self.folder))

    def put(self, folder: Path) -> None:
        """Copies a folder's plain files here."""
        copy_folder(folder, self.folder)


@dataclass(frozen=True, slots=True)
class FileTree:
    """The files of a folder, or one file."""

    folder: Path

    def entries(self, under: str = "") -> Iterator[Entry]:
        """The plain files that are not hidden, in the order of their names."""
        if self.folder.is_file():
            yield _entry(self.folder, "")
            return
        # Only the folder that the beginning of a name can be in is looked through.
        root = self.folder / under.rpartition("/")[0]
        for path in files_in(root) if root.is_dir() else ():
            if (name := path.relative_to(self.folder).as_posix()).startswith(under):
                yield _entry(path, name)

    def span(self, entry: Entry, start: int, length: int) -> bytes:
        """Bytes of a file that nobody has changed since it was listed."""
        path = self.folder / entry.name if entry.name else self.folder
        try:
            with path.open("rb") as file:
                if _mark(os.fstat(file.fileno())) != entry.mark:
                    raise Failed(f"{path} was changed while it was read")
                file.seek(start)
                return file.read(length)
        except OSError as error:
            raise Failed(f"{path} cannot be read: {error.strerror}") from None

    def put(self, path: Path, name: str) -> None:
        """Copies a file under a hidden name and moves it into its place."""
        there = self.folder / name
        there.parent.mkdir(parents=True, exist_ok=True)
        draft = there.parent / f".{there.name}.part"
        shutil.copyfile(path, draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(draft, there)

    def move(self, name: str, to: str) -> None:
        """Renames a file."""
        (self.folder / to).parent.mkdir(parents=True, exist_ok=True)
        os.replace(self.folder / name, self.folder / to)
        self._tidy(name)

    def remove(self, name: str) -> None:
        """Deletes a file."""
        (self.folder / name).unlink(missing_ok=True)
        self._tidy(name)

    def _tidy(self, name: str) -> None:
        """Removes the folder that a file was the last one of."""
        folder = (self.folder / name).parent
        with suppress(OSError):
            if folder != self.folder and not any(folder.iterdir()):
                folder.rmdir()


def _entry(path: Path, name: str) -> Entry:
    about = path.stat()
    return Entry(name, about.st_size, _mark(about))


def _mark(about: os.stat_result) -> str:
    return f"{about.st_mtime_ns}-{about.st_size}"


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
        """Copies the model and its pictures beside a version.json; a run registers once."""
        if earlier := self._registered_by(new.about["lineage"].get("run")):
            if new.approved:
                self.promote(earlier)
            return earlier
        return str(self.add(lambda folder, number: fill_version(folder, number, new), becomes_champion=new.approved))

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

    def abouts(self) -> Iterator[Mapping[str, Any]]:
        """Every version.json, the oldest version's first."""
        for number in self._numbers():
            yield read_json(self.folder / "versions" / str(number) / "version.json")

    def status(self, version: str) -> str:
        """What version.json says."""
        path = self.folder / "versions" / (version if version.isdecimal() else "-") / "version.json"
        if not path.is_file():
            raise Failed(f"{self.folder.name} has no version {version}")
        return str(read_json(path).get("status"))

    def promote(self, version: str) -> None:
        """Writes champion.json."""
        with locked(self.folder):
            write_json(self.folder / "champion.json", {"version": int(version)})

    def _registered_by(self, run: str | None) -> str | None:
        """The version that an earlier try of the same step has registered."""
        mine = (one for one in self.abouts() if run and (one.get("lineage") or {}).get("run") == run)
        return next((str(one["version"]) for one in mine), None)

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


def fill_version(folder: Path, number: int, new: Candidate) -> None:
    """Lays out a version: model/, figures/ and version.json."""
    copy_folder(new.model, folder / "model")
    for path in (path for figures in new.figures for path in sorted(figures.iterdir())):
        (folder / "figures").mkdir(exist_ok=True)
        shutil.copyfile(path, folder / "figures" / path.name)
    write_json(folder / "version.json", {"version": number, **new.about})


def _store(uri: str) -> FileStore:
    return FileStore(file_path(uri))


def _registry(uri: str) -> FileRegistry:
    return FileRegistry(file_path(uri))


def _folder(uri: str) -> FileFolder:
    return FileFolder(file_path(uri))


def _tree(uri: str) -> FileTree:
    return FileTree(file_path(uri))


SECRETS = {"env": secret_from_environment, "file": secret_from_file}
STORES = {"file": _store}
FOLDERS = {"file": _folder}
TREES = {"file": _tree}
REGISTRIES = {"file": _registry}
REQUIREMENTS: Mapping[str, tuple[str, ...]] = {"env": (), "file": ()}
