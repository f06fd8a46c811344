"""Puts a bundle on disk, under paths that every system takes: the folder holds the old one or the new one, whole."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from mlopsgen.bundle.manifest import MANIFEST, Bundle, content_of, files_in, manifest_of, obstacles
from mlopsgen.bundle.swap import alone, leftovers, recover, replace_folder
from mlopsgen.diagnostics import Diagnostic, SpecError
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
    out, folder, files = destination.out, destination.folder, destination.files
    try:
        if destination.held and not leftovers(folder):
            return Written(out, changed=False)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with alone(folder):
            recover(folder)
            if _holds(folder, files):
                return Written(out, changed=False)
            _refuse(out, folder, force)
            replace_folder(folder, files)
    except OSError as problem:
        raise SpecError([_cannot_write(out, problem)]) from problem
    return Written(out, changed=True)


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


# Windows counts 260 characters from the drive letter on; this leaves room for the project's folder.
_PATH_LIMIT = 180
_NAME_LIMIT = 255  # bytes, on every file system in use

_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:[ .:].*)?", re.IGNORECASE
)
_FORBIDDEN = re.compile('[\x00-\x1f\x7f<>:"|?*\\\\]')


def unsafe_paths(paths: Iterable[str]) -> tuple[Diagnostic, ...]:
    """A finding for each path that some system would refuse, read as another, or find outside."""
    return _unsafe(tuple(paths))


@lru_cache(maxsize=16)
def _unsafe(paths: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """Remembered, because bundles of one target mostly have the same paths."""
    bad = [Diagnostic("MG409", f"the path {path!a} {why}") for path in paths if (why := _why_unsafe(path))]
    return (*bad, *_twins(paths))


def _why_unsafe(path: str) -> str | None:
    if not path or path.startswith("/"):
        return "is not inside the bundle"
    if len(path) > _PATH_LIMIT:
        return f"is longer than {_PATH_LIMIT} characters"
    if path != unicodedata.normalize("NFC", path):
        return "is not in Unicode's composed form (NFC), so systems disagree about its name"
    return next((why for part in path.split("/") if (why := _why_unsafe_name(part))), None)


def _why_unsafe_name(name: str) -> str | None:
    if name in ("", ".", ".."):
        return "has an empty, `.` or `..` part"
    if match := _FORBIDDEN.search(name):
        return f"holds the character {match[0]!a}, which Windows forbids"
    if name[-1] in ". ":
        return "has a part that ends in a dot or space, which Windows drops"
    if _DEVICE.fullmatch(name):
        return f"has a part `{name}`, which is a device on Windows"
    if not name.isascii() and any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name):
        return "holds an invisible character"
    if len(name.encode()) > _NAME_LIMIT:
        return f"has a part of more than {_NAME_LIMIT} bytes"
    return None


def _twins(paths: Sequence[str]) -> Iterator[Diagnostic]:
    """Paths that are one on a file system that folds case, and files where others need a folder."""
    spelled: dict[str, str] = {}
    files = {_folded(path): path for path in paths}
    for path in paths:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            here = "/".join(parts[:depth])
            first = spelled.setdefault(_folded(here), here)
            if first != here:
                yield Diagnostic("MG409", f"the paths {first!a} and {here!a} are one on a system that folds case")
            elif depth < len(parts) and _folded(here) in files:
                yield Diagnostic("MG409", f"the path {here!a} would be a file and a folder")


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())
