"""The judges as others see them: names, places, what they need, what they never do."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import pytest

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.azureml.judge import REQUIREMENTS, judges, linter

BUNDLE = Path(__file__).parent / "bundle"


def broken(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the good bundle with one text replaced once."""
    shutil.copytree(BUNDLE, folder, dirs_exist_ok=True)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    return folder


def found(folder: Path, file: str) -> list[Diagnostic]:
    return [d for d in linter.judge(folder) if d.span and d.span.file == file]


def test_there_are_two() -> None:
    assert [judge.name for judge in judges()] == ["azure-ai-ml", "mlopsgen"]
    assert all("==" in requirement for requirement in REQUIREMENTS)


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "says"),
    [
        ("pipeline.yml", "timeout: 7200", "timout: 7200", "MG430", "timout"),
        ("pipeline.yml", "max_concurrent_trials: 3", "max_concurrent_trials: 30", "MG433", "at once"),
        ("pipeline.yml", "prepare.outputs.test", "prepare.outputs.tset", "MG434", "tset"),
        ("pipeline.yml", "parent.inputs.folds", "parent.inputs.fold", "MG434", "fold"),
        ("pipeline.yml", "component: ./components/notify.yml", "component: ./components/notfy.yml", "MG434", "notfy"),
        ("components/training.yml", "${{inputs.folds}}", "${{inputs.flods}}", "MG434", "flods"),
        (
            "components/prepare.yml",
            "azureml:schedule-adherence:1",
            "azureml:schedule-adherence:2",
            "MG434",
            "version 1",
        ),
        ("compute/cpu-cluster.yml", "Standard_DS3_v2", "Standard_DS33_v2", "MG433", "Standard_DS33_v2"),
        ("schedules/weekly.yml", '"0 2 * * 1"', '"0 2 * * 8"', "MG439", "8"),
        ("schedules/weekly.yml", "Romance Standard Time", "Europe/Paris", "MG433", "Europe/Paris"),
        ("infrastructure.json", "variables('identity')]", "variables('idenity')]", "MG434", "idenity"),
        ("infrastructure.json", '"maxNodeCount"', '"maxNodes"', "MG430", "maxNodes"),
        (
            "infrastructure.json",
            "7f951dda-4ed3-4680-a7ca-43fe172d538d",
            "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
            "MG442",
            "Owner",
        ),
    ],
)
def test_a_finding_names_its_line(tmp_path: Path, file: str, old: str, new: str, code: str, says: str) -> None:
    folder = broken(tmp_path, file, old, new)
    said = [d for d in found(folder, file) if d.code == code and says in d.message]
    line = (BUNDLE / file).read_text().split(old, 1)[0].count("\n") + 1
    spans = [d.span for d in said if d.span]
    # A command is one value of many lines; a role is granted further below than it is named.
    assert any(span.line <= line <= span.end_line or code == "MG442" for span in spans), (line, said)


@pytest.mark.parametrize(
    ("file", "old", "new", "hint"),
    [
        ("pipeline.yml", "shm_size", "shmsize", "did you mean `shm_size`?"),
        ("pipeline.yml", "prepare.outputs.test", "prepare.outputs.tset", "did you mean `test`?"),
        ("components/embed.yml", "type: pytorch", "type: pytroch", "did you mean `pytorch`?"),
        (
            "schedules/weekly.yml",
            "Romance Standard Time",
            "Romance Standart Time",
            "did you mean `Romance Standard Time`?",
        ),
        ("infrastructure.json", "[concat(", "[conact(", "did you mean `concat`?"),
    ],
)
def test_a_near_miss_is_offered(tmp_path: Path, file: str, old: str, new: str, hint: str) -> None:
    assert hint in [d.hint for d in found(broken(tmp_path, file, old, new), file)]


def test_a_finding_without_advice_says_its_ground(tmp_path: Path) -> None:
    folder = broken(tmp_path, "schedules/weekly.yml", '"0 2 * * 1"', '"0 2 1 * *"')
    (said,) = found(folder, "schedules/weekly.yml")
    assert said.hint is not None
    assert said.hint.startswith("rule `clock`: ")


def test_a_stranger_may_leave_out_what_a_bundle_of_ours_may_not(tmp_path: Path) -> None:
    folder = broken(tmp_path, "schedules/weekly.yml", "  time_zone: Romance Standard Time\n", "")
    assert [d.code for d in found(folder, "schedules/weekly.yml")] == ["MG432"]
    (folder / "manifest.json").unlink()
    assert found(folder, "schedules/weekly.yml") == []


def test_what_only_looks_wrong_is_a_warning(tmp_path: Path) -> None:
    folder = broken(tmp_path, "pipeline.yml", "    sampling_algorithm:\n", "    sampling_algorithm: bayesian\n    x:\n")
    said = [d for d in found(folder, "pipeline.yml") if "early termination" in d.message]
    assert [d.severity for d in said] == [Severity.WARNING]


def test_user_code_stays_unread(tmp_path: Path) -> None:
    shutil.copytree(BUNDLE, tmp_path, dirs_exist_ok=True)
    app = tmp_path / "image" / "app"
    app.mkdir()
    (app / "pipeline.yml").write_text("type: pipeline\njobs: {a: {type: nothing}}\n")
    (app / "x.json").write_text("{")
    assert list(linter.judge(tmp_path)) == []


def test_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("the linter opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert list(linter.judge(BUNDLE)) == []


def test_places_of_a_file_without_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "any.json").write_text(json.dumps({"resources": [{"type": "a"}], "contentVersion": "1.0.0.0"}))
    codes = {d.code for d in linter.judge(tmp_path)}
    assert {"MG432", "MG433"} <= codes
