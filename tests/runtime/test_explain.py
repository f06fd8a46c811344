"""A model that a script of the user has judged is explained behind it, whatever it was written with."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.contract import read_contract
from mlopsgen.runtime.loaders import load_of_any_task
from mlopsgen.runtime.problems import Failed

from .conftest import Done, Place, Run
from .test_loaders import boosted, in_skops, logistic, onnx_of, rows_of, split

pytestmark = pytest.mark.slow
JUDGE = """import pathlib, sys
folder = pathlib.Path(sys.argv[1])
folder.mkdir()
(folder / "metrics.json").write_text('{"score": 1}')
"""


def explain(run: Run, place: Place, *behind: str, method: str = "permutation") -> Done:
    given = (f"--contract={place / 'contract.json'}", f"--model={place / 'model'}", f"--test={place / 'test'}")
    more = (f"--explanation={place / 'why'}", f"--explain-method={method}", "--explain-sample=30")
    return run("explain", *given, *more, *(("--", sys.executable, "-c", *behind) if behind else ()))


def ridge(place: Place) -> Any:
    from sklearn.linear_model import Ridge

    return Ridge().fit(*rows_of(place, "train"))


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("method", ["shap", "permutation"])
def test_the_model_of_an_own_evaluation_is_explained_behind_it(method: str, run: Run, cancer: Place) -> None:
    split(run, cancer)
    in_skops(logistic(cancer), cancer / "model")
    done = explain(run, cancer, JUDGE, str(cancer / "metrics"), method=method)
    assert (done.code, done.err) == (0, "")
    assert cancer.json("metrics/metrics.json") == {"score": 1}
    said = cancer.json("why/explanation.json")
    assert (said["method"], said["rows"]) == (method, 30)
    assert set(said["features"]) == set(rows_of(cancer, "test")[0].columns)
    assert (cancer / "why" / "explanation.png").exists()


def test_an_evaluation_that_fails_is_not_explained_and_passes_its_exit_code_on(run: Run, cancer: Place) -> None:
    split(run, cancer)
    in_skops(logistic(cancer), cancer / "model")
    assert explain(run, cancer, "raise SystemExit(7)").code == 7
    assert not (cancer / "why").exists()


def in_onnx(place: Place) -> bytes:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    model = ridge(place)
    return onnx_of(model.coef_, float(model.intercept_), len(model.coef_), spelled=False)


def numbers(place: Place, name: str) -> None:
    """A model that says numbers, in one format or another."""
    path, (rows, truth) = place / "model" / name, rows_of(place, "train")
    if name.endswith(".skops"):
        in_skops(ridge(place), path.parent)
    elif name.endswith(".ubj"):
        import xgboost

        xgboost.train({"nthread": 1}, xgboost.DMatrix(rows, truth), 3).save_model(str(path))
    elif name.endswith(".txt"):
        import lightgbm

        params = {"objective": "regression", "num_threads": 1, "verbosity": -1}
        lightgbm.train(params, lightgbm.Dataset(rows, truth), 3).save_model(str(path))
    else:
        path.write_bytes(in_onnx(place))


@pytest.mark.parametrize("name", ["model.skops", "model.ubj", "model.txt", "model.onnx"])
def test_a_model_says_itself_that_it_predicts_numbers(name: str, run: Run, diabetes: Place) -> None:
    """Nobody writes `task` beside an evaluation of one's own, and few whole numbers might be classes."""
    split(run, diabetes)
    numbers(diabetes, name)
    done = explain(run, diabetes)
    assert (done.code, done.err) == (0, "")
    assert len(diabetes.json("why/explanation.json")["features"]) == 10


@pytest.mark.parametrize("name", ["model.ubj", "model.txt"])
def test_a_booster_says_itself_that_it_predicts_classes(name: str, run: Run, cancer: Place) -> None:
    split(run, cancer)
    booster = boosted(cancer, "lightgbm" if name.endswith(".txt") else "xgboost")
    booster.save_model(str(cancer / "model" / name))
    (cancer / "model" / "classes.json").write_text('["benign", "malignant"]')
    done = explain(run, cancer)
    assert (done.code, done.err) == (0, "")
    assert "its classes are benign, malignant" in done.out


def test_the_label_tells_where_the_model_is_silent(run: Run, diabetes: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlopsgen.runtime.loaders import formats

    class Silent:
        task = columns = labels = None

        def predict(self, table: Any) -> Any:
            return table["bmi"] * 900 + 150

        def probabilities(self, table: Any) -> None:
            del table

    split(run, diabetes)
    (diabetes / "model" / "MLmodel").write_text("flavors: {}\n")
    opened: Callable[..., object] = lambda *_: Silent()  # noqa: E731 - it stands for a method
    monkeypatch.setattr(formats.Format, "opened", opened)
    done = explain(run, diabetes)
    assert (done.code, done.err) == (0, "")
    found = diabetes.json("why/explanation.json")["features"]
    assert max(found, key=found.get) == "bmi"


def test_what_nothing_here_reads_is_said_with_what_is_left_to_do(run: Run, cancer: Place, tmp_path: Path) -> None:
    split(run, cancer)
    (cancer / "model" / "weights.pt").write_bytes(b"x")
    done = explain(run, cancer)
    assert done.code == 1
    assert "no model that can be loaded here lies in" in done.err
    assert done.err.endswith("for anything else leave `explain` out, and let the script write its own report\n")
    with pytest.raises(Failed, match="is no folder, so there is no model to load"):
        load_of_any_task(tmp_path / "x", read_contract(cancer / "contract.json"), lambda: "regression", "")
