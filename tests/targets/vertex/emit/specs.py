"""A small project of one's own, compiled: its files parsed, and what was said about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import Diagnostic, SpecError

Node: TypeAlias = dict[str, Any]
BASE: Node = {
    "apiVersion": "mlopsgen/v1",
    "name": "churn",
    "description": "Who leaves",
    "code": {"path": "src"},
    "data": {"source": "gs://acme-data/churn/rows/", "label": "left", "split": {"test": 0.2, "stratify": True}},
    "training": {"run": "train.py", "params": {"folds": 5}},
    "evaluation": {"run": "evaluate.py", "gates": {"accuracy": {"at_least": 0.8}}},
    "targets": {"vertex": {"project": "acme-ml", "region": "europe-west1", "bucket": "acme-models"}},
}


@dataclass(frozen=True, slots=True)
class Emitted:
    """What came of a spec."""

    files: Mapping[str, bytes]
    found: tuple[Diagnostic, ...]

    @property
    def pipeline(self) -> Node:
        found: Node = yaml.safe_load(self.files["pipeline.yaml"])
        return found

    def json(self, path: str) -> Any:
        return json.loads(self.files[path])

    def yaml(self, path: str) -> Any:
        return yaml.safe_load(self.files[path])

    @property
    def resources(self) -> Mapping[str, Mapping[str, Node]]:
        found: Mapping[str, Mapping[str, Node]] = self.json("infra/main.tf.json")["resource"]
        return found

    def container(self, name: str) -> Node:
        found: Node = self.pipeline["deploymentSpec"]["executors"][f"exec-{name}"]["container"]
        return found

    def payload(self, name: str) -> Node:
        """The request that a launcher gets; numbers that a run says are 0."""
        args = self.container(name)["args"]
        text = args[args.index("--payload") + 1]
        found: Node = json.loads(re.sub(r": \{\{\$\.inputs\.parameters\['\w+'\]\}\}", ": 0", text))
        return found

    def tasks(self) -> Iterator[tuple[str, Node]]:
        """Every task of every dag."""
        for holder in (self.pipeline["root"], *self.pipeline["components"].values()):
            yield from holder.get("dag", {}).get("tasks", {}).items()


def emit(tmp_path: Path, *changes: Node) -> Emitted:
    """The bundle of the base with these changes; None takes a key away. Raises SpecError."""
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True, exist_ok=True)
    for script in ("train", "evaluate", "tell"):
        (folder / f"src/{script}.py").write_text("print('here')\n")
    spec = deepcopy(BASE)
    for change in changes:
        spec = merged(spec, change)
    path = folder / "spec.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    done = compile_spec(CompileRequest(path, path.read_bytes()), "vertex")
    return Emitted(done.bundle.files, done.findings)


def refused(tmp_path: Path, *changes: Node) -> tuple[Diagnostic, ...]:
    """The findings of a spec that does not compile."""
    try:
        emit(tmp_path, *changes)
    except SpecError as error:
        return tuple(error.findings)
    raise AssertionError("it compiles")


def merged(base: Any, change: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(change, dict):
        return change
    found = {**base}
    for key, value in change.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(base.get(key), value)
    return found


def vertex(**options: Any) -> Node:
    return {"targets": {"vertex": options}}


def training(**more: Any) -> Node:
    return {"training": more}


def permissions(found: Emitted, use: str = "runner") -> set[str]:
    """What a role of the bundle allows in Vertex AI."""
    role = found.resources["google_project_iam_custom_role"][use]
    return {one.removeprefix("aiplatform.") for one in role["permissions"]}
