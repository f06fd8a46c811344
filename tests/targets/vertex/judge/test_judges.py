"""Who judges, and that a finding names its line and what was meant."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.vertex.judge import judges, linter

BUNDLE = Path(__file__).parent / "bundle"
NAMES = ["mlopsgen", "kfp", "aiplatform", "checkov"]
CASES = [
    ("pipeline.yaml", "outputArtifactKey: test", "outputArtifactKey: tset", "MG434", "test"),
    ("requests/schedule.json", '"TZ=Europe/Paris 0 2 * * 1"', '"TZ=Europe/Pari 0 2 * * 1"', "MG439", None),
    ("requests/pipeline-job.json", '"serviceAccount"', '"serviceAcount"', "MG430", "serviceAccount"),
    ("requests/tuning-job.json", '"MAXIMIZE"', '"MAXIMISE"', "MG433", "MAXIMIZE"),
    (
        "infra/main.tf.json",
        '"account_id": "schedule-adherence",',
        '"acount_id": "schedule-adherence",',
        "MG430",
        "account_id",
    ),
    ("infra/main.tf.json", '"roles/logging.logWriter"', '"roles/owner"', "MG442", None),
    (
        "infra/main.tf.json",
        '"bucket": "${google_storage_bucket.artifacts.name}"',
        '"bucket": "${google_storage_bucket.artefacts.name}"',
        "MG434",
        "google_storage_bucket.artifacts",
    ),
]


def told(folder: Path, file: str, old: str, new: str) -> tuple[list[Diagnostic], int]:
    """Findings in a copy with one text replaced once, and the line of what was replaced."""
    shutil.copytree(BUNDLE, folder, dirs_exist_ok=True)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    return [d for d in linter.judge(folder) if d.span and d.span.file == file], text[: text.index(old)].count("\n") + 1


def test_there_are_four() -> None:
    assert [judge.name for judge in judges()] == NAMES
    assert all(judge.available() for judge in judges())


def test_nothing_heavy_is_loaded_before_a_judge_runs() -> None:
    code = (
        "import sys; from mlopsgen.targets.vertex.judge import judges; judges();"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'celpy', 'lark', 'pendulum', 'kfp', 'google'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("file", "old", "new", "code", "hint"), CASES)
def test_a_finding_names_its_line(tmp_path: Path, file: str, old: str, new: str, code: str, hint: str | None) -> None:
    found, line = told(tmp_path, file, old, new)
    (said,) = [d for d in found if d.code == code]
    assert said.span is not None
    assert said.span.line == line
    assert hint is None or said.hint == f"did you mean `{hint}`?"
