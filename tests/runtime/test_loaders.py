"""Models as a user's own script writes them, judged by the built-in evaluator."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import joblib
import numpy as np
import pandas as pd
import pytest

from .conftest import Done, Place, Run

pytestmark = pytest.mark.slow
Save: TypeAlias = Callable[[Any, Any, Any, Path], object]


def rows_of(place: Place, part: str) -> tuple[pd.DataFrame, pd.Series]:
    """What a script reads: the columns to learn from, and the label."""
    rows = pd.read_csv(place / part / "data.csv")
    return rows.drop(columns=["target", *place.contract["roles"].get("ignore", ())]), rows["target"]


def split(run: Run, place: Place) -> None:
    folders = [f"--{part}={place / part}" for part in ("train", "test")]
    assert run("split", f"--contract={place / 'contract.json'}", f"--source={place / 'source'}", *folders).code == 0
    (place / "model").mkdir()


def evaluate(run: Run, place: Place, task: str, *more: str) -> Done:
    given = (f"--contract={place / 'contract.json'}", f"--task={task}", f"--model={place / 'model'}")
    out = (f"--test={place / 'test'}", f"--metrics={place / 'metrics'}", f"--predictions={place / 'predictions'}")
    return run("evaluate", *given, *out, *more)


def logistic(place: Place) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression()).fit(*rows_of(place, "train"))


def in_skops(model: Any, folder: Path) -> None:
    import skops.io

    skops.io.dump(model, folder / "model.skops")


def in_mlflow(model: Any, folder: Path) -> None:
    """As MLflow 2 and 3 lay a model of scikit-learn out: mlflow/sklearn/__init__.py, save_model."""
    (folder / "model.pkl").write_bytes(pickle.dumps(model))
    about = "flavors:\n  python_function: {loader_module: mlflow.sklearn}\n  sklearn: {pickled_model: model.pkl}\n"
    (folder / "MLmodel").write_text(about)


@pytest.mark.parametrize(
    "save",
    [
        in_skops,
        lambda model, folder: joblib.dump(model, folder / "churn.joblib"),
        lambda model, folder: (folder / "model.pkl").write_bytes(pickle.dumps(model)),
        in_mlflow,
    ],
    ids=["skops", "joblib", "pickle", "MLflow"],
)
def test_an_estimator_that_a_script_saved_is_judged(
    save: Callable[[Any, Path], object], run: Run, cancer: Place
) -> None:
    from sklearn.metrics import accuracy_score, roc_auc_score

    split(run, cancer)
    model = logistic(cancer)
    save(model, cancer / "model")
    done = evaluate(run, cancer, "classification", f"--roc={cancer / 'roc'}")
    assert done.code == 0, done.err
    rows, truth = rows_of(cancer, "test")
    found = cancer.json("metrics/metrics.json")
    assert found["accuracy"] == accuracy_score(truth, model.predict(rows))
    chances = model.predict_proba(rows)[:, list(model.classes_).index("benign")]
    assert found["roc_auc"] == pytest.approx(roc_auc_score(truth == "benign", chances))
    assert ("which runs code when it is loaded" in done.err) is (save is not in_skops)


def boosted(place: Place, kind: str) -> Any:
    """A booster, which numbers its classes: benign is 0, malignant 1."""
    rows, truth = rows_of(place, "train")
    codes = (truth == "malignant").astype(int)
    if kind == "xgboost":
        import xgboost

        return xgboost.train(
            {"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(rows, codes), num_boost_round=5
        )
    import lightgbm

    return lightgbm.train({"objective": "binary", "num_threads": 1, "verbosity": -1}, lightgbm.Dataset(rows, codes), 5)


@pytest.mark.parametrize("name", ["model.ubj", "model.json", "model.txt"])
def test_a_boosters_own_file_is_judged_with_the_classes_in_the_order_that_its_script_wrote(
    name: str, run: Run, cancer: Place
) -> None:
    split(run, cancer)
    booster = boosted(cancer, "lightgbm" if name.endswith(".txt") else "xgboost")
    booster.save_model(str(cancer / "model" / name))
    done = evaluate(run, cancer, "classification")
    assert done.code == 1
    assert "nothing says how they are called" in done.err
    assert "`classes.json` beside the model" in done.err
    (cancer / "model" / "classes.json").write_text('["benign", "malignant"]')
    done = evaluate(run, cancer, "classification")
    assert (done.code, done.err) == (0, "")
    assert cancer.json("metrics/metrics.json")["roc_auc"] > 0.9


def test_numbers_of_classes_are_the_contracts_values_where_it_has_them(run: Run, cancer: Place) -> None:
    columns = {"target": {"type": "category", "values": ["benign", "malignant"]}}
    rest = {name: {"type": "number"} for name in pd.read_csv(cancer / "source" / "cancer.csv").columns[:-2]}
    cancer.contract["sources"]["source"]["columns"] = {**rest, **columns, "age": {"type": "integer"}}
    cancer.write_contract()
    split(run, cancer)
    boosted(cancer, "xgboost").save_model(str(cancer / "model" / "model.ubj"))
    done = evaluate(run, cancer, "classification")
    assert (done.code, done.err) == (0, "")
    assert "its classes are benign, malignant" in done.out
    assert cancer.json("metrics/metrics.json")["accuracy"] > 0.85


def onnx_of(weights: Any, bias: float, columns: int, *, spelled: bool) -> bytes:
    """A linear model; with words as classes as scikit-learn's converter writes one (ai.onnx.ml LinearClassifier)."""
    from onnx import TensorProto, helper

    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, columns])
    if not spelled:
        weight = helper.make_tensor("w", TensorProto.FLOAT, [columns, 1], [float(w) for w in weights])
        offset = helper.make_tensor("b", TensorProto.FLOAT, [1], [bias])
        nodes = [helper.make_node("Gemm", ["rows", "w", "b"], ["out"])]
        out = [helper.make_tensor_value_info("out", TensorProto.FLOAT, [None, 1])]
        graph = helper.make_graph(nodes, "line", [rows], out, [weight, offset])
    else:
        node = helper.make_node(
            "LinearClassifier", ["rows"], ["label", "scores"], domain="ai.onnx.ml",
            classlabels_strings=["benign", "malignant"], coefficients=[*(-w for w in weights), *weights],
            intercepts=[-bias, bias], post_transform="SOFTMAX", multi_class=1,
        )  # fmt: skip
        out = [
            helper.make_tensor_value_info("label", TensorProto.STRING, [None]),
            helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, 2]),
        ]
        graph = helper.make_graph([node], "line", [rows], out)
    versions = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    text: bytes = helper.make_model(graph, opset_imports=versions, ir_version=8).SerializeToString()
    return text


