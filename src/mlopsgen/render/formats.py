"""Which spelling each emitted file gets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from mlopsgen.diagnostics import Diagnostic, SpecError

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
