"""Acme keeps the contract of every target; what is its own is tested beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import SpecError
from mlopsgen.testing import PROJECTS, TargetContract

OPTIONS = {"queue": "ml", "registry": "images.acme.example/ml"}
STEPS = ("FrameworkTraining", "Prepare", "ScriptEvaluation", "ScriptTraining", "Step", "TaskEvaluation")
CACHES = [f"{step}.cache" for step in STEPS]
PATCHES = [
    {"file": "workflow.yaml", "at": "/description", "replace": "Changed"},
    {"file": "workflow.yaml", "at": "/tags", "merge": {"team": "ml"}},
    {"file": "workflow.yaml", "at": "/owner", "remove": True},
]
SMALLEST = next(project for project in PROJECTS if project.name == "smallest")


class TestAcme(TargetContract):
    target = "acme"
    options = OPTIONS
    blocks: ClassVar[Sequence[Mapping[str, Any]]] = (
        {**OPTIONS, "patches": PATCHES},
        {**OPTIONS, "machines": {"training": "big"}, "steps": {"training": {"priority": 1}}},
    )
    compiles_at_least = 6
    ignored: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(CACHES, "every job runs each time"),
        "AcmeOptions.names": "names of deployments, and there are none",
        "OnInvoke.start": "there are no deployments to start",
        "OnSchedule.start": "there are no deployments to start",
    }
    own_folders = ("/acme",)

    def training_command(self, files: Mapping[str, bytes]) -> Sequence[str]:
        (job,) = (job for job in yaml.safe_load(files["workflow.yaml"])["jobs"] if job["name"].endswith("-training"))
        return tuple(job["command"])


def codes(text: bytes) -> list[str]:
    with pytest.raises(SpecError) as stopped:
        compile_spec(CompileRequest(Path("spec.yaml"), text), "acme")
    return [finding.code for finding in stopped.value.findings]


def test_a_name_that_acme_does_not_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = SMALLEST.lay(tmp_path, "acme", OPTIONS)
    monkeypatch.chdir(tmp_path)
    assert "ACME101" in codes(spec.read_bytes().replace(b"name: contract", b"name: " + b"a" * 40))


def test_text_that_acme_would_evaluate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = SMALLEST.lay(tmp_path, "acme", OPTIONS)
    monkeypatch.chdir(tmp_path)
    text = spec.read_bytes().replace(b"What a target is tried with", b"costs $${params.price}")
    assert codes(text) == ["MG308"]
