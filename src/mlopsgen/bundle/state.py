"""What lies in a bundle's folder, held against its manifest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mlopsgen.bundle.manifest import (
    MANIFEST,
    Entry,
    Manifest,
    NewerFormatError,
    entry_of,
    newer_format,
    parse_manifest,
    read_manifest,
)
from mlopsgen.diagnostics import Diagnostic
from mlopsgen.records import dataclass

# What looking at a folder leaves behind; nobody would miss it.
_LITTER = frozenset({"__pycache__", ".DS_Store", "Thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Differences:
    """How a folder differs from what its manifest says."""

    unknown: tuple[str, ...]
    edited: tuple[str, ...]
    missing: tuple[str, ...]


def check_integrity(folder: Path) -> tuple[Diagnostic, ...]:
    """A finding for each file that is missing, differs from the manifest, or is not in it."""
    differences = compare(folder, read_manifest(folder))
    said = (
        (differences.missing, "is in the manifest, but not in the folder"),
        (differences.edited, "is not what was compiled: its digest differs"),
        (differences.unknown, "is not in the manifest"),
    )
    hint = "compile again; keep a change of your own as a patch in the spec, under `targets.<target>.patches`"
    return tuple(Diagnostic("MG444", f"`{path}` {what}", hint=hint) for paths, what in said for path in paths)


def compare(folder: Path, manifest: Manifest) -> Differences:
    """The folder's files held against a manifest."""
    present = dict(files_in(folder))
    present.pop(MANIFEST, None)
    known = manifest.files
    return Differences(
        unknown=tuple(sorted(present.keys() - known.keys())),
        edited=tuple(sorted(p for p in present.keys() & known.keys() if _entry(present[p]) != known[p])),
        missing=tuple(sorted(known.keys() - present.keys())),
    )


def obstacles(folder: Path, shown: Path) -> tuple[Diagnostic, ...]:
    """Why this folder, which people know as `shown`, must not be replaced without being asked twice."""
    names = sorted(path for path, _ in files_in(folder))
    if MANIFEST not in names:
        return (_unknown(shown, names),) if names else ()
    try:
        manifest = parse_manifest((folder / MANIFEST).read_bytes())
    except NewerFormatError as problem:
        return (newer_format(shown, str(problem)),)
    except ValueError:
        return (_edited(shown, [MANIFEST]),)
    differences = compare(folder, manifest)
    found = []
    if differences.unknown:
        found.append(_unknown(shown, differences.unknown))
    if differences.edited:
        found.append(_edited(shown, differences.edited))
    return tuple(found)


def files_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file and link under a folder by its path in the bundle; links are not followed."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda e: e.name):
            if entry.name in _LITTER:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from ((f"{entry.name}/{path}", full) for path, full in files_in(Path(entry.path)))
            else:
                yield entry.name, Path(entry.path)


def _entry(path: Path) -> Entry | None:
    """None for what is no ordinary file: a link in a file's place is an edit, whatever it points to."""
    return entry_of(path.read_bytes()) if path.is_file() and not path.is_symlink() else None


def _unknown(folder: Path, names: list[str] | tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        "MG406",
        f"`{folder}` holds files that mlopsgen did not write: {_listed(names)}",
        hint="move them away or choose another `--out`; `--force` removes them",
    )


def _edited(folder: Path, names: list[str] | tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        "MG407",
        f"`{folder}` was edited by hand: {_listed(names)}",
        hint="keep the change as a patch in the spec, under `targets.<target>.patches`, and compile with `--force`; "
        "`--force` alone drops it",
    )


def _listed(names: list[str] | tuple[str, ...]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
