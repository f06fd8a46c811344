"""Every spec of the repository for one target: those that the contract tries, examples, and tests/specs/valid."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import SpecError
from mlopsgen.testing.projects import PROJECTS, SPEC, WHOLE, Project
from tests.projects import EXAMPLES, ROOT
from tests.spec.reading import VALID
from tests.wrong import lay

Files: TypeAlias = Mapping[str, bytes]
REFUSED_IN_PART = frozenset({"MG301", "MG302", "MG313"})
"""What a spec for other targets may ask for in vain: the rest of it is compiled."""
COLUMNS = (
    *("id", "age", "city", "churned", "target", "progression", "hours", "kind", "minutes", "trip_id"),
    *("activity_id", "project_schedule", "activity_hours", "contractor_type", "schedule_adherence"),
)
"""What the specs call the columns of files that are made."""
NOTHING = frozenset({"brought", "valid-deploy-only", "valid-monitor-only"})
"""Specs that no target makes anything of yet: MG207."""
MISSING = re.compile("there is no `(.+)` in the (spec's|code) folder")
"""What a finding says of a file that is not there."""


def projects() -> Iterator[Project]:
    """Each spec with what lies beside it."""
    yield from (*PROJECTS, *WHOLE)
    for name in EXAMPLES:
        yield Project.read(ROOT / "examples" / name)
    for path in VALID:
        yield Project(f"valid-{path.stem}", {**beside(), SPEC: _alone(path)})


def _alone(path: Path) -> bytes:
    """A spec without its environments, which would share what one block of a target names."""
    spec = yaml.safe_load(path.read_bytes())
    return json.dumps({key: value for key, value in spec.items() if key != "environments"}).encode()


def beside() -> Files:
    """The code and data that the specs of tests/specs/valid name."""
    with tempfile.TemporaryDirectory() as root:
        return Project.read(lay(Path(root) / "valid")).files


def bundle_of(
    project: Project, folder: Path, target: str, block: Mapping[str, Any], words: Mapping[str, str] | None = None
) -> Files:
    """The bundle of a project with a block of the target; empty where the block refuses what the spec asks for.

    `words` are what the spec says → what the target's platform has in its place.
    """
    spec = project.lay(folder, target, {})
    text = spec.read_text(encoding="utf-8")
    for word, here in (words or {}).items():
        text = text.replace(word, here)
    spec.write_text(json.dumps({**yaml.safe_load(text), "targets": {target: block}}))
    return _compiled(spec, target)


def _compiled(spec: Path, target: str) -> Files:
    """The bundle of a spec; the files that it misses are made."""
    try:
        return compile_spec(CompileRequest(spec, spec.read_bytes(), allow=REFUSED_IN_PART), target).bundle.files
    except SpecError as wrong:
        missing = [match for one in wrong.findings if (match := MISSING.search(one.message))]
    for match in missing:
        made_of(match, spec.parent)
    return _compiled(spec, target) if missing else {}


def made_of(match: re.Match[str], folder: Path) -> None:
    """Writes a file that a finding misses."""
    path = folder / {"spec's": ".", "code": "src"}[match[2]] / match[1]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{','.join(COLUMNS)}\n{','.join('1' for _ in COLUMNS)}\n")
