"""Bundles and findings of specs that a test writes in a few lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import Diagnostic, SpecError

Node: TypeAlias = dict[str, Any]
OPTIONS: Mapping[str, Any] = {
    "namespace": "ml",
    "endpoint": "https://kubeflow.example.com",
    "storage": "s3://acme-ml",
    "images": "ghcr.io/acme",
}
SPEC: Mapping[str, Any] = {
    "apiVersion": "mlopsgen/v1",
    "name": "payers",
    "data": {"source": "data/rows.csv", "label": "paid"},
    "training": {"run": "train.py"},
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of a bundle, read as their readers would."""

    files: Mapping[str, bytes]
    found: tuple[Diagnostic, ...]

    @property
    def pipeline(self) -> Node:
        return self._documents("pipeline.yaml")[0]

    def container(self, step: str) -> Node:
        found: Node = self.pipeline["deploymentSpec"]["executors"][f"exec-{step}"]["container"]
        return found

    def told(self, step: str) -> Node:
        """What Kubernetes is told of a step."""
        platform = self._documents("pipeline.yaml")[1]["platforms"]["kubernetes"]
        found: Node = platform["deploymentSpec"]["executors"][f"exec-{step}"]
        return found

    @property
    def settings(self) -> Node:
        found: Node = self._documents("pipeline.yaml")[1]["platforms"]["kubernetes"].get("pipelineConfig", {})
        return found

    def manifests(self, name: str) -> list[Node]:
        return self._documents(f"manifests/{name}")

    def json(self, path: str) -> Any:
        return json.loads(self.files[path])

    @property
    def readme(self) -> str:
        return self.files["README.md"].decode()

    @property
    def manifest_names(self) -> set[str]:
        return {path.removeprefix("manifests/") for path in self.files if path.startswith("manifests/")}

    def _documents(self, path: str) -> list[Node]:
        return [found for found in yaml.safe_load_all(self.files[path].decode()) if found]


def made(folder: Path, spec: Mapping[str, Any] | None = None, **options: Any) -> Bundle:
    """The bundle of a spec with these sections."""
    asked = laid(folder, spec or {}, options)
    compiled = compile_spec(asked, "kubeflow")
    return Bundle(compiled.bundle.files, tuple(compiled.findings))


def refused(folder: Path, spec: Mapping[str, Any] | None = None, **options: Any) -> list[tuple[str, str]]:
    """The errors of a spec that is not compiled: their codes, and where they point."""
    asked = laid(folder, spec or {}, options)
    try:
        compile_spec(asked, "kubeflow")
    except SpecError as stopped:
        found = [one for one in stopped.findings if one.severity == "error"]
        assert all(one.hint and one.span for one in found)
        return [(one.code, ".".join(map(str, one.spec_path or ()))) for one in found]
    raise AssertionError("it compiles")


def laid(folder: Path, spec: Mapping[str, Any], options: Mapping[str, Any]) -> CompileRequest:
    """A project on disk."""
    block = {key: value for key, value in {**OPTIONS, **options}.items() if value is not None}
    whole = {**SPEC, **spec, "targets": {"kubeflow": block}}
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "rows.csv").write_text("id,age,paid\n1,30,yes\n")
    for script in ("train.py", "clean.py", "evaluate.py"):
        (folder / script).write_text("print('hello')\n")
    path = folder / "spec.yaml"
    path.write_text(json.dumps(whole, indent=1))
    return CompileRequest(path, path.read_bytes())
