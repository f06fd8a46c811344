"""The manifest of a bundle (every file with its digest), and a folder held against it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from io import FileIO
from pathlib import Path
from stat import S_ISREG
from typing import Any

from mlopsgen import __version__
from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.indentation import indented
from mlopsgen.records import dataclass

MANIFEST = "manifest.json"
FORMAT = 1
"""Grows when an older mlopsgen could not handle a bundle any more."""
LARGEST = 50_000_000
"""Bytes of a manifest: one has a line of some hundred for each file."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files compiled for one target, in memory: path → bytes."""

    target: str
    files: Mapping[str, bytes]
    environment: str | None = None
    spec_digest: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file as it was written."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest.json of a bundle; `digest` names the content of all files together."""

    target: str
    environment: str | None
    spec_digest: str
    files: Mapping[str, Entry]
    digest: str
    version: str = __version__
    format: int = FORMAT

    def text(self) -> bytes:
        """The manifest as its file holds it."""
        document = {
            "format": self.format,
            "mlopsgen": self.version,
            "target": self.target,
            "environment": self.environment,
            "spec": self.spec_digest,
            "digest": self.digest,
            "files": {path: {"sha256": e.sha256, "size": e.size} for path, e in sorted(self.files.items())},
        }
        return (indented(document) + "\n").encode()


class NewerFormatError(Exception):
    """The bundle was written by a mlopsgen that came later."""


def manifest_of(bundle: Bundle) -> Manifest:
    """The manifest of this bundle; the same files give the same digest, whoever compiles them."""
    files = {path: entry_of(content) for path, content in bundle.files.items()}
    return Manifest(bundle.target, bundle.environment, bundle.spec_digest, files, _digest(files))


@lru_cache(maxsize=256)
def entry_of(content: bytes) -> Entry:
    """Size and digest of one file; remembered, because most of a bundle's files are in every other one."""
    return Entry(hashlib.sha256(content).hexdigest(), len(content))


def _digest(files: Mapping[str, Entry]) -> str:
    lines = "".join(f"{entry.sha256}  {path}\n" for path, entry in sorted(files.items()))
    return "sha256:" + hashlib.sha256(lines.encode()).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle on disk, or a finding: none there, damaged, or of a newer format."""
    try:
        return parse_manifest(_manifest_text(folder))
    except NewerFormatError as problem:
        raise SpecError([newer_format(folder, str(problem))]) from problem
    except FileNotFoundError:
        raise SpecError([_no_bundle(folder)]) from None
    except (OSError, ValueError) as problem:
        finding = Diagnostic("MG444", f"`{folder / MANIFEST}` cannot be read: {problem}", hint="compile the spec again")
        raise SpecError([finding]) from problem


def _manifest_text(folder: Path) -> bytes:
    """What the manifest's file holds; ValueError for what is no file, where reading would wait or never end."""
    stats = (folder / MANIFEST).lstat()
    if not S_ISREG(stats.st_mode):
        raise ValueError("it is no ordinary file")
    if stats.st_size > LARGEST:
        raise ValueError(f"it has {stats.st_size / 1e6:,.0f} MB")
    return (folder / MANIFEST).read_bytes()


def _no_bundle(folder: Path) -> Diagnostic:
    return Diagnostic("MG444", f"`{folder}` is no bundle: it has no {MANIFEST}", hint="`mlopsgen compile` writes one")


def newer_format(folder: Path, problem: str) -> Diagnostic:
    """The finding for a bundle that this mlopsgen is too old for."""
    hint = "upgrade mlopsgen, or write over it with `--force`"
    return Diagnostic("MG408", f"`{folder}` was written by a later mlopsgen: {problem}", hint=hint)


def parse_manifest(content: bytes) -> Manifest:
    """The manifest that a file holds; ValueError when it is none."""
    try:
        document = json.loads(content)
    except RecursionError:
        raise ValueError("it is no manifest of mlopsgen") from None
    if not isinstance(document, dict) or type(document.get("format")) is not int:
        raise ValueError("it is no manifest of mlopsgen")
    if document["format"] > FORMAT:
        raise NewerFormatError(f"format {document['format']}, this one knows {FORMAT}")
    try:
        return _manifest(document)
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError("it is no manifest of mlopsgen") from problem


def _manifest(document: dict[str, Any]) -> Manifest:
    files = {str(path): Entry(str(e["sha256"]), int(e["size"])) for path, e in document["files"].items()}
    manifest = Manifest(
        target=str(document["target"]),
        environment=document["environment"],
        spec_digest=str(document["spec"]),
        files=files,
        digest=str(document["digest"]),
        version=str(document["mlopsgen"]),
        format=document["format"],
    )
    if manifest.digest != _digest(files):
        raise ValueError("its digest is not that of the files it lists")
    return manifest


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
    groups = (
        (differences.missing, "is in the manifest, but not in the folder"),
        (differences.edited, "is not what was compiled: its digest differs"),
        (differences.unknown, "is not in the manifest"),
    )
    hint = "compile again; keep a change of your own as a patch in the spec, under `targets.<target>.patches`"
    return tuple(Diagnostic("MG444", f"`{path}` {what}", hint=hint) for paths, what in groups for path in paths)


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


def obstacles(folder: Path, display_path: Path) -> tuple[Diagnostic, ...]:
    """Why this folder, which people know as `display_path`, must not be replaced without being asked twice."""
    names = sorted(path for path, _ in files_in(folder))
    if MANIFEST not in names:
        return (_unknown(display_path, names),) if names else ()
    try:
        manifest = parse_manifest(_manifest_text(folder))
    except NewerFormatError as problem:
        return (newer_format(display_path, str(problem)),)
    except ValueError:
        return (_edited(display_path, [MANIFEST]),)
    differences = compare(folder, manifest)
    findings = []
    if differences.unknown:
        findings.append(_unknown(display_path, differences.unknown))
    if differences.edited:
        findings.append(_edited(display_path, differences.edited))
    return tuple(findings)


def files_in(folder: str | Path, inside: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every file and link under a folder by its path in the bundle; links are not followed."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda e: e.name):
            if entry.name in _LITTER:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from files_in(entry.path, f"{inside}{entry.name}/")
            else:
                yield inside + entry.name, entry


def content_of(entry: os.DirEntry[str]) -> bytes:
    """What an ordinary file holds."""
    with FileIO(entry.path) as file:
        return file.readall()


def _entry(file: os.DirEntry[str]) -> Entry | None:
    """None for what is no ordinary file: a link in a file's place is an edit, whatever it points to."""
    return entry_of(content_of(file)) if file.is_file(follow_symlinks=False) else None


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
    first_names = ", ".join(f"`{name}`" for name in names[:5])
    return first_names if len(names) <= 5 else f"{first_names} and {len(names) - 5} more"
