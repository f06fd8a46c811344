from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlopsgen.runtime import models
from mlopsgen.runtime.rankings import ranking_metrics
from mlopsgen.runtime.scores import METRICS, Said, all_metrics

from .conftest import Done, Place, Run

pytestmark = pytest.mark.slow


def trained(run: Run, place: Place, framework: str, **split: object) -> None:
    contract = place.write_contract(split={"test": 0.3, **split})
    folders = [f"--{part}={place / part}" for part in ("train", "test")]
    assert run("split", f"--contract={contract}", f"--source={place / 'source'}", *folders).code == 0
    out = (f"--model={place / 'model'}", f"--metrics={place / 'training'}")
    assert (
        run("train", f"--contract={contract}", f"--framework={framework}", f"--train={place / 'train'}", *out).code == 0
    )


def evaluate(run: Run, place: Place, task: str, *more: str) -> Done:
    given = (f"--contract={place / 'contract.json'}", f"--task={task}", f"--model={place / 'model'}")
    out = (f"--test={place / 'test'}", f"--metrics={place / 'metrics'}", f"--predictions={place / 'predictions'}")
    return run("evaluate", *given, *out, *more)


def test_two_classes_are_judged_as_scikit_learn_would(run: Run, cancer: Place) -> None:
    from sklearn import metrics

    trained(run, cancer, "sklearn.LogisticRegression")
    assert evaluate(run, cancer, "classification", "--group=age").err == ""
    table = pd.read_csv(cancer / "predictions" / "predictions.csv")
    assert list(table.columns) == ["id", "truth", "prediction", "score", "loss", "age"]
    truth, guess = table["truth"] == "benign", table["prediction"] == "benign"
    found = cancer.json("metrics/metrics.json")
    own = {
        "accuracy": metrics.accuracy_score(truth, guess),
        "f1": metrics.f1_score(truth, guess),
        "precision": metrics.precision_score(truth, guess),
        "recall": metrics.recall_score(truth, guess),
        "roc_auc": metrics.roc_auc_score(truth, table["score"]),
        "average_precision": metrics.average_precision_score(truth, table["score"]),
        "log_loss": metrics.log_loss(truth, table["score"]),
        "brier_score_loss": metrics.brier_score_loss(truth, table["score"]),
        "matthews_corrcoef": metrics.matthews_corrcoef(truth, guess),
    }
    assert {name: found[name] for name in own} == pytest.approx(own)
    assert table["loss"].mean() == pytest.approx(found["log_loss"])


def test_several_classes_have_a_score_each(run: Run, wine: Place) -> None:
    from sklearn.metrics import roc_auc_score

    trained(run, wine, "sklearn.GaussianNB")
    assert evaluate(run, wine, "classification", "--group=colour").err == ""
    table = pd.read_csv(wine / "predictions" / "predictions.csv", dtype={"id": str})
    scores = table[["score:0", "score:1", "score:2"]]
    assert wine.json("metrics/metrics.json")["roc_auc_ovr"] == roc_auc_score(table["truth"], scores, multi_class="ovr")
    assert table["id"].str.fullmatch(r"\d{4}").all()
    assert set(table["colour"]) == {"red", "white"}


def test_numbers_have_squared_errors_as_losses(run: Run, diabetes: Place) -> None:
    trained(run, diabetes, "sklearn.Ridge")
    assert evaluate(run, diabetes, "regression").err == ""
    table = pd.read_csv(diabetes / "predictions" / "predictions.csv")
    assert table["loss"].to_numpy() == pytest.approx((table["truth"] - table["prediction"]) ** 2)
    assert diabetes.json("metrics/metrics.json")["mean_squared_error"] == pytest.approx(table["loss"].mean())


def by_day(place: Place, series: int = 1) -> pd.DataFrame:
    """The table with a row a day for each of some series, newest first, far apart from one another."""
    path = place / "source" / "diabetes.csv"
    frame = pd.read_csv(path)
    shop = np.arange(len(frame)) % series
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(len(frame)) // series, unit="D")
    frame = frame.assign(at=day.strftime("%Y-%m-%d"), shop=[f"s{n}" for n in shop], target=frame["target"] + 1e4 * shop)
    frame[::-1].to_csv(path, index=False)
    place.contract["roles"] |= {"time": "at", "series": "shop"}
    return frame


