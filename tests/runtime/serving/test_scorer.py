"""One code scores, whoever trained the model and whoever asks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from mlopsgen.runtime.contract import Contract, read_contract
from mlopsgen.runtime.problems import Failed, Usage
from mlopsgen.runtime.serving.refusals import BadRecords, ModelFailed
from mlopsgen.runtime.serving.scorer import open_scorer, task_of
from mlopsgen.runtime.serving.service import warm
from mlopsgen.runtime.serving.tensors import metadata

from ..conftest import Place, Run

SCRIPT = """
import json, pathlib
def load(model_dir):
    return json.loads((pathlib.Path(model_dir) / "weights.json").read_text())
def predict(model, records):
    return records["age"] * model["age"]
"""
GOOD = {"age": 40, "income": 10.5, "plan": "pro"}


def frame(*records: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(records, dtype=object)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights.json").write_text('{"age": 2}')
    return tmp_path / "model"


def script(model: Path, text: str = SCRIPT) -> Path:
    path = model.parent / "predict.py"
    path.write_text(text)
    return path


def test_a_script_scores_records_that_keep_the_contract(model: Path, contract: Contract) -> None:
    scorer = open_scorer(model, script(model), contract=contract, version="7")
    answer = scorer.predict(frame({**GOOD, "customer": "007"}, {**GOOD, "customer": "008", "age": 20}))
    assert answer.records() == [{"id": "007", "prediction": 80}, {"id": "008", "prediction": 40}]
    assert scorer.version == "7"
    with pytest.raises(BadRecords, match="`age` is `old`"):
        scorer.predict(frame({**GOOD, "age": "old"}))


def test_a_script_sees_plain_types_and_what_came_beside_the_inputs(model: Path, contract: Contract) -> None:
    path = script(
        model, "def load(d): return None\ndef predict(m, records): return [str(dict(records.dtypes))] * len(records)"
    )
    scorer = open_scorer(model, path, contract=contract)
    (answer,) = scorer.predict(frame({**GOOD, "customer": "1", "churned": True})).records()
    assert "'age': dtype('int64')" in answer["prediction"]
    assert "'income': dtype('float64')" in answer["prediction"]
    assert "customer" in answer["prediction"]
    assert "churned" not in answer["prediction"], "a script never sees the truth"


def test_no_records_are_no_predictions(model: Path, contract: Contract) -> None:
    assert open_scorer(model, script(model), contract=contract).predict(frame()).records() == []


def test_a_script_may_import_what_lies_beside_it(model: Path) -> None:
    (model.parent / "beside_predict.py").write_text("FACTOR = 3\n")
    path = script(
        model, "from beside_predict import FACTOR\ndef load(d): return 1\ndef predict(m, r): return r['a'] * FACTOR\n"
    )
    assert open_scorer(model, path).predict(frame({"a": 2})).records() == [{"prediction": 6}]


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("def load(d): pass\ndef predct(m, r): pass", Usage, "has no function `predict(model, records)`; did you mean"),
        ("def predict(m, r): pass", Usage, "has no function `load(model_dir)`"),
        ("def load(d): pass\nasync def predict(m, r): pass", Usage, "`predict` of predict.py is async"),
        ("def load(d): pass\ndef predict(m): pass", Usage, "cannot be called as `predict(model, records)`"),
        ("def load(d): 1 / 0\ndef predict(m, r): pass", Failed, "load of predict.py failed: ZeroDivisionError"),
        ("1 / 0", Failed, "predict.py cannot be imported: ZeroDivisionError"),
        ("def load(", Failed, "predict.py cannot be imported: SyntaxError"),
    ],
)
def test_a_script_that_cannot_score_is_told_before_anything_is_asked(
    text: str, kind: type[Exception], reason: str, model: Path
) -> None:
    with pytest.raises(kind) as caught:
        open_scorer(model, script(model, text))
    assert reason in str(caught.value)


def test_a_script_that_breaks_is_not_the_fault_of_the_records(model: Path) -> None:
    path = script(model, "def load(d): return 1\ndef predict(m, r): raise ValueError('no such token')")
    with pytest.raises(ModelFailed, match=r"predict of predict\.py failed: ValueError: no such token"):
        open_scorer(model, path).predict(frame({"a": 1}))


def test_a_version_is_made_of_the_files_where_nobody_names_one(model: Path) -> None:
    before = open_scorer(model, script(model)).version
    assert before.startswith("sha256-")
    (model / "weights.json").write_text('{"age": 3}')
    assert open_scorer(model, script(model)).version != before


def test_a_missing_folder_and_an_unknown_format_say_what_to_do(tmp_path: Path, model: Path) -> None:
    with pytest.raises(Failed, match="is no folder, so there is no model to ask"):
        open_scorer(tmp_path / "nowhere")
    with pytest.raises(Failed, match=r"for anything else write a script .*`serve: \{run: predict\.py\}`"):
        open_scorer(model)


def trained(run: Run, place: Place, *more: str) -> Contract:
    folders = [f"--{part}={place / part}" for part in ("train", "test", "validation")]
    folders = folders if place.contract["split"].get("validation") else folders[:2]
    assert run("split", f"--contract={place / 'contract.json'}", f"--source={place / 'source'}", *folders).code == 0
    given = (f"--contract={place / 'contract.json'}", f"--train={place / 'train'}", f"--model={place / 'model'}")
    done = run("train", *given, f"--metrics={place / 'metrics'}", "--framework=sklearn.LogisticRegression", *more)
    assert done.code == 0, done.err
    return read_contract(place / "contract.json")


@pytest.mark.slow
def test_a_model_of_the_built_in_trainer_gives_classes_and_probabilities(run: Run, wine: Place) -> None:
    scorer = open_scorer(wine / "model", contract=trained(run, wine))
    rows = pd.read_csv(wine / "test" / "data.csv", dtype=str, keep_default_na=False)
    answers = scorer.predict(rows).records()
    assert [answer["id"] for answer in answers] == list(rows["id"]), "ids keep their leading zeros"
    assert {answer["prediction"] for answer in answers} == {"0", "1", "2"}, "a label of type category is text"
    for answer in answers:
        assert max(answer["probabilities"], key=answer["probabilities"].get) == answer["prediction"]
        assert sum(answer["probabilities"].values()) == pytest.approx(1)
    right = np.mean([answer["prediction"] == truth for answer, truth in zip(answers, rows["target"], strict=True)])
    assert right > 0.9
    with pytest.raises(BadRecords, match="there is no column `alcohol`"):
        scorer.predict(rows.drop(columns="alcohol"))


@pytest.mark.slow
def test_a_model_of_two_classes_gives_the_score_of_the_favourable_one(run: Run, cancer: Place) -> None:
    scorer = open_scorer(cancer / "model", contract=trained(run, cancer))
    rows = pd.read_csv(cancer / "test" / "data.csv")
    for answer in scorer.predict(rows).records():
        assert set(answer) == {"prediction", "score"}
        assert (answer["score"] > 0.5) == (answer["prediction"] == "benign")


@pytest.mark.slow
def test_a_known_model_answers_an_example_before_it_is_served(run: Run, cancer: Place) -> None:
    scorer = open_scorer(cancer / "model", contract=trained(run, cancer), version="3")
    service = warm(scorer, "tumours")
    assert len(service.answer) == 1
    outputs = {one["name"]: one["datatype"] for one in metadata(service)["outputs"]}
    assert outputs == {"prediction": "BYTES", "score": "FP64"}
    names = [one["name"] for one in metadata(service)["inputs"]]
    assert names == list(scorer.signature.names)
    broken = replace(scorer, predictor=Broken())
    with pytest.raises(Failed, match="the model cannot answer the contract's own example"):
        warm(broken, "tumours")


class Broken:
    def predict(self, table: Any) -> dict[str, list[Any]]:
        raise ModelFailed("the file is of another version")


@pytest.mark.slow
def test_the_same_record_has_the_same_answer_whatever_it_comes_as(run: Run, cancer: Place) -> None:
    from mlopsgen.runtime.serving.records import read_records

    scorer = open_scorer(cancer / "model", contract=trained(run, cancer))
    rows = pd.read_csv(cancer / "test" / "data.csv").head(5)
    bodies = {
        "text/csv": rows.to_csv(index=False).encode(),
        "application/json": rows.to_json(orient="records").encode(),
        "application/jsonlines": rows.to_json(orient="records", lines=True).encode(),
        "application/x-parquet": rows.to_parquet(),
    }
    answers = [scorer.predict(read_records(body, kind, scorer.signature).rows) for kind, body in bodies.items()]
    first = answers[0].columns["score"]
    for other in answers[1:]:
        assert other.columns["score"] == pytest.approx(first, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("task", [None, "regression"])
def test_a_model_that_predicts_numbers_gives_numbers(task: str | None, diabetes: Place) -> None:
    from sklearn.linear_model import LinearRegression

    rows = pd.read_csv(diabetes / "source" / "diabetes.csv")
    (diabetes / "model").mkdir()
    fitted = LinearRegression().fit(rows.drop(columns="target"), rows["target"])
    joblib.dump(fitted, diabetes / "model" / "model.joblib")
    scorer = open_scorer(diabetes / "model", contract=read_contract(diabetes / "contract.json"), task=task)
    answers = scorer.predict(rows).records()
    assert [answer["prediction"] for answer in answers] == pytest.approx(fitted.predict(rows.drop(columns="target")))
    assert json.dumps(answers)


@pytest.mark.slow
def test_labels_that_are_numbers_are_numbers_in_the_answer(cancer: Place) -> None:
    from sklearn.linear_model import LogisticRegression

    rows = pd.read_csv(cancer / "source" / "cancer.csv")
    features = rows.drop(columns=["target", "age"])
    (cancer / "model").mkdir()
    fitted = LogisticRegression().fit(features, (rows["target"] == "benign").astype(int))
    joblib.dump(fitted, cancer / "model" / "model.joblib")
    scorer = open_scorer(cancer / "model")
    assert {type(answer["prediction"]) for answer in scorer.predict(features).records()} == {int}


def test_what_a_label_tells(contract: Contract) -> None:
    assert task_of(None) is None
    assert task_of(contract) == "classification"
