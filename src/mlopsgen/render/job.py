"""The files that a target asks for: from templates, each in the format of its name, or copied; and patches to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath
from mlopsgen.records import dataclass


@dataclass(frozen=True, slots=True)
class Merge:
    """Put these keys into the mapping that is there; maps merge, None takes a key away."""

    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Replace:
    """Put this value in the place of the one that is there."""

    value: Any


@dataclass(frozen=True, slots=True)
class Remove:
    """Take the key or list entry away."""


Change: TypeAlias = Merge | Replace | Remove


@dataclass(frozen=True, slots=True)
class Patch:
    """A user's last word on one place of one emitted file.

    `at` is a JSON pointer whose list positions may be said by content:
    `/Steps/[Name=training]/Arguments`, `/[metadata.name=trainer]/spec`. What no entry of a list
    says is looked for in the lists inside.
    """

    file: str
    at: str
    change: Change
    origin: SpecPath = ()


@dataclass(frozen=True, slots=True)
class FileJob:
    """One file to write: which template, fed with what; `embed` fills values with other documents.

    JSON of more than `longest` characters is printed without a blank between its parts, and refused where that
    is still too long (MG306).
    """

    path: str
    template: str
    values: Mapping[str, Any]
    embed: Mapping[str, FileJob] = field(default_factory=dict)
    patches: tuple[Patch, ...] = ()
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """A file that is written as it is: user code, which is never parsed."""

    path: str
    content: bytes


Job: TypeAlias = FileJob | Copy


def patched(jobs: Iterable[Job], patches: Iterable[Patch]) -> tuple[Job, ...]:
    """The same jobs, each with the patches that name its file, embedded documents too."""
    kept, own = tuple(jobs), tuple(patches)
    known = {path for job in kept for path in _documents(job)}
    lost = [p for p in own if p.file not in known]
    if lost:
        raise SpecError(_no_such_file(p, known) for p in lost)
    return tuple(_with(job, own) for job in kept)


def _documents(job: Job) -> Iterator[str]:
    if isinstance(job, FileJob):
        yield job.path
        for inner in job.embed.values():
            yield from _documents(inner)


def _with(job: Job, patches: tuple[Patch, ...]) -> Job:
    return _patched_file(job, patches) if isinstance(job, FileJob) else job


def _patched_file(job: FileJob, patches: tuple[Patch, ...]) -> FileJob:
    embed = {name: _patched_file(inner, patches) for name, inner in job.embed.items()}
    own = tuple(p for p in patches if p.file == job.path)
    return replace(job, embed=embed, patches=job.patches + own)


def _no_such_file(patch: Patch, known: set[str]) -> Diagnostic:
    return Diagnostic(
        "MG310",
        f"no emitted file is called `{patch.file}`",
        spec_path=patch.origin,
        hint="one of: " + ", ".join(sorted(known)),
    )


FORMATS: Mapping[str, str] = {
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".py": "python",
    ".sh": "shell",
    ".txt": "text",
    ".in": "text",
    ".md": "markdown",
    "Dockerfile": "dockerfile",
    ".dockerignore": "text",
    ".gitignore": "text",
}
"""By a file's whole name or its suffix; a file with neither is refused."""


def format_of(path: str) -> str:
    """The format of an output file, by its name or suffix."""
    name = PurePosixPath(path)
    known = FORMATS.get(name.name) or FORMATS.get(name.suffix)
    if known is None:
        hint = "known: " + ", ".join(sorted(FORMATS))
        raise SpecError([Diagnostic("MG401", f"nobody knows how to spell values in `{path}`", hint=hint)])
    return known
