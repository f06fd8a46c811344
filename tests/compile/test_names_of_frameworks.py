"""Short names of metrics, and a framework's own names of params, from the spec into what each target emits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlopsgen.compile import Compiled, CompileRequest, compile_spec
from tests.compile.test_environments import HEAD
from tests.projects import TARGETS

CLOUDS = HEAD.partition("training: {run: train.py}\n")[2]
BUILT_IN = """apiVersion: mlopsgen/v1
name: prices
data: {source: data/d.csv, label: price}
training:
  framework: xgboost
  params: {eta: 0.2, num_round: 5}
  tuning: {metric: rmse, trials: 2, search: {lambda: {float: [0.1, 2.0]}}}
evaluation:
  task: regression
  gates:
    mae: {at_most: 100}
    fit: {metric: r2_score, at_least: 0.1}
"""
SCRIPT = """apiVersion: mlopsgen/v1
name: prices
data: {source: data/d.csv, label: price}
training: {run: train.py, tuning: {metric: rmse, trials: 2, search: {depth: {int: [1, 9]}}}}
evaluation: {run: evaluate.py, gates: {mae: {better_than: champion}}}
"""


def compiled(folder: Path, text: str, target: str) -> Compiled:
    for name in ("train.py", "evaluate.py"):
        (folder / name).write_text("")
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "d.csv").write_text("a,price\n1,2\n")
    return compile_spec(CompileRequest(folder / "spec.yaml", (text + CLOUDS).encode()), target)


def emitted(result: Compiled) -> str:
    """All that the platform reads of a bundle: not the code that steps run, nor what people read."""
    texts = (content for path, content in result.bundle.files.items() if not path.startswith("image/"))
    return b"\n".join(texts).decode("utf-8", "replace")


@pytest.mark.parametrize("target", TARGETS)
def test_a_short_name_of_a_metric_is_the_name_that_the_built_in_steps_write(tmp_path: Path, target: str) -> None:
    text = emitted(compiled(tmp_path, BUILT_IN, target))
    assert "root_mean_squared_error" in text
    assert "mae.metric=mean_absolute_error" in text or '"mean_absolute_error"' in text
    assert "rmse" not in text.replace("`rmse`", "")
    assert "r2_score" not in text
    assert "minimize" in text.lower()
    # The trainer has the params as they were written, and is told what is predicted; so is the evaluation.
    assert all(word in text for word in ("num_round", "eta", "lambda"))
    assert re.search(r"framework=xgboost\W+task=regression", text)


@pytest.mark.parametrize("target", TARGETS)
def test_a_script_s_own_short_name_stays_and_has_its_direction(tmp_path: Path, target: str) -> None:
    text = emitted(compiled(tmp_path, SCRIPT, target))
    assert "rmse" in text
    assert "root_mean_squared_error" not in text
    assert "mae.direction=minimize" in text or '"minimize"' in text


@pytest.mark.parametrize("writer", ["skl2onnx", "onnx==1.16", "onnxmltools>=1"])
def test_what_exports_a_model_to_onnx_has_its_evaluation_run_it(tmp_path: Path, writer: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"{writer}\n")
    text = SCRIPT.replace("run: evaluate.py", "task: regression").replace("{better_than: champion}", "{at_most: 1}")
    files = compiled(tmp_path, text, "local").bundle.files
    assert b"onnxruntime>=" in files["image/requirements.txt"]
    (tmp_path / "requirements.txt").write_text("onnxruntime-gpu==1.20\nonnx-extra\n")
    assert b"onnxruntime>=" not in compiled(tmp_path, text, "local").bundle.files["image/requirements.txt"]
