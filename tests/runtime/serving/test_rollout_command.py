"""What a rollout at the end of a training makes of what was registered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.problems import Usage
from mlopsgen.runtime.serving.rollout import command


def plan(folder: Path) -> Path:
    said: dict[str, Any] = {
        "format": "mlopsgen/rollout/v1", "deployment": "live", "registry": "nowhere:", "fleet": "nowhere:",
        "state": "nowhere:", "strategy": "all-at-once", "steps": [1.0], "bake": 0, "alarms": [], "native": {},
    }  # fmt: skip
    (folder / "rollout.json").write_text(json.dumps(said))
    return folder / "rollout.json"


def registered(folder: Path, status: str) -> Path:
    (folder / "version.json").write_text(json.dumps({"version": 4, "status": status}))
    return folder


@pytest.mark.parametrize("status", ["pending", "rejected"])
def test_what_waits_for_a_person_fails_no_training(
    status: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [f"--plan={plan(tmp_path)}", f"--registered={registered(tmp_path, status)}"]
    assert command.run(words) == 0
    assert f"version 4 is {status}, so it is not rolled out" in capsys.readouterr().out


def test_what_is_approved_is_rolled_out(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="there is no registry at"):
        command.run([f"--plan={plan(tmp_path)}", f"--registered={registered(tmp_path, 'approved')}"])


def test_a_version_is_said_once(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="say the same twice"):
        command.run([f"--plan={plan(tmp_path)}", f"--registered={tmp_path}", "--version=4"])
