"""Every ARM template that a spec of this repository becomes: examples, valid specs, specs that say all."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mlopsgen.testing.projects import SPEC, Project
from tests.conformance.whole import ADDRESSES, AZUREML
from tests.targets.azureml.asked import BLOCK, WATCHED
from tests.targets.corpus import Files, beside, bundle_of, projects

_ALL = {key: value for key, value in AZUREML[0].items() if key not in ("steps", "compute", "patches")}
BLOCKS: tuple[Mapping[str, Any], ...] = (BLOCK, _ALL)
"""What a spec says of this target; neither has a step that only one spec knows."""
PERSON = "11111111-2222-3333-4444-555555555555"
HERE = {**ADDRESSES["azureml"], "release-managers": PERSON, "planning-app": PERSON}
"""What a spec says → how Azure writes it."""
AUDITED: Mapping[str, Any] = {
    "governance": {"audit": True, "retention": "30d"},
    "triggers": {"called": {"start": "training", "invoke": True}},
}


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


def _bundles() -> Iterator[tuple[str, Files]]:
    with tempfile.TemporaryDirectory() as root:
        for number, (project, block) in enumerate((p, b) for p in (*projects(), _arriving()) for b in BLOCKS):
            yield project.name, bundle_of(project, Path(root) / str(number), "azureml", block, HERE)


def _arriving() -> Project:
    """A product that new files start."""
    arrives = {"source": WATCHED, "label": "churned"}
    spec = {"apiVersion": "mlopsgen/v1", "name": "arrives", "data": arrives, "training": {"run": "train.py"}, **AUDITED}
    spec["triggers"] = {**AUDITED["triggers"], "fresh": {"start": "training", "new_data": "data.source"}}
    return Project("arrives", {**beside(), SPEC: yaml.safe_dump(spec).encode()})
