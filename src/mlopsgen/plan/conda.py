"""conda.yml as pip requirements: the image installs with pip alone."""

from __future__ import annotations

from typing import Any

from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath
from mlopsgen.source import plain, read_yaml


def conda_requirements(text: str, path: str, where: SpecPath) -> tuple[str, ...]:
    """The packages of an environment file, spelled for pip; python itself is `code.python`."""
    try:
        document = plain(read_yaml(text, path).root)
    except SpecError as wrong:
        raise SpecError([Diagnostic("MG117", f"`{path}` is not an environment file: {wrong}", where)]) from wrong
    listed = document.get("dependencies") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise SpecError([Diagnostic("MG117", f"`{path}` has no list `dependencies`", where)])
    return tuple(line for entry in listed for line in _entry(entry))


def _entry(entry: Any) -> tuple[str, ...]:
    if isinstance(entry, dict):
        return tuple(str(line) for line in entry.get("pip") or ())
    name = str(entry).split("::")[-1]
    if name.split("=")[0].strip() in ("python", "pip"):
        return ()
    head, equals, rest = name.partition("=")
    if not equals or rest.startswith("=") or head.endswith((">", "<", "!", "~")):
        return (name,)
    version = rest.split("=")[0]
    # conda's single `=` means any build and any later part of that version.
    return (f"{head}=={version}.*" if version.count(".") < 2 else f"{head}=={version}",)