def test_a_forecast_is_scaled_by_the_rows_it_learned_from(run: Run, diabetes: Place) -> None:
    """Hyndman and Koehler (2006), Another look at measures of forecast accuracy, 3: the scale is in-sample."""
    by_day(diabetes)
    trained(run, diabetes, "sklearn.Ridge", by_time=True)
    assert evaluate(run, diabetes, "forecasting", f"--train={diabetes / 'train'}").err == ""
    table = pd.read_csv(diabetes / "predictions" / "predictions.csv")
    assert list(table["at"]) == sorted(table["at"]), "a paired test asks which rows are of one moment"
    learned = pd.read_csv(next((diabetes / "train").glob("*.csv"))).sort_values("at")["target"]
    own = (table["truth"] - table["prediction"]).abs().mean() / learned.diff().abs().mean()
    assert diabetes.json("metrics/metrics.json")["mean_absolute_scaled_error"] == pytest.approx(own)
    assert evaluate(run, diabetes, "forecasting").err == ""
    assert "mean_absolute_scaled_error" not in diabetes.json("metrics/metrics.json"), "without a scale there is none"


def test_series_far_apart_do_not_make_a_bad_forecast_look_good(run: Run, diabetes: Place) -> None:
    by_day(diabetes, series=2)
    trained(run, diabetes, "sklearn.Ridge", by_time=True)
    assert evaluate(run, diabetes, "forecasting", "--group=shop", f"--train={diabetes / 'train'}").err == ""
    table = pd.read_csv(diabetes / "predictions" / "predictions.csv")
    learned = pd.read_csv(next((diabetes / "train").glob("*.csv"))).sort_values("at")
    errors = (table["truth"] - table["prediction"]).abs().groupby(table["shop"]).mean()
    naive = learned.groupby("shop")["target"].apply(lambda values: values.diff().abs().mean())
    assert diabetes.json("metrics/metrics.json")["mean_absolute_scaled_error"] == pytest.approx((errors / naive).mean())
    assert (errors / naive).mean() > 0.2


def test_a_series_that_was_never_learned_has_no_scale_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    from mlopsgen.runtime.forecasts import scaled_error

    learned, shops = np.array([1.0, 3.0, 1.0, 7.0, 7.0]), np.array(["a", "a", "a", "b", "b"])
    test = np.array(["a", "b", "c"])
    assert scaled_error(np.array([4.0, 9.0, 9.0]), test, learned, shops) == 2.0
    assert "2 of 3 series have no scale" in capsys.readouterr().err
    assert scaled_error(np.array([4.0]), np.array(["c"]), learned, shops) is None


def test_rankings_are_means_over_lists() -> None:
    from sklearn.metrics import ndcg_score

    truth, guess = np.array([3.0, 0, 1, 0, 2, 0]), np.array([1.0, 3, 2, 0.3, 0.1, 0.2])
    said = Said(truth=truth, prediction=guess)
    found = ranking_metrics(said, np.array(["a", "a", "a", "b", "b", "b"]))
    own = (ndcg_score([truth[:3]], [guess[:3]]) + ndcg_score([truth[3:]], [guess[3:]])) / 2
    assert found["ndcg"] == pytest.approx(own)
    # The first relevant row stands second in `a` and third in `b`.
    assert found["mean_reciprocal_rank"] == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert ranking_metrics(said, None)["ndcg"] == pytest.approx(ndcg_score([truth], [guess]))


def test_a_useless_ranking_gains_nothing_from_the_order_of_the_file() -> None:
    """Rows of one score have no order: each metric is the mean over all their orders."""
    from itertools import permutations

    truth, guess = np.array([2.0, 0, 1, 0, 0, 1]), np.array([3.0, 3, 3, 1, 1, 1])
    found = ranking_metrics(Said(truth=truth, prediction=np.zeros(6)), None)
    first = [1 + next(i for i, gain in enumerate(order) if gain > 0) for order in permutations(truth)]
    assert found["mean_reciprocal_rank"] == pytest.approx(np.mean([1 / place for place in first]))
    ones = [1 + next(i for i, gain in enumerate(order) if gain > 0) for order in permutations(truth[:3])]
    half = ranking_metrics(Said(truth=truth, prediction=guess), None)
    assert half["mean_reciprocal_rank"] == pytest.approx(np.mean([1 / place for place in ones]))


