"""Specs as people write them, trained here for real: a framework's own names, and a script's own model."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.runtime.files import digest_of
from tests.examples.running import Project, read

pytestmark = pytest.mark.slow

XGBOOST = """apiVersion: mlopsgen/v1
name: sugar
data: {source: d.csv, label: target, split: {test: 0.2, validation: 0.2}}
training:
  framework: xgboost
  params: {eta: 0.3, num_round: 60, early_stopping_rounds: 3, nthread: 1}
  tuning: {metric: rmse, strategy: grid, search: {lambda: {choice: [1, 4]}}}
evaluation: {task: regression, gates: {rmse: {at_most: 80}, r2_score: {at_least: 0.1}}}
"""

SCRIPT = """apiVersion: mlopsgen/v1
name: tumours
parameters: {c: {type: number, default: 1.0}}
data:
  source: d.csv
  label: target
  positive: benign
training: {run: train.py, params: {c: "${parameters.c}"}}
evaluation:
  task: classification
  explain: permutation
  gates: {auc: {at_least: 0.8}, better: {metric: logloss, better_than: champion}}
"""

TRAIN = """import json, sys
from pathlib import Path

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

flags = dict(word.removeprefix("--").split("=", 1) for word in sys.argv[1:])
rows = pd.read_csv(Path(flags["train"]) / "data.csv")
features, label = rows.drop(columns="target"), rows["target"]
model = make_pipeline(StandardScaler(), LogisticRegression(C=float(flags["c"]))).fit(features, label)
joblib.dump(model, Path(flags["model"]) / "model.joblib")
(Path(flags["metrics"]) / "metrics.json").write_text(json.dumps({"train_accuracy": model.score(features, label)}))
"""


def test_xgboost_under_its_own_names_is_searched_for_the_least_rmse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sklearn.datasets import load_diabetes

    # The tests have the same library under the name of its CPU build.
    about = tmp_path / "named" / "xgboost-3.2.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: xgboost\nVersion: 3.2.0\n")
    monkeypatch.setenv("PYTHONPATH", str(about.parent))
    load_diabetes(as_frame=True).frame.to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "spec.yaml").write_text(XGBOOST)
    project = Project(tmp_path)
    said = project.run()
    assert said.code == 0, said.progress
    (version,) = project.versions()
    assert version["metrics"]["root_mean_squared_error"] < 80
    model = read(project.version(1) / "model" / "model.json")
    assert (model["task"], model["params"]["learning_rate"], model["params"]["n_estimators"]) == ("regression", 0.3, 60)
    assert model["params"]["reg_lambda"] in (1, 4)


def test_a_script_s_own_model_is_judged_explained_and_compared_with_the_champion(tmp_path: Path) -> None:
    from sklearn.datasets import load_breast_cancer

    frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 1, 4, 5, -1]]
    frame["target"] = frame["target"].map({0: "malignant", 1: "benign"})
    frame.to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "spec.yaml").write_text(SCRIPT)
    (tmp_path / "train.py").write_text(TRAIN)
    project = Project(tmp_path)
    said = project.run(c=0.0001)
    assert said.code == 0, said.progress
    assert project.champion() == 1
    said = project.run(c=1.0)
    assert said.code == 0, said.progress
    assert project.champion() == 2
    first, second = (version["metrics"]["log_loss"] for version in project.versions())
    assert second < first


JUDGED = SCRIPT.replace("  task: classification\n", "  run: judge.py\n").replace(
    "gates: {auc: {at_least: 0.8}, better: {metric: logloss, better_than: champion}}",
    "gates: {hits: {at_least: 0.5}, better: {metric: hits, better_than: champion}}",
)
JUDGE = """import json, sys
from pathlib import Path

import joblib
import pandas as pd

flags = dict(word.removeprefix("--").split("=", 1) for word in sys.argv[1:])
rows = pd.read_csv(Path(flags["test"]) / "data.csv")
model = joblib.load(Path(flags["model"]) / "model.joblib")
hits = model.score(rows.drop(columns="target"), rows["target"])
(Path(flags["metrics"]) / "metrics.json").write_text(json.dumps({"hits": hits}))
assert set(flags) == {"model", "test", "metrics"}
"""


def test_a_script_judges_its_own_model_and_the_runtime_explains_it(tmp_path: Path) -> None:
    from sklearn.datasets import load_breast_cancer

    frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 1, 4, 5, -1]]
    frame["target"] = frame["target"].map({0: "malignant", 1: "benign"})
    frame.to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "spec.yaml").write_text("metrics: {hits: maximize}\n" + JUDGED)
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "judge.py").write_text(JUDGE)
    project = Project(tmp_path)
    for c in (0.001, 1.0):
        said = project.run(c=c)
        assert said.code == 0, said.progress
    first, second = project.versions()
    assert first["gate"]["gates"]["better"]["reason"] == "no champion yet, so gate `better` holds"
    assert second["metrics"]["hits"] > first["metrics"]["hits"]
    (run,) = project.runs()[1:]
    (explained,) = run.rglob("explanation.json")
    assert set(read(explained)["features"]) == set(frame.columns) - {"target"}
    assert (project.version(2) / "figures" / "explanation.png").exists()
    # Both learned the same rows, which a script says nothing of.
    learned = {version["lineage"]["data_digest"] for version in (first, second)}
    assert learned == {digest_of(run / "steps" / "prepare" / "outputs" / "train")}
