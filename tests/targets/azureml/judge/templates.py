"""Every ARM template that a spec of this repository becomes: examples, valid specs, specs that say all."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import SpecError
from mlopsgen.testing.projects import PROJECTS, SPEC, WHOLE, Project
from tests.conformance.whole import ADDRESSES, AZUREML
from tests.projects import EXAMPLES, ROOT
from tests.spec.reading import VALID
from tests.targets.azureml.asked import BLOCK, WATCHED
from tests.wrong import lay

_ALL = {key: value for key, value in AZUREML[0].items() if key not in ("steps", "compute", "patches")}
BLOCKS: tuple[Mapping[str, Any], ...] = (BLOCK, _ALL)
"""What a spec says of this target; neither has a step that only one spec knows."""
PERSON = "11111111-2222-3333-4444-555555555555"
HERE = {**ADDRESSES["azureml"], "release-managers": PERSON, "planning-app": PERSON}
"""What a spec says → how Azure writes it."""
REFUSED_IN_PART = frozenset({"MG301", "MG302", "MG313"})
"""What a spec for other targets may ask for in vain: the rest of it is compiled."""
AUDITED: Mapping[str, Any] = {
    "governance": {"audit": True, "retention": "30d"},
    "triggers": {"called": {"start": "training", "invoke": True}},
}
_MISSING = re.compile("there is no `(.+)` in the (spec's|code) folder")


@cache
def templates() -> Mapping[str, Any]:
    """Each template once, by the spec that becomes it and its file."""
    seen: dict[str, tuple[str, Any]] = {}
    for name, files in _bundles():
        for file, content in files.items():
            if file.startswith("infra/") and file.endswith(".json"):
                document = json.loads(content)
                seen.setdefault(json.dumps(document, sort_keys=True), (f"{name}: {file}", document))
    return dict(seen.values())


def _bundles() -> Iterator[tuple[str, Mapping[str, bytes]]]:
    with tempfile.TemporaryDirectory() as root:
        for number, (project, block) in enumerate((p, b) for p in _projects() for b in BLOCKS):
            spec = project.lay(Path(root) / str(number), "azureml", {})
            text = spec.read_text(encoding="utf-8")
            for address, here in HERE.items():
                text = text.replace(address, here)
            said = yaml.safe_load(text)
            said["targets"] = {"azureml": block}
            spec.write_text(json.dumps(said))
            yield project.name, _compiled(spec)


def _projects() -> Iterator[Project]:
    yield from (*PROJECTS, *WHOLE)
    for name in EXAMPLES:
        yield Project.read(ROOT / "examples" / name)
    with tempfile.TemporaryDirectory() as root:
        beside = Project.read(lay(Path(root) / "valid")).files
    for path in VALID:
        yield Project(path.stem, {**beside, SPEC: path.read_bytes()})
    arrives = {"source": WATCHED, "label": "churned"}
    spec = {"apiVersion": "mlopsgen/v1", "name": "arrives", "data": arrives, "training": {"run": "train.py"}, **AUDITED}
    spec["triggers"] = {**AUDITED["triggers"], "fresh": {"start": "training", "new_data": "data.source"}}
    yield Project("arrives", {**beside, SPEC: yaml.safe_dump(spec).encode()})


def _compiled(spec: Path) -> Mapping[str, bytes]:
    """The bundle of a spec; the files that it misses are made, and what else is refused is none."""
    request = CompileRequest(spec, spec.read_bytes(), allow=REFUSED_IN_PART)
    try:
        return compile_spec(request, "azureml").bundle.files
    except SpecError as wrong:
        missing = [match for one in wrong.findings if (match := _MISSING.search(one.message))]
    for match in missing:
        path = spec.parent / {"spec's": ".", "code": "src"}[match[2]] / match[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("id,age,city,churned\n1,30,rome,no\n")
    return _compiled(spec) if missing else {}