def test_many_lists_are_judged_as_scikit_learn_judges_each() -> None:
    from sklearn.metrics import ndcg_score

    chance = np.random.RandomState(0)
    lists = np.repeat(np.arange(40), chance.randint(1, 30, 40))
    chance.shuffle(lists)
    truth, guess = chance.randint(-1, 4, len(lists)).astype(float), chance.randint(0, 5, len(lists)).astype(float)
    found = ranking_metrics(Said(truth=truth, prediction=guess), lists)
    each = [(np.clip(truth[lists == n], 0, None), guess[lists == n]) for n in range(40)]
    each = [(gain, score) for gain, score in each if len(gain) > 1 and gain.max() > 0]
    assert found["ndcg"] == pytest.approx(np.mean([ndcg_score([g], [s]) for g, s in each]))
    assert found["ndcg_at_10"] == pytest.approx(np.mean([ndcg_score([g], [s], k=10) for g, s in each]))


def test_lists_by_the_thousand_are_judged_in_the_time_of_their_rows() -> None:
    """A comparison of every row with every list takes minutes here."""
    from time import process_time

    rows = 200_000
    lists = np.arange(rows) % 20_000
    start = process_time()
    ranking_metrics(Said(truth=(lists % 3).astype(float), prediction=np.sin(np.arange(rows))), lists)
    assert process_time() - start < 5


def test_a_ranking_is_judged_list_by_list(run: Run, diabetes: Place) -> None:
    from sklearn.metrics import ndcg_score

    path = diabetes / "source" / "diabetes.csv"
    frame = pd.read_csv(path)
    frame.assign(q=[number % 20 for number in range(len(frame))]).to_csv(path, index=False)
    diabetes.contract["roles"]["query"] = "q"
    trained(run, diabetes, "sklearn.Ridge")
    assert evaluate(run, diabetes, "ranking", "--group=q").err == ""
    table = pd.read_csv(diabetes / "predictions" / "predictions.csv")
    own = [ndcg_score([rows["truth"]], [rows["prediction"]]) for _, rows in table.groupby("q") if len(rows) > 1]
    assert diabetes.json("metrics/metrics.json")["ndcg"] == pytest.approx(np.mean(own))
    names = [feature.name for feature in models.load(diabetes / "model").features]
    assert "q" not in names, "which list a row belongs to says nothing about the row"


def test_pictures_are_drawn_and_the_same_each_time(run: Run, cancer: Place) -> None:
    trained(run, cancer, "sklearn.LogisticRegression")
    names = ("confusion", "roc", "importance")
    for turn in ("a", "b"):
        assert evaluate(run, cancer, "classification", *(f"--{name}={cancer / turn}" for name in names)).err == ""
    for name in names:
        first, second = ((cancer / turn / f"{name}.png").read_bytes() for turn in ("a", "b"))
        assert first[:8] == b"\x89PNG\r\n\x1a\n"
        assert first == second


def test_importance_finds_the_one_column_that_matters(run: Run, diabetes: Place) -> None:
    path = diabetes / "source" / "diabetes.csv"
    frame = pd.read_csv(path)
    frame.assign(target=3 * frame["bmi"]).to_csv(path, index=False)
    trained(run, diabetes, "sklearn.LinearRegression")
    figures = (f"--importance={diabetes / 'f'}", f"--residuals={diabetes / 'f'}", f"--explanation={diabetes / 'f'}")
    assert evaluate(run, diabetes, "regression", *figures, "--explain-method=permutation").err == ""
    weights = diabetes.json("f/explanation.json")["features"]
    assert next(iter(weights)) == "bmi"
    assert weights["bmi"] > 1
    assert abs(weights["s1"]) < 1e-9


