"""Continuous integration runs what CONTRIBUTING.md says, and nothing that a stranger could change."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.projects import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
STAGES = ["setup", "check", "judges", "test"]
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
    stages = re.findall(r"^ *stage (\w+)", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert stages == STAGES


@pytest.mark.parametrize(
    ("broken", "ran", "go"),
    [
        ("", STAGES, True),
        ("", ["setup", "check", "test"], False),
        ("check", STAGES[:2], True),
        ("judges", STAGES[:3], True),
    ],
)
def test_the_command_says_where_its_time_went_and_ends_where_something_fails(
    broken: str, ran: list[str], go: bool, tmp_path: Path
) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")
    rules = [f"{name}:\n\t@{'false' if name == broken else 'true'}\n" for name in STAGES]
    (tmp_path / "Makefile").write_text("".join(rules))
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "dirname", "env", "false", "make", "sh", "true", *(("go",) if go else ())):
        (programs / name).symlink_to(shutil.which(name if name != "go" else "true") or name)
    variables = {"PATH": str(programs)}
    ended = subprocess.run([tmp_path / ".ci/run"], env=variables, capture_output=True, text=True, check=False)
    assert (ended.returncode != 0) == bool(broken)
    lines = [line.split() for line in ended.stdout.splitlines() if " s" in line]
    assert [line[0] for line in lines] == ran
    assert [line[0] for line in lines if line[-1] == "failed"] == [broken] * bool(broken)


def test_the_guide_lists_every_target_of_make() -> None:
    listed = set(re.findall(r"^\| `make (\w+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == MAKE - {"help", "setup", "clean"}
