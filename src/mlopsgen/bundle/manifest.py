"""What belongs to a bundle: every file with its digest, and what it was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlopsgen import __version__
from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.records import dataclass

MANIFEST = "manifest.json"
FORMAT = 1
"""Grows when an older mlopsgen could not handle a bundle any more."""


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
        said = {
            "format": self.format,
            "mlopsgen": self.version,
            "target": self.target,
            "environment": self.environment,
            "spec": self.spec_digest,
            "digest": self.digest,
            "files": {path: {"sha256": e.sha256, "size": e.size} for path, e in sorted(self.files.items())},
        }
        return (json.dumps(said, indent=2) + "\n").encode()


class NewerFormatError(Exception):
    """The bundle was written by a mlopsgen that came later."""


def manifest_of(bundle: Bundle) -> Manifest:
    """What the manifest of this bundle says; the same files give the same digest, whoever compiles them."""
    files = {path: entry_of(content) for path, content in bundle.files.items()}
    return Manifest(bundle.target, bundle.environment, bundle.spec_digest, files, _digest(files))


def entry_of(content: bytes) -> Entry:
    """Size and digest of one file."""
    return Entry(hashlib.sha256(content).hexdigest(), len(content))


def _digest(files: Mapping[str, Entry]) -> str:
    lines = "".join(f"{entry.sha256}  {path}\n" for path, entry in sorted(files.items()))
    return "sha256:" + hashlib.sha256(lines.encode()).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle on disk, or a finding: none there, damaged, or of a newer format."""
    try:
        return parse_manifest((folder / MANIFEST).read_bytes())
    except NewerFormatError as problem:
        raise SpecError([newer_format(folder, str(problem))]) from problem
    except FileNotFoundError:
        raise SpecError([_no_bundle(folder)]) from None
    except (OSError, ValueError) as problem:
        found = Diagnostic("MG444", f"`{folder / MANIFEST}` cannot be read: {problem}", hint="compile the spec again")
        raise SpecError([found]) from problem


def _no_bundle(folder: Path) -> Diagnostic:
    inside = sorted(str(manifest.parent) for manifest in folder.glob(f"*/{MANIFEST}"))
    hint = f"it holds some: {', '.join(f'`{path}`' for path in inside)}" if inside else "`mlopsgen compile` writes one"
    return Diagnostic("MG444", f"`{folder}` is no bundle: it has no {MANIFEST}", hint=hint)


def newer_format(folder: Path, problem: str) -> Diagnostic:
    """The finding for a bundle that this mlopsgen is too old for."""
    hint = "upgrade mlopsgen, or write over it with `--force`"
    return Diagnostic("MG408", f"`{folder}` was written by a later mlopsgen: {problem}", hint=hint)


def parse_manifest(content: bytes) -> Manifest:
    """The manifest that a file holds; ValueError when it is none."""
    said = json.loads(content)
    if not isinstance(said, dict) or type(said.get("format")) is not int:
        raise ValueError("it is no manifest of mlopsgen")
    if said["format"] > FORMAT:
        raise NewerFormatError(f"format {said['format']}, this one knows {FORMAT}")
    try:
        return _manifest(said)
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError("it is no manifest of mlopsgen") from problem


def _manifest(said: dict[str, Any]) -> Manifest:
    files = {str(path): Entry(str(e["sha256"]), int(e["size"])) for path, e in said["files"].items()}
    manifest = Manifest(
        target=str(said["target"]),
        environment=said["environment"],
        spec_digest=str(said["spec"]),
        files=files,
        digest=str(said["digest"]),
        version=str(said["mlopsgen"]),
        format=said["format"],
    )
    if manifest.digest != _digest(files):
        raise ValueError("its digest is not that of the files it lists")
    return manifest