def test_the_importance_of_a_good_model_is_no_empty_picture(run: Run, cancer: Place) -> None:
    """Few of its rows change their class when a column is shuffled, and many their probability."""
    trained(run, cancer, "sklearn.LogisticRegression")
    more = (f"--explanation={cancer / 'f'}", "--explain-method=permutation")
    assert evaluate(run, cancer, "classification", *more).err == ""
    weights = list(cancer.json("f/explanation.json")["features"].values())
    assert sum(abs(weight) > 1e-6 for weight in weights) > 0.9 * len(weights)


def test_a_picture_counts_the_columns_that_it_leaves_out() -> None:
    from mlopsgen.runtime.figures import left_out

    assert left_out(30, 2, 2) == " (28 without any effect left out)"
    assert left_out(30, 25, 20) == " (the first 20 of 25, 5 without any effect left out)"
    assert left_out(3, 3, 3) == ""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_shap_explains_with_categories_too(run: Run, wine: Place) -> None:
    pytest.importorskip("shap", reason="shap is not installed")
    trained(run, wine, "sklearn.LogisticRegression")
    done = evaluate(run, wine, "classification", f"--explanation={wine / 'f'}", "--explain-sample=20")
    assert done.code == 0, done.err
    found = wine.json("f/explanation.json")
    assert (found["method"], found["rows"]) == ("shap", 20)
    assert "proline" in list(found["features"])[:4]
    assert found["features"]["colour"] < found["features"]["proline"]


def test_shap_that_is_not_installed_is_said_with_the_way_out(
    run: Run, wine: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    trained(run, wine, "sklearn.GaussianNB")
    monkeypatch.setitem(sys.modules, "shap", None)
    done = evaluate(run, wine, "classification", f"--explanation={wine / 'f'}")
    assert done.code == 1
    assert "add it to the requirements or use `method: permutation`" in done.err


def test_what_makes_no_sense_is_refused(run: Run, wine: Place, tmp_path: Path) -> None:
    trained(run, wine, "sklearn.GaussianNB")
    done = evaluate(run, wine, "regression")
    assert done.err == "mlopsgen: the model does classification, it cannot be evaluated as regression\n"
    done = evaluate(run, wine, "classification", f"--residuals={tmp_path}")
    assert (done.code, done.err) == (2, "mlopsgen: --residuals makes no sense for classification\n")
    done = evaluate(run, wine, "classification", "--group=nowhere")
    assert done.err.startswith("mlopsgen: the test rows have no column `nowhere`; they have id, ")
    for path in (wine / "model").iterdir():
        path.rename(path.with_suffix(".bin"))
    done = evaluate(run, wine, "classification")
    there = f"mlopsgen: no model that can be loaded here lies in {wine / 'model'}: it holds model.bin."
    assert done.err.startswith(there)


def test_a_model_without_scores_has_no_metrics_that_need_them() -> None:
    truth = np.array(["a", "b", "b", "a"], dtype=object)
    said = Said(truth=truth, prediction=truth[::-1], classes=("a", "b"), positive="b")
    assert not {"roc_auc", "log_loss", "brier_score_loss", "mean_squared_error"} & set(all_metrics(said))
    scored = Said(truth=truth, prediction=truth, classes=("a", "b"), positive="b", chances=np.array([[-3.0, 3]] * 4))
    found = all_metrics(scored)
    assert "roc_auc" in found
    assert "log_loss" not in found, "a decision value is no probability"


def test_every_metric_has_the_direction_that_scikit_learn_gives_it() -> None:
    from sklearn.metrics import get_scorer_names

    for name, metric in METRICS.items():
        if name in get_scorer_names():
            assert metric.maximize, name
        if f"neg_{name}" in get_scorer_names():
            assert not metric.maximize, name


def test_the_metrics_file_is_flat_and_holds_numbers_alone(run: Run, wine: Place) -> None:
    trained(run, wine, "sklearn.GaussianNB")
    evaluate(run, wine, "classification")
    content = json.loads((wine / "metrics" / "metrics.json").read_text())
    assert list(content) == sorted(content)
    assert all(isinstance(value, float) for value in content.values())
