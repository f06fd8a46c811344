"""The project's own files, as the plan sees them: the user's code and data beside the spec."""

from __future__ import annotations

import codecs
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import ELOOP
from pathlib import Path
from typing import TypeAlias

from mlopsgen.diagnostics import Diagnostic, Fix, SpecError, SpecPath, quoted
from mlopsgen.nearest import nearest
from mlopsgen.records import dataclass

DEEPEST = 64
"""Folders in each other: no project has more, and a link or a script that went wrong soon does."""

LeftOut: TypeAlias = Callable[[str, bool], bool]
"""Whether an entry is passed over, asked with its name below the start and whether it is a folder."""


@dataclass(frozen=True, slots=True)
class Files:
    """A spec's folder. Nothing outside it is read, whatever a path or a link says."""

    root: Path

    def read(self, path: str, spec_path: SpecPath, largest: int | None = None) -> bytes:
        """The bytes of one file; raises SpecError MG118 when it is missing, lies outside or cannot be read."""
        full = self._inside(path, spec_path)
        if full.is_dir():
            raise SpecError([_wrong(f"`{path}` is a folder", spec_path, "name a file")])
        return self.content(full, path, spec_path, largest)

    def content(self, full: Path, path: str, spec_path: SpecPath, largest: int | None = None) -> bytes:
        """The bytes of a file that is known to lie inside; `path` is its name in a finding."""
        with _readable(path, spec_path), full.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if largest is not None and size > largest:
                raise SpecError([_too_large(path, size, largest, spec_path)])
            return stream.read()

    def beginning(self, path: str, most: int, spec_path: SpecPath) -> str:
        """The first characters of a text file, also of one that is packed; none of one that cannot be read."""
        start = self._inside(path, spec_path)
        try:
            if start.suffix in (".gz", ".bz2"):
                # Imported here: few tables are packed.
                import bz2
                import gzip

                with (gzip.open if start.suffix == ".gz" else bz2.open)(start, "rb") as packed:
                    text = packed.read(most)
            else:
                with start.open("rb") as plain:
                    text = plain.read(most)
            # Packed in another way, or no UTF-8: the run says so. A last letter may be cut.
            letters = codecs.getincrementaldecoder("utf-8-sig")().decode(text)
        except (OSError, EOFError, UnicodeDecodeError):
            return ""
        return "" if "\0" in letters else letters

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder, or a link of that name."""
        return os.path.lexists(self.root / path)

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder."""
        try:
            return (self.root / path).is_dir()
        except OSError:  # which folder it is in nobody may know
            return False

    def listing(self, path: str, spec_path: SpecPath) -> tuple[str, ...]:
        """Every file under a folder (or the file itself), relative to `path`, sorted; hidden ones apart."""
        start = self._inside(path, spec_path)
        return (start.name,) if start.is_file() else tuple(sorted(self.entries(path, spec_path)))

    def entries(self, path: str, spec_path: SpecPath, left_out: LeftOut = lambda _, __: False) -> Iterator[str]:
        """Every file under a folder, relative to it; what is left out is neither walked nor judged."""
        folders = [(self._inside(path, spec_path), "", 1)]
        while folders:
            folder, prefix, depth = folders.pop()
            here = prefix.rstrip("/") or path
            if depth > DEEPEST:
                message = f"`{_short(here)}` lies more than {DEEPEST} folders deep"
                hint = "take out what made so many, or name the folder in `code.ignore`"
                raise SpecError([_wrong(message, spec_path, hint)])
            with _readable(here, spec_path), os.scandir(folder) as listed:
                visible = [entry for entry in listed if not entry.name.startswith(".")]
            for entry in visible:
                name = f"{prefix}{entry.name}"
                if left_out(name, _is_folder(entry)):
                    continue
                if entry.is_symlink():
                    # A linked folder inside the project may lead back to itself: its files are reached by their own
                    # name.
                    if self._leads_to(Path(entry.path), name, spec_path).is_file():
                        yield name
                elif entry.is_dir():
                    folders.append((Path(entry.path), f"{name}/", depth + 1))
                elif entry.is_file():
                    yield name

    def digest(self, path: str, spec_path: SpecPath) -> tuple[str, tuple[str, ...]]:
        """sha256 over names and contents of a file or folder, and the names."""
        start = self._inside(path, spec_path)
        names = self.listing(path, spec_path)
        whole = hashlib.sha256()
        for name in names:
            file = start if start.is_file() else start / name
            with _readable(name, spec_path), file.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").digest()
            whole.update(spelled(name, spec_path).encode() + b"\0" + content)
        return whole.hexdigest(), names

    def facts(self, path: str, spec_path: SpecPath) -> tuple[int, int]:
        """Size in bytes of all files, and the newest modification time in nanoseconds."""
        start = self._inside(path, spec_path)
        files = [start] if start.is_file() else [start / name for name in self.listing(path, spec_path)]
        with _readable(path, spec_path):
            stats = [file.stat() for file in files]
        return sum(s.st_size for s in stats), max((s.st_mtime_ns for s in stats), default=0)

    def _inside(self, path: str, spec_path: SpecPath) -> Path:
        full = self.root / path
        with _readable(path, spec_path):
            self._leads_to(full, path, spec_path)
            if not full.exists():
                raise SpecError([_missing(path, self._near(full), spec_path)])
            if not full.is_file() and not full.is_dir():
                hint = "name a file or folder with the data itself"
                raise SpecError([_wrong(f"`{path}` is neither a file nor a folder", spec_path, hint)])
        return full

    def _leads_to(self, full: Path, path: str, spec_path: SpecPath) -> Path:
        """Where a path ends, however many links it goes through; raises SpecError where that is outside."""
        try:
            end = full.resolve()
            end.stat()
        except (OSError, RuntimeError) as wrong:
            # Of what is not there whoever asked tells, with a neighbour's name.
            if isinstance(wrong, RuntimeError) or wrong.errno == ELOOP:
                raise SpecError([_wrong(f"`{path}` is a link that leads to itself", spec_path, _COPY)]) from wrong
        if not end.is_relative_to(self.root.resolve()):
            raise SpecError([_wrong(f"`{path}` leads outside the spec's folder", spec_path, _COPY)])
        return end

    def _near(self, missing: Path) -> str | None:
        """A neighbour that has nearly the name of the missing file, relative to the spec's folder."""
        folder = missing.parent
        there = [entry.name for entry in folder.iterdir() if entry.name[0] != "."] if folder.is_dir() else []
        near = nearest(missing.name, sorted(there))
        return (folder / near).relative_to(self.root).as_posix() if near else None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere
        return False


