"""Puts a bundle on disk, under paths that every system takes: the folder holds the old one or the new one, whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path

from mlopsgen.bundle.manifest import MANIFEST, Bundle, content_of, files_in, manifest_of, obstacles
from mlopsgen.bundle.swap import alone, drop, leftovers, put_in_place, recover, write_beside
from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.paths import unsafe
from mlopsgen.records import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """Where a bundle lies, and whether anything had to be written."""

    path: Path
    changed: bool


@dataclass(frozen=True, slots=True)
class Destination:
    """A bundle and the folder that it belongs in, looked at once."""

    out: Path
    """The folder as people know it."""
    folder: Path
    files: Mapping[str, bytes]
    held: bool
    """Whether the folder held just these files already."""


def look(bundle: Bundle, out: Path) -> Destination:
    """Where a bundle would go; SpecError for unsafe paths, and for a disk that cannot be read."""
    files = _all_files(bundle)
    folder = Path(os.path.realpath(out))
    try:
        return Destination(out, folder, files, _holds(folder, files))
    except OSError as problem:
        raise SpecError([_cannot_write(out, problem)]) from problem


def write(bundle: Bundle, out: Path, *, force: bool = False) -> Written:
    """Write a bundle as the folder `out`, unless that holds just this already.

    SpecError says what stands in the way: unsafe paths, files that are not ours, edits by hand,
    a newer format, or a disk that cannot be written; the folder is then as it was.
    """
    return put(look(bundle, out), force=force)


def put(destination: Destination, *, force: bool = False) -> Written:
    """Write a bundle where it belongs, as `write` does."""
    try:
        if not is_stale(destination):
            return Written(destination.out, changed=False)
        with alone_in((destination.out,)):
            changed = prepare(destination, force=force)
            if changed:
                exchange(destination)
    except OSError as problem:
        raise SpecError([_cannot_write(destination.out, problem)]) from problem
    return Written(destination.out, changed=changed)


def is_stale(destination: Destination) -> bool:
    """Whether anything has to be done about a folder."""
    return not destination.held or leftovers(destination.folder)


@contextmanager
def alone_in(folders: Iterable[Path]) -> Iterator[None]:
    """Wait until nobody else writes these folders; all wait for them in one order, so that none waits for ever."""
    with ExitStack() as held:
        for folder, out in sorted({Path(os.path.realpath(out)): out for out in folders}.items()):
            try:
                folder.parent.mkdir(parents=True, exist_ok=True)
                held.enter_context(alone(folder))
            except OSError as problem:
                raise SpecError([_cannot_write(out, problem)]) from problem
        yield


def prepare(destination: Destination, *, force: bool = False) -> bool:
    """Write a bundle beside the folder that it belongs in, while alone; False where that holds it already."""
    out, folder, files = destination.out, destination.folder, destination.files
    try:
        recover(folder)
        if _holds(folder, files):
            return False
        _refuse(out, folder, force)
        write_beside(folder, files)
    except OSError as problem:
        raise SpecError([_cannot_write(out, problem)]) from problem
    return True


def exchange(destination: Destination) -> None:
    """Let a bundle that was prepared take its folder's place, while alone."""
    try:
        put_in_place(destination.folder)
    except OSError as problem:
        raise SpecError([_cannot_write(destination.out, problem)]) from problem


def give_up(destination: Destination) -> None:
    """Take a bundle away that was prepared, while alone."""
    drop(destination.folder)


def blocked(destination: Destination, *, force: bool = False) -> tuple[Diagnostic, ...]:
    """The findings with which `put` would refuse, without writing anything."""
    try:
        if not destination.held:
            _refuse(destination.out, destination.folder, force)
    except SpecError as refused:
        return refused.findings
    except OSError as problem:
        return (_cannot_write(destination.out, problem),)
    return ()


def _all_files(bundle: Bundle) -> dict[str, bytes]:
    findings = unsafe_paths([*bundle.files, MANIFEST])
    if MANIFEST in bundle.files:
        findings += (Diagnostic("MG409", f"the path {MANIFEST!r} belongs to the bundle itself"),)
    if findings:
        raise SpecError(findings)
    return {**dict(sorted(bundle.files.items())), MANIFEST: manifest_of(bundle).text()}


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Whether the folder holds exactly these files."""
    if not folder.is_dir():
        return False
    present = dict(files_in(folder))
    return present.keys() == files.keys() and all(_same(entry, files[name]) for name, entry in present.items())


def _same(entry: os.DirEntry[str], content: bytes) -> bool:
    if not entry.is_file(follow_symlinks=False) or entry.stat(follow_symlinks=False).st_size != len(content):
        return False
    return content_of(entry) == content


def _refuse(out: Path, folder: Path, force: bool) -> None:
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise SpecError([Diagnostic("MG406", f"`{out}` is a file", hint="choose another `--out`")])
    findings = obstacles(folder, out)
    if findings and force and _somebody_lives_here(folder):
        hint = "choose another `--out`"
        raise SpecError(
            [Diagnostic("MG406", f"`{out}` is no folder to replace: you or a repository are in it", hint=hint)]
        )
    if findings and not force:
        raise SpecError(findings)


def _somebody_lives_here(folder: Path) -> bool:
    """`--force` must not take away a repository, a home, or the folder one stands in."""
    return (folder / ".git").exists() or any(home.is_relative_to(folder) for home in (Path.cwd(), Path.home()))


def _cannot_write(out: Path, problem: OSError) -> Diagnostic:
    where = f" (`{problem.filename}`)" if problem.filename else ""
    return Diagnostic(
        "MG410",
        f"cannot write `{out}`: {problem.strerror or problem}{where}",
        hint="what was there is untouched; make room or choose another `--out`",
    )


def unsafe_paths(paths: Iterable[str]) -> tuple[Diagnostic, ...]:
    """A finding for each path that some system would refuse, read as another, or find outside."""
    return _unsafe(tuple(paths))


@lru_cache(maxsize=16)
def _unsafe(paths: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """Remembered, because bundles of one target mostly have the same paths."""
    return tuple(Diagnostic("MG409", message) for message in unsafe(paths))
