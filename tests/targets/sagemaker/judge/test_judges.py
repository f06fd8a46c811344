"""The judges as others see them: names, places, what they need, what they never do."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.judging import Judge, judge_bundle
from mlopsgen.targets.sagemaker.judge import judges

from .seed import Seeded

BUNDLE = Path(__file__).parent / "bundle"


def broken(folder: Path, old: str, new: str, file: str = "pipeline.json") -> Path:
    """A copy of the good bundle with one text replaced once."""
    shutil.copytree(BUNDLE, folder, dirs_exist_ok=True)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    return folder


def found(folder: Path, file: str = "pipeline.json") -> list[Diagnostic]:
    return [d for d in judge_bundle(judges(), folder) if d.span and d.span.file == file]


def line_of(folder: Path, text: str, file: str = "pipeline.json") -> int:
    return (folder / file).read_text()[: (folder / file).read_text().index(text)].count("\n") + 1


def write(bundle: Seeded, folder: Path) -> None:
    bundle.write_mutant(folder, good=Seeded.read(BUNDLE), bundle=BUNDLE)


def test_there_are_three() -> None:
    assert [judge.name for judge in judges()] == ["botocore", "cfn-lint", "mlopsgen"]
    assert all(judge.available() for judge in judges())


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ('"VolumeSizeInGB": 30', '"VolumeSizeInGb": 30', "MG430", "VolumeSizeInGb"),
        ('"ml.m5.4xlarge"', '"ml.m5.5xlarge"', "MG433", "ml.m5.5xlarge"),
        ('"MaxNumberOfTrainingJobs": 6', '"MaxNumberOfTrainingJobs": 2', "MG433", "at once"),
        ("\"Outputs['test']", "\"Outputs['tset']", "MG434", "tset"),
        ('"Parameters.folds"', '"Parameters.fold"', "MG434", "fold"),
        ('"P30D"', '"30 days"', "MG433", "30 days"),
        ("accuracy=([0-9.eE+-]+)", "accuracy=([0-9.eE+-]+", "MG439", "compile"),
    ],
)
def test_a_finding_names_its_line(tmp_path: Path, old: str, new: str, code: str, says: str) -> None:
    if old not in (BUNDLE / "pipeline.json").read_text():
        old, new = old.replace('"Outputs', "Outputs"), new.replace('"Outputs', "Outputs")
    folder = broken(tmp_path, old, new)
    lines = {d.span.line for d in found(folder) if d.code == code and says in d.message and d.span}
    assert line_of(folder, new) in lines or line_of(folder, new) - 1 in lines


def test_a_finding_in_the_stack_names_its_line(tmp_path: Path) -> None:
    folder = broken(tmp_path, "cron(0 2 ? * MON *)", "cron(0 2 * * 1)", "stack.yaml")
    finding = next(d for d in found(folder, "stack.yaml") if d.code == "MG439")
    assert finding.span is not None
    assert finding.span.line == line_of(folder, "cron(0 2 * * 1)", "stack.yaml")


def test_a_near_miss_is_offered(tmp_path: Path) -> None:
    folder = broken(tmp_path, '"TrainingImage"', '"TraningImage"')
    assert any(d.hint == "did you mean `TrainingImage`?" for d in found(folder))


def test_a_finding_without_advice_says_its_ground(tmp_path: Path) -> None:
    folder = broken(tmp_path, '"Step.THROTTLING"', '"Step.THROTLING"')
    hints = [d.hint or "" for d in found(folder) if "THROTLING" in d.message]
    assert hints
    assert all(hint.startswith("rule `retries`: developer guide") for hint in hints)


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    key = "AKIA" + "IOSFODNN7ABCDEFG"
    folder = broken(tmp_path, '"MLOPSGEN_STEP": "prepare"', f'"MLOPSGEN_STEP": "{key}"')
    told = [d for d in found(folder) if "access key" in d.message]
    assert told
    assert not any(key in f"{d.message}{d.hint}" for d in found(folder))


def test_what_only_costs_is_a_warning(tmp_path: Path) -> None:
    unread = '"Parameters": [\n    {"Name": "unread", "Type": "String", "DefaultValue": "x"},'
    folder = broken(tmp_path, '"Parameters": [', unread)
    assert [d.severity for d in found(folder)] == [Severity.WARNING]


def test_no_judge_touches_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a judge opened a connection")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert list(judge_bundle(judges(), BUNDLE)) == []


def test_nobody_quietens_cfn_lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = "Metadata:\n  cfn-lint: {config: {ignore_checks: [E, W]}}\nResources:"
    folder = broken(tmp_path, "Resources:", quiet, "stack.yaml")
    text = (folder / "stack.yaml").read_text()
    (folder / "stack.yaml").write_text(text.replace("AWS::Events::Rule", "AWS::Events::Ruler"))
    (folder / ".cfnlintrc").write_text("ignore_checks: [E, W]\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    assert any(d.code == "MG441" and "Ruler" in d.message for d in found(folder, "stack.yaml"))


def test_one_that_is_not_installed_is_reported() -> None:
    away = Judge("away", "pip install away", lambda: False, lambda _: [])
    (said,) = judge_bundle([away], BUNDLE)
    assert said.code == "MG440"
    assert "away" in said.message
    assert said.hint == "`pip install away`"
    assert said.severity is Severity.ERROR


def test_nothing_heavy_is_loaded_before_a_judge_runs() -> None:
    code = (
        "import sys; from mlopsgen.targets.sagemaker.judge import judges; judges();"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'botocore', 'boto3', 'cfnlint', 'networkx'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_embedded_definition_is_judged_too(tmp_path: Path) -> None:
    bundle = Seeded.read(BUNDLE)
    body = (BUNDLE / "pipeline.json").read_text()
    pipeline = bundle.template["Resources"]["Pipeline"]["Properties"]
    pipeline["PipelineDefinition"] = {"PipelineDefinitionBody": body}
    write(bundle, tmp_path)
    assert found(tmp_path, "stack.yaml") == []
    del bundle.files["pipeline.json"]
    pipeline["PipelineDefinition"] = {"PipelineDefinitionBody": body.replace('"Steps.refit.', '"Steps.refitted.')}
    write(bundle, tmp_path / "alone")
    told = [d for d in found(tmp_path / "alone", "stack.yaml") if "refitted" in d.message]
    assert told
    assert all(d.span and d.span.line > 100 for d in told)