def spelled(name: str, spec_path: SpecPath) -> str:
    """A name that every system can store; Python reads bytes that are no UTF-8 as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        message = f"the name of the file {name!a} is not UTF-8"
        raise SpecError([_wrong(message, spec_path, "give the file a name that every system knows")]) from None
    return name


@contextmanager
def _readable(path: str, spec_path: SpecPath) -> Iterator[None]:
    """What the system does not let us read is a finding at its field."""
    try:
        yield
    except OSError as refused:
        message = f"`{_short(path)}` cannot be read: {refused.strerror or refused}"
        raise SpecError([_wrong(message, spec_path, "give yourself the right to read it (`chmod`)")]) from refused


_COPY = "copy the file into the project: nothing outside it is read"


def _short(path: str) -> str:
    return path if len(path) <= 80 else f"{path[:40]}…{path[-38:]}"


def _wrong(message: str, spec_path: SpecPath, hint: str) -> Diagnostic:
    return Diagnostic("MG118", message, spec_path, hint)


def _too_large(path: str, size: int, largest: int, spec_path: SpecPath) -> Diagnostic:
    message = f"`{path}` has {size / 1e6:,.0f} MB, and a file of a bundle has {largest / 1e6:,.0f} at most"
    return _wrong(message, spec_path, "name it in `code.ignore`, or give it to a step as a source of `data`")


def _missing(path: str, near: str | None, spec_path: SpecPath) -> Diagnostic:
    return Diagnostic(
        "MG118",
        f"there is no `{path}` in the spec's folder",
        spec_path,
        hint=f"did you mean `{near}`?" if near else "put it there, or mend the path: it is relative to the spec",
        fix=Fix(quoted(near)) if near else None,
    )
