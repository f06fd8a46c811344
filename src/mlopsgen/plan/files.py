"""The project's own files, as the plan sees them: the user's code and data beside the spec."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from mlopsgen.diagnostics import Diagnostic, Fix, SpecError, SpecPath, quoted
from mlopsgen.nearest import nearest
from mlopsgen.records import dataclass

SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "venv", "env", "build", "dist"})
SKIPPED_ENDINGS = (".pyc", ".pyo", ".egg-info", ".ipynb_checkpoints")


@dataclass(frozen=True, slots=True)
class Files:
    """A spec's folder. Nothing outside it is read, whatever a path or a link says."""

    root: Path

    def read(self, path: str, spec_path: SpecPath) -> bytes:
        """The bytes of one file; raises SpecError MG118 when it is missing or lies outside."""
        return self._inside(path, spec_path).read_bytes()

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
        """Whether there is such a file or folder."""
        return (self.root / path).exists()

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder."""
        return (self.root / path).is_dir()

    def listing(self, path: str, spec_path: SpecPath) -> tuple[str, ...]:
        """Every file under a folder (or the file itself), relative to `path`, sorted; hidden ones apart."""
        start = self._inside(path, spec_path)
        if start.is_file():
            return (start.name,)
        return tuple(sorted(self._walk(start, start, spec_path)))

    def digest(self, path: str, spec_path: SpecPath) -> tuple[str, tuple[str, ...]]:
        """sha256 over names and contents of a file or folder, and the names."""
        start = self._inside(path, spec_path)
        names = self.listing(path, spec_path)
        whole = hashlib.sha256()
        for name in names:
            file = start if start.is_file() else start / name
            with file.open("rb") as stream:
                whole.update(
                    _spelled(name, spec_path).encode() + b"\0" + hashlib.file_digest(stream, "sha256").digest()
                )
        return whole.hexdigest(), names

    def facts(self, path: str, spec_path: SpecPath) -> tuple[int, int]:
        """Size in bytes of all files, and the newest modification time in nanoseconds."""
        start = self._inside(path, spec_path)
        files = [start] if start.is_file() else [start / name for name in self.listing(path, spec_path)]
        stats = [file.stat() for file in files]
        return sum(s.st_size for s in stats), max((s.st_mtime_ns for s in stats), default=0)

    def _inside(self, path: str, spec_path: SpecPath) -> Path:
        full = self.root / path
        if not self._holds(full):
            raise SpecError([_outside(path, spec_path)])
        if not full.exists():
            raise SpecError([_missing(path, self._near(full), spec_path)])
        if not full.is_file() and not full.is_dir():
            raise SpecError([_no_file(path, spec_path)])
        return full

    def _holds(self, path: Path) -> bool:
        """Whether a path ends inside the folder, however many links it goes through."""
        try:
            return path.resolve().is_relative_to(self.root.resolve())
        except (OSError, RuntimeError):  # links that lead to each other end nowhere
            return False

    def _near(self, missing: Path) -> str | None:
        """A neighbour that has nearly the name of the missing file, relative to the spec's folder."""
        folder = missing.parent
        there = [entry.name for entry in folder.iterdir() if entry.name[0] != "."] if folder.is_dir() else []
        near = nearest(missing.name, sorted(there))
        return (folder / near).relative_to(self.root).as_posix() if near else None

    def _walk(self, folder: Path, start: Path, spec_path: SpecPath) -> Iterator[str]:
        for entry in sorted(folder.iterdir()):
            if entry.name.startswith("."):
                continue
            relative = entry.relative_to(start).as_posix()
            # Links alone lead out of a folder that lies inside.
            if entry.is_symlink() and not self._holds(entry):
                raise SpecError([_outside(relative, spec_path)])
            if entry.is_symlink() and entry.is_dir():
                # A linked folder inside the project may lead back to itself: its files are reached by their own name.
                continue
            if entry.is_dir():
                yield from self._walk(entry, start, spec_path)
            elif entry.is_file():
                yield relative


def code_files(
    files: Files, path: str, ignore: Iterable[str], leave_out: Iterable[str], spec_path: SpecPath
) -> tuple[tuple[str, bytes], ...]:
    """The user's code as it enters the image: name under the application folder → content, sorted.

    Hidden files, caches and outputs never enter it; neither does what .gitignore or `code.ignore`
    names, nor `leave_out` (the spec, its lock, local data), all relative to the spec's folder.
    """
    out = {PurePosixPath(p) for p in leave_out}
    ignored = _ignored(files, ignore)
    base = PurePosixPath(path)
    kept = []
    for name in files.listing(path, spec_path):
        relative = base / name
        if _skipped(PurePosixPath(name)) or out & {relative, *relative.parents} or ignored(relative.as_posix()):
            continue
        kept.append((_spelled(name, spec_path), files.read(relative.as_posix(), spec_path)))
    return tuple(kept)


def _skipped(name: PurePosixPath) -> bool:
    return bool(SKIPPED_FOLDERS & set(name.parts[:-1])) or any(part.endswith(SKIPPED_ENDINGS) for part in name.parts)


class _Ignored:
    """Answers whether a path is named by .gitignore or by `code.ignore` (the same pattern language)."""

    def __init__(self, git: Iterable[str], own: Iterable[str]) -> None:
        # Imported here: a project without patterns pays nothing for them.
        from pathspec import GitIgnoreSpec

        # git itself passes over a line that is no pattern; in a spec it is a slip.
        meant = (line for line in git if not _no_pattern(line))
        self._spec = GitIgnoreSpec.from_lines([*meant, *own])

    def __call__(self, path: str) -> bool:
        return self._spec.match_file(path)


def _ignored(files: Files, ignore: Iterable[str]) -> Callable[[str], bool]:
    own = [*ignore]
    gitignore = files.root / ".gitignore"
    git = gitignore.read_text(encoding="utf-8", errors="replace").splitlines() if gitignore.is_file() else []
    wrong = [position for position, line in enumerate(own) if _no_pattern(line)]
    if wrong:
        hint = "write it as in a .gitignore, such as `notebooks/` or `*.md`"
        raise SpecError(
            Diagnostic("MG106", f"`{own[position]}` is no pattern of files", ("code", "ignore", position), hint)
            for position in wrong
        )
    return _Ignored(git, own) if git or own else _nothing


def _no_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return True
    return False


def _nothing(_: str) -> bool:
    return False


def _spelled(name: str, spec_path: SpecPath) -> str:
    """A name that every system can store; Python reads bytes that are no UTF-8 as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        message = f"the name of the file {name!a} is not UTF-8"
        raise SpecError(
            [Diagnostic("MG118", message, spec_path, hint="give the file a name that every system knows")]
        ) from None
    return name


def _missing(path: str, near: str | None, spec_path: SpecPath) -> Diagnostic:
    return Diagnostic(
        "MG118",
        f"there is no `{path}` in the spec's folder",
        spec_path,
        hint=f"did you mean `{near}`?" if near else "put it there, or mend the path: it is relative to the spec",
        fix=Fix(quoted(near)) if near else None,
    )


def _no_file(path: str, spec_path: SpecPath) -> Diagnostic:
    message = f"`{path}` is neither a file nor a folder"
    return Diagnostic("MG118", message, spec_path, hint="name a file or folder with the data itself")


def _outside(path: str, spec_path: SpecPath) -> Diagnostic:
    return Diagnostic(
        "MG118",
        f"`{path}` leads outside the spec's folder",
        spec_path,
        hint="copy the file into the project: nothing outside it is read",
    )
