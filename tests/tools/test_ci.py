"""Continuous integration runs what CONTRIBUTING.md says, and nothing that a stranger could change."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
import yaml

from tests.projects import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
MAKE = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_reads_only_and_runs_our_commands(path: Any) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert [name for name in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name)] == []
    assert {step["run"] for step in steps(workflow) if "run" in step} <= {".ci/run", *(f"make {name}" for name in MAKE)}
    kept = [step for step in steps(workflow) if "checkout" in step.get("uses", "")]
    assert [step for step in kept if step["with"]["persist-credentials"] is not False] == []


def test_the_command_is_check_and_test() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert re.findall(r"^make .*", script.read_text(encoding="utf-8"), re.MULTILINE) == ["make check", "make test"]


def test_the_guide_lists_every_target_of_make() -> None:
    listed = set(re.findall(r"^\| `make (\w+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == MAKE - {"help", "setup", "clean"}
