"""Specs for the tests, compiled in memory: a small one, and what is said otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import Diagnostic, Severity, SpecError
from tests.targets.azureml.asked import BLOCK
from tests.wrong import lay

BASE: Mapping[str, Any] = {
    "apiVersion": "mlopsgen/v1",
    "name": "churn",
    "data": {
        "source": "data/churn.csv",
        "label": "churned",
        "columns": {"id": "string", "churned": "category"},
        "split": {"test": 0.2, "validation": 0.2},
    },
    "training": {"run": "train.py"},
}
DEPLOYMENTS = "Microsoft.Resources/deployments"
SEARCH = {"depth": {"int": [1, 3]}}


def tuned(search: Mapping[str, Any] = SEARCH, **said: Any) -> dict[str, Any]:
    """Training that searches."""
    tuning = {"metric": "accuracy", "strategy": "random", "trials": 4, "search": dict(search), **said}
    return {"training": {"run": "train.py", "tuning": tuning}}


def step(**said: Any) -> dict[str, Any]:
    """One step of the user's own."""
    return {"steps": {"clean": {"run": "clean.py", "inputs": {"rows": "data.source"}, **said}}}


@dataclass(frozen=True, slots=True)
class Emitted:
    """A bundle, file by file."""

    files: Mapping[str, bytes]
    found: tuple[Diagnostic, ...]

    def yml(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load(self.files[path])
        return found

    def arm(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.files[path])
        return found

    def resources(self, path: str) -> list[dict[str, Any]]:
        """The resources of a template, with those of deployments inside it."""
        listed: list[dict[str, Any]] = self.arm(path)["resources"]
        inner = [one["properties"]["template"]["resources"] for one in listed if one["type"] == DEPLOYMENTS]
        return [*listed, *(resource for resources in inner for resource in resources)]

    def deployments(self, path: str) -> dict[str, dict[str, Any]]:
        """The deployments inside a template, by their names."""
        return {one["name"]: one for one in self.arm(path)["resources"] if one["type"] == DEPLOYMENTS}

    @property
    def jobs(self) -> dict[str, Any]:
        found: dict[str, Any] = self.yml("pipeline.yml")["jobs"]
        return found

    def command(self, step: str) -> str:
        return str(self.yml(f"components/{step}.yml")["command"])

    def said(self, code: str) -> list[str]:
        return [one.message for one in self.found if one.code == code]


def emitted(folder: Path, said: Mapping[str, Any] | None = None, **options: Any) -> Emitted:
    """The bundle of a spec; `options` are those of the target."""
    compiled = compile_spec(_asked(folder, said or {}, options), "azureml")
    return Emitted(compiled.bundle.files, tuple(compiled.findings))


def refused(folder: Path, said: Mapping[str, Any] | None = None, **options: Any) -> list[tuple[str, str]]:
    """Code and message of everything that keeps a spec from being compiled and says what to write instead."""
    try:
        compile_spec(_asked(folder, said or {}, options), "azureml")
    except SpecError as wrong:
        return [(one.code, one.message) for one in wrong.findings if one.severity is Severity.ERROR and one.hint]
    return []


def _asked(folder: Path, said: Mapping[str, Any], options: Mapping[str, Any]) -> CompileRequest:
    root = lay(folder) if not (folder / "data").exists() else folder
    spec = {**BASE, **said, "targets": {"azureml": {**BLOCK, **options}}}
    return CompileRequest(root / "spec.yaml", yaml.safe_dump(spec, sort_keys=False).encode())
