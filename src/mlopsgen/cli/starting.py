"""The files of a first product, and how they come into a folder without harming what is there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.render import FileJob, render
from mlopsgen.resources import STARTER, TEMPLATES
from mlopsgen.spec.options import TargetOptions

SCHEMA = ".mlopsgen.schema.json"
"""Beside the spec, whose first line names it to editors."""

IGNORED = ".gitignore"
"""Many a folder has its own: it stays as it is."""

LONGEST = 48


def name_from(text: str) -> str:
    """A product's name made of a folder's; empty when it has no letter that a name may begin with."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower())
    return re.sub(r"^[^a-z]+", "", plain)[:LONGEST].strip("-")


def files(name: str, options: Mapping[str, type[TargetOptions]], schema: str) -> dict[str, bytes]:
    """Path → content of everything in a first product."""
    facts = [
        {"name": target, "facts": example_facts}
        for target, model in options.items()
        if (example_facts := example(model))
    ]
    description = f"{name}, on sample data until its own are there"
    spec = FileJob("spec.yaml", "spec.yaml.j2", {"name": name, "description": description, "targets": facts})
    copied = {path.relative_to(STARTER).as_posix(): path.read_bytes() for path in _copied()}
    return {**render([spec], TEMPLATES / "starter"), SCHEMA: compact(schema).encode(), **copied}


def compact(document: str) -> str:
    """A JSON document without the blanks that nobody needs in a file that only editors read."""
    return json.dumps(json.loads(document), ensure_ascii=False, separators=(",", ":")) + "\n"


def example(options: type[TargetOptions]) -> dict[str, Any]:
    """What a target's block needs, said with the examples of its fields; empty when one of them has none."""
    needed = _needed(options)
    return {name: values[0] for name, values in needed.items() if values} if all(needed.values()) else {}


def lacks_example(options: type[TargetOptions]) -> bool:
    """Whether a target's block needs something that nobody gives an example of."""
    return not all(_needed(options).values())


def _needed(options: type[TargetOptions]) -> dict[str, list[Any]]:
    fields = options.model_fields.items()
    return {
        name: list(field.examples or ())
        for name, field in fields
        if field.is_required() or name in options.started_with
    }


def put(folder: Path, content: Mapping[str, bytes]) -> list[str]:
    """Writes every file, or none: one that is there with other content stops it before it has begun.

    Gives the paths that hold what was to be written; a .gitignore of your own is not among them.
    """
    try:
        taken = [path for path, text in content.items() if _differs(folder / path, text)]
        if refused := [path for path in taken if path != IGNORED]:
            raise SpecError([_taken(folder, path) for path in refused])
        written = [path for path in content if path not in taken]
        for path in written:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content[path])
        return written
    except OSError as wrong:
        what = f"`{wrong.filename or folder}` cannot be written: {wrong.strerror or wrong}"
        raise SpecError([Diagnostic("MG410", what, hint="choose another folder: `mlopsgen init DIR`")]) from wrong


def misnamed(name: str) -> str | None:
    """What is wrong with a product's name; None when nothing is."""
    if len(name) <= LONGEST and re.fullmatch(r"[a-z](?:[a-z0-9-]*[a-z0-9])?", name):
        return None
    rule = f"small letters, digits and hyphens, a letter first, {LONGEST} at most"
    better = name_from(name)
    return f"`{name}` is no name of a product: {rule}." + (f" `{better}` would be one." if better else "")


def _copied() -> list[Path]:
    files = (path for path in STARTER.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(files)


def _differs(path: Path, content: bytes) -> bool:
    if not (path.exists() or path.is_symlink()):
        return False
    return not path.is_file() or path.read_bytes() != content


def _taken(folder: Path, path: str) -> Diagnostic:
    hint = "nothing was written; choose another folder (`mlopsgen init DIR`), or move the file away"
    return Diagnostic("MG406", f"`{folder / path}` is there already, and is not what would be written", hint=hint)
