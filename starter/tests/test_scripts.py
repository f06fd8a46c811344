"""The scripts, called as every target calls them: `python train.py --train=DIR …`."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROWS = (ROOT / "data" / "sample.csv").read_text().splitlines()


def call(script: str, **flags: object) -> None:
    """Runs a script; what it says on stderr is part of a failure's message."""
    argv = [sys.executable, str(ROOT / "src" / script), *(f"--{name}={value}" for name, value in flags.items())]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained on all rows, in `model/`, and its metrics."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "rows").mkdir()
    shutil.copy(ROOT / "data" / "sample.csv", folder / "rows" / "data.csv")
    call("train.py", train=folder / "rows", model=folder / "model", metrics=folder / "metrics")
    return folder


def test_training_learns_something(trained: Path) -> None:
    metrics = json.loads((trained / "metrics" / "metrics.json").read_text())
    assert metrics["accuracy"] > 0.85  # of three classes, guessing finds a third


def test_evaluation_says_something_about_every_row(trained: Path, tmp_path: Path) -> None:
    ports = {port: tmp_path / port for port in ("metrics", "predictions", "confusion")}
    call("evaluate.py", model=trained / "model", test=trained / "rows", **ports)
    with (ports["predictions"] / "predictions.csv").open(newline="") as table:
        said = list(csv.DictReader(table))
    assert len(said) == len(ROWS) - 1
    right = sum(row["truth"] == row["prediction"] for row in said) / len(said)
    assert json.loads((ports["metrics"] / "metrics.json").read_text())["accuracy"] == pytest.approx(right)
    assert (ports["confusion"] / "confusion.png").stat().st_size > 0