def test_a_model_in_onnx_is_judged(run: Run, cancer: Place) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    from sklearn.linear_model import LogisticRegression

    split(run, cancer)
    rows, truth = rows_of(cancer, "train")
    model = LogisticRegression(max_iter=5000).fit(rows.to_numpy(), truth)
    text = onnx_of(model.coef_[0] / 2, float(model.intercept_[0]) / 2, rows.shape[1], spelled=True)
    (cancer / "model" / "model.onnx").write_bytes(text)
    (cancer / "model" / "classes.json").write_text('["benign", "malignant"]')
    done = evaluate(run, cancer, "classification", f"--importance={cancer / 'importance'}")
    assert (done.code, done.err) == (0, "")
    test, right = rows_of(cancer, "test")
    assert cancer.json("metrics/metrics.json")["accuracy"] == pytest.approx(model.score(test.to_numpy(), right))
    assert (cancer / "importance" / "importance.png").exists()


def test_numbers_in_onnx_are_judged_and_columns_too_many_are_named(run: Run, diabetes: Place) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    from sklearn.linear_model import LinearRegression

    split(run, diabetes)
    rows, truth = rows_of(diabetes, "train")
    model = LinearRegression().fit(rows.to_numpy(), truth)
    text = onnx_of(model.coef_, float(model.intercept_), rows.shape[1], spelled=False)
    (diabetes / "model" / "best.onnx").write_bytes(text)
    assert evaluate(run, diabetes, "regression").code == 0
    test, right = rows_of(diabetes, "test")
    assert diabetes.json("metrics/metrics.json")["r2"] == pytest.approx(model.score(test.to_numpy(), right), rel=1e-4)
    diabetes.write_contract(roles={"label": "target", "ignore": ["bp"]})
    done = evaluate(run, diabetes, "regression")
    assert done.code == 1
    assert "the ONNX model reads 10 columns, and the rows have 9 beside the label" in done.err


