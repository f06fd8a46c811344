"""What comes of a spec for the targets that tests of all specs are run with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlopsgen import targets
from mlopsgen.compile import check, compile_for
from mlopsgen.compile import read as read_text
from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.source import plain
from mlopsgen.spec.read import Read, read_spec
from mlopsgen.spec.resolve import canonical, resolve
from mlopsgen.targets.blocks import option_models
from mlopsgen.testing.projects import SPEC
from mlopsgen.testing.projects import WHOLE as PROJECTS
from tests.spec.acme import OPTIONS
from tests.wrong import SPECS, TARGETS, asked

_BLOCKS = {name: (SPECS / "whole" / f"{name}.yaml").read_bytes() for name in ("script", "others")}
WHOLE: Mapping[str, bytes] = {
    project.name: project.files[SPEC] + _BLOCKS.get(project.name, _BLOCKS["others"]) for project in PROJECTS
}
"""Specs that together say all that can be said, with the blocks of two targets."""
ALLOWED = ("MG301", "MG302", "MG313")
"""What one of the targets refuses of a spec that has all."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a spec: each target's files, and what was said about it."""

    files: Mapping[str, Mapping[str, bytes]]
    found: Mapping[str, tuple[Diagnostic, ...]]


def whole(project: Path, text: bytes) -> tuple[Any, Read]:
    """A spec as plain data in its long form, and as it reads."""
    source = canonical(resolve(read_text(asked(project, text)), None, {}))
    return plain(source.root), read_spec(source, {**option_models(source), **OPTIONS}, targets.names())


def make(project: Path, data: Any) -> Made:
    checked = check(asked(project, json.dumps(data, ensure_ascii=False), ALLOWED), TARGETS)
    files: dict[str, Mapping[str, bytes]] = {}
    found: dict[str, tuple[Diagnostic, ...]] = {}
    for target in TARGETS:
        try:
            compiled = compile_for(checked, target)
        except SpecError as stopped:
            files[target], found[target] = {}, stopped.findings
        else:
            files[target], found[target] = compiled.bundle.files, compiled.findings
    return Made(files, found)
