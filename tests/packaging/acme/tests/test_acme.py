"""Acme keeps the contract of every target; what is its own is tested beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.compile import Asked, compile_spec
from mlopsgen.diagnostics import SpecError
from mlopsgen.testing import PROJECTS, TargetContract

OPTIONS = {"queue": "ml", "registry": "images.acme.example/ml"}
SMALLEST = next(project for project in PROJECTS if project.name == "smallest")


class TestAcme(TargetContract):
    target = "acme"
    options = OPTIONS


def said(text: bytes) -> list[str]:
    with pytest.raises(SpecError) as stopped:
        compile_spec(Asked(Path("spec.yaml"), text), "acme")
    return [found.code for found in stopped.value.findings]


def test_a_name_that_acme_does_not_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = SMALLEST.lay(tmp_path, "acme", OPTIONS)
    monkeypatch.chdir(tmp_path)
    assert "ACME101" in said(spec.read_bytes().replace(b"name: contract", b"name: " + b"a" * 40))


def test_text_that_acme_would_evaluate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = SMALLEST.lay(tmp_path, "acme", OPTIONS)
    monkeypatch.chdir(tmp_path)
    text = spec.read_bytes().replace(b"What a target is tried with", b"costs $${params.price}")
    assert said(text) == ["MG308"]