def test_any_other_flavour_of_mlflow_is_asked_through_mlflow(run: Run, diabetes: Place) -> None:
    mlflow = pytest.importorskip("mlflow.pyfunc")

    split(run, diabetes)
    (diabetes / "model" / "code").mkdir()
    (diabetes / "model" / "code" / "mean_model_of_tests.py").write_text(
        "class Mean:\n    def predict(self, table):\n        return table['bmi'] * 900 + 150\n\n\n"
        "def _load_pyfunc(path):\n    return Mean()\n"
    )
    about = {"python_function": {"loader_module": "mean_model_of_tests", "code": "code"}}
    signature = {"inputs": json.dumps([{"name": "bmi", "type": "double", "required": True}])}
    mlmodel = {
        "flavors": about,
        "signature": signature,
        "model_uuid": "0" * 32,
        "utc_time_created": "2026-01-01 00:00:00",
    }
    (diabetes / "model" / "MLmodel").write_text(json.dumps(mlmodel))
    assert mlflow is not None
    done = evaluate(run, diabetes, "regression", f"--explanation={diabetes / 'why'}", "--explain-method=permutation")
    assert done.code == 0, done.err
    assert list(diabetes.json("why/explanation.json")["features"]) == ["bmi"]


def test_what_lies_in_the_folder_is_said_when_nothing_fits(run: Run, cancer: Place) -> None:
    split(run, cancer)
    (cancer / "model" / "weights.pt").write_bytes(b"x")
    (cancer / "model" / "notes.txt").write_text("a tree\n")
    done = evaluate(run, cancer, "classification")
    assert done.code == 1
    assert "it holds notes.txt, weights.pt. What is read is *.skops, *.joblib" in done.err
    for name in ("a.pkl", "b.pkl"):
        joblib.dump([1], cancer / "model" / name)
    done = evaluate(run, cancer, "classification")
    assert "holds several models (a.pkl, b.pkl, notes.txt, weights.pt); call the one that counts `model.*`" in done.err
    (cancer / "model" / "a.pkl").rename(cancer / "model" / "model.pkl")
    assert "holds a list, which has no `predict`" in evaluate(run, cancer, "classification").err


def test_a_columns_that_the_model_reads_and_the_data_lacks_is_named(run: Run, cancer: Place) -> None:
    from sklearn.linear_model import LogisticRegression

    split(run, cancer)
    rows, truth = rows_of(cancer, "train")
    model = LogisticRegression(max_iter=5000).fit(rows.assign(ratio=1.0), truth)
    in_skops(model, cancer / "model")
    done = evaluate(run, cancer, "classification")
    assert (done.code, done.err) == (1, "mlopsgen: the data has no column `ratio`, which the model reads\n")


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("method", ["shap", "permutation"])
def test_a_script_s_own_model_is_explained(method: str, run: Run, cancer: Place) -> None:
    split(run, cancer)
    in_skops(logistic(cancer), cancer / "model")
    more = (f"--explanation={cancer / 'why'}", f"--explain-method={method}", "--explain-sample=30")
    assert evaluate(run, cancer, "classification", *more).code == 0
    assert set(cancer.json("why/explanation.json")["features"]) == set(rows_of(cancer, "test")[0].columns)


def test_a_model_in_words_and_gaps_is_given_what_its_script_read(run: Run, wine: Place) -> None:
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    wine.write_contract(split={"test": 0.3})
    split(run, wine)
    rows = pd.read_csv(wine / "train" / "data.csv", dtype={"id": str})
    encode = make_column_transformer((OneHotEncoder(), ["colour"]), remainder="passthrough")
    model = make_pipeline(encode, HistGradientBoostingClassifier(max_iter=5)).fit(
        rows.drop(columns=["id", "target"]), rows["target"]
    )
    joblib.dump(model, wine / "model" / "model.joblib")
    assert evaluate(run, wine, "classification").code == 0
    test = pd.read_csv(wine / "test" / "data.csv", dtype={"id": str})
    own = np.mean(model.predict(test.drop(columns=["id", "target"])) == test["target"])
    assert wine.json("metrics/metrics.json")["accuracy"] == pytest.approx(own)
