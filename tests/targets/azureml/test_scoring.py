"""Batch deployments run: a training registers the champion, which scores what has come, as its schedule starts it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlopsgen.bundle import write
from mlopsgen.compile import CompileRequest, compile_spec

from .asked import BLOCK
from .executor.bundle import Emitted
from .executor.world import World, submitted

pytestmark = pytest.mark.slow

TRAIN = """
import pathlib, sys
said = dict(word.removeprefix("--").partition("=")[::2] for word in sys.argv[1:])
pathlib.Path(said["model"], "threshold.txt").write_text("3")
pathlib.Path(said["metrics"], "metrics.json").write_text('{"accuracy": 1}')
"""
PREDICT = """
import pathlib
def load(model_dir):
    return int(pathlib.Path(model_dir, "threshold.txt").read_text())
def predict(model, records):
    return ["yes" if size > model else "no" for size in records["size"]]
"""
SPEC: dict[str, Any] = {
    "apiVersion": "mlopsgen/v1",
    "name": "sizes",
    "data": {
        "source": "data/rows.csv",
        "label": "large",
        "id": "id",
        "columns": {"id": "string", "size": "integer", "large": "category"},
        "split": "none",
    },
    "training": {"run": "train.py"},
    "registry": {"model": "large-ones"},
    "deployments": {
        "nightly": {
            "mode": "batch",
            "input": {"uri": "new/", "partition": "date"},
            "schedule": "0 3 * * *",
            "serve": {"run": "predict.py"},
        }
    },
    "targets": {"azureml": BLOCK},
}


def laid(folder: Path) -> World:
    """The workspace with the product in it."""
    for name, text in {
        "src/train.py": TRAIN,
        "src/predict.py": PREDICT,
        "data/rows.csv": "id,size,large\n1,2,no\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    spec = folder / "spec.yaml"
    spec.write_text(yaml.safe_dump(SPEC, sort_keys=False))
    write(compile_spec(CompileRequest(spec, spec.read_bytes()), "azureml").bundle, folder / "build/azureml")
    return submitted(Emitted(folder / "build/azureml", folder), folder / "azure")


def test_a_schedule_scores_the_files_of_its_day_with_the_champion(tmp_path: Path) -> None:
    world = laid(tmp_path)
    store = world.machine.azure / "paths/sizes"
    (store / "new/2026-11-30").mkdir(parents=True)
    (store / "new/2026-11-30/a.csv").write_text("id,size\n0007,2\n0008,5\n")
    file, day = "deployments/nightly.yml", "2026-11-30T03:00:00Z"
    schedule = world.bundle.read("schedules/nightly.yml")["create_job"]
    assert set(schedule["inputs"]) == {"run_scheduled_at"}

    early = world.submit(file, run_scheduled_at=day)
    assert early.status == "Failed", "there is no champion"
    trained = world.start()
    assert trained.status == "Completed", trained.reason
    assert world.champion("large-ones") == 1

    scored = world.submit(file, run_scheduled_at=day)
    assert scored.status == "Completed", scored.reason
    written = store / "out/nightly" / f"run={scored.name}"
    assert (written / "part-00000.csv").read_text().splitlines() == ["id,prediction", "0007,no", "0008,yes"]
    assert json.loads((written / "_SUCCESS").read_text())

    again = world.submit(file, run_scheduled_at=day, run_id=scored.name)
    assert again.status == "Completed", again.reason
    assert [path.name for path in store.glob("out/nightly/run=*")] == [f"run={scored.name}"]
