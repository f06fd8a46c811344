from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlopsgen.runtime.features import Feature, prepare
from mlopsgen.runtime.kinds import Typed, as_type
from mlopsgen.runtime.models import is_trusted, load
from mlopsgen.runtime.problems import Failed

from .conftest import Done, Place, Run

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# Boosters wait actively for their threads, which costs minutes on a busy machine.
ONE_CORE = "--n_jobs=1"


def prepared(run: Run, place: Place, **more: object) -> None:
    contract = place.write_contract(split={"test": 0.2, **more})
    folders = [f"--{part}={place / part}" for part in ("train", "test", "validation")]
    assert run("split", f"--contract={contract}", f"--source={place / 'source'}", *folders).code == 0


def train(run: Run, place: Place, framework: str, *more: str, model: str = "model") -> Done:
    given = (f"--contract={place / 'contract.json'}", f"--framework={framework}", f"--train={place / 'train'}")
    return run("train", *given, f"--model={place / model}", f"--metrics={place / 'metrics'}", *more)


def test_cross_validated_metrics_equal_scikit_learns_own(run: Run, diabetes: Place) -> None:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import KFold, cross_validate
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    prepared(run, diabetes)
    assert train(run, diabetes, "sklearn.Ridge", "--alpha=0.5").err == ""
    rows = pd.read_csv(diabetes / "train" / "data.csv")
    own = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), Ridge(alpha=0.5, random_state=42))
    folds = KFold(5, shuffle=True, random_state=42)
    scoring = ("r2", "neg_mean_squared_error", "neg_mean_absolute_error")
    scores = cross_validate(own, rows.drop(columns="target"), rows["target"], cv=folds, scoring=scoring)
    metrics = diabetes.json("metrics/metrics.json")
    assert metrics["r2"] == pytest.approx(scores["test_r2"].mean())
    assert metrics["mean_squared_error"] == pytest.approx(-scores["test_neg_mean_squared_error"].mean())
    assert metrics["mean_absolute_error"] == pytest.approx(-scores["test_neg_mean_absolute_error"].mean())


def test_metrics_are_those_of_the_validation_rows_where_there_are_any(run: Run, wine: Place) -> None:
    from sklearn.metrics import accuracy_score, f1_score, log_loss

    prepared(run, wine, validation=0.3)
    train(run, wine, "sklearn.LogisticRegression", f"--validation={wine / 'validation'}", "--C=0.01")
    rows = pd.read_csv(wine / "validation" / "data.csv", dtype={"id": str, "target": str})
    model = load(wine / "model")
    metrics = wine.json("metrics/metrics.json")
    assert metrics["accuracy"] == accuracy_score(rows["target"], model.predict(rows))
    assert metrics["f1_macro"] == f1_score(rows["target"], model.predict(rows), average="macro")
    assert metrics["log_loss"] == pytest.approx(log_loss(rows["target"], model.chances(rows)))
    assert "roc_auc_ovr" in metrics
    assert all(isinstance(value, float) for value in metrics.values())


def test_the_model_says_what_it_reads_and_what_made_it(run: Run, wine: Place) -> None:
    prepared(run, wine)
    train(run, wine, "sklearn.RandomForestClassifier", "--n_estimators=5.0", "--max_depth=3", "--class_weight=balanced")
    about = wine.json("model/model.json")
    assert (about["format"], about["task"], about["label"]) == ("skops", "classification", "target")
    assert about["classes"] == ["0", "1", "2"]
    names = [feature["name"] for feature in about["signature"]]
    assert "colour" in names
    assert not {"id", "target"} & set(names)
    wanted = {"n_estimators": 5, "max_depth": 3, "class_weight": "balanced", "random_state": 42}
    assert {name: about["params"][name] for name in wanted} == wanted
    assert set(about["versions"]) >= {"python", "scikit-learn", "skops"}


def test_the_same_data_give_the_same_metrics(run: Run, wine: Place) -> None:
    prepared(run, wine)
    train(run, wine, "sklearn.RandomForestClassifier", "--n_estimators=5")
    first = (wine / "metrics" / "metrics.json").read_bytes()
    train(run, wine, "sklearn.RandomForestClassifier", "--n_estimators=5")
    assert (wine / "metrics" / "metrics.json").read_bytes() == first


def test_gaps_dates_truths_and_unknown_categories_are_dealt_with(run: Run, wine: Place) -> None:
    path = wine / "source" / "wine.csv"
    frame = pd.read_csv(path, dtype={"id": str})
    number = np.arange(len(frame))
    frame["bottled"] = pd.Series(pd.date_range("2020-01-01", periods=len(frame))).dt.strftime("%Y-%m-%d")
    frame["organic"] = np.where(number % 2, "true", "false")
    frame["remark"] = [f"wine number {n}" for n in number]
    frame.loc[::7, ["ash", "organic", "colour", "bottled"]] = None
    frame.to_csv(path, index=False)
    prepared(run, wine)
    done = train(run, wine, "sklearn.LogisticRegression")
    assert (done.code, done.err) == (0, "")
    assert "note: column `remark` is not used: 144 different texts in 144 rows\n" in done.out
    types = {feature["name"]: feature["type"] for feature in wine.json("model/model.json")["signature"]}
    assert (types["bottled"], types["organic"], types["colour"]) == ("datetime", "boolean", "category")
    rows = pd.read_csv(wine / "test" / "data.csv", dtype={"target": str}).assign(colour="blue", ash="rubbish")
    assert (load(wine / "model").predict(rows) == rows["target"]).mean() > 0.8


@pytest.mark.parametrize(
    ("name", "numbers", "noted"),
    [
        ("row", range(1, 179), True),
        ("customer_id", range(0, 178_000, 1000), True),
        ("CustomerID", range(0, 178_000, 1000), True),
        ("proline_cents", range(0, 178_000, 1000), False),
        ("customer_id", [n // 2 for n in range(178)], False),
        ("paid", range(0, 178_000, 1000), False),
    ],
)
def test_a_number_that_only_tells_rows_apart_is_said_to_be_learned_from(
    run: Run, wine: Place, name: str, numbers: Iterable[int], noted: bool
) -> None:
    """Of ids only texts were left out; a model learned from the numbers of its rows, and nobody was told."""
    path = wine / "source" / "wine.csv"
    pd.read_csv(path, dtype={"id": str}).assign(**{name: list(numbers)}).to_csv(path, index=False)
    prepared(run, wine)
    said = f"note: column `{name}` has another whole number in every row: if it is an id, write `id: {name}`\n"
    assert (said in train(run, wine, "sklearn.LogisticRegression").out) == noted


def test_a_wide_table_of_numbers_is_prepared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two thousand genes of 300 people took minutes: each of them was read again for each fold."""
    numbers = pd.DataFrame(
        {"a": [1.5, None, float("inf")], "b": [1, 2, 3], "c": ["x", None, "y"], "d": [0.0, 1.0, 2.0]}
    )
    features = [Feature("a", "number"), Feature("c", "category"), Feature("b", "integer"), Feature("d", "number")]
    asked: list[str] = []

    def noted(values: pd.Series, kind: str) -> Typed:
        asked.append(str(values.name))
        return as_type(values, kind)

    monkeypatch.setattr("mlopsgen.runtime.features.as_type", noted)
    prepared = prepare(numbers.set_index(pd.Index([4, 7, 9])), features)
    assert asked == ["c", "b"]
    assert (list(prepared.columns), list(prepared.index)) == (["a", "c", "b", "d"], [4, 7, 9])
    assert prepared["a"].isna().tolist() == [False, True, True]
    assert [str(prepared[name].dtype) for name in ("a", "b", "d")] == ["float64"] * 3


def test_a_class_that_only_the_validation_rows_have_is_refused_as_in_an_evaluation(run: Run, wine: Place) -> None:
    prepared(run, wine, validation=0.3)
    path = wine / "train" / "data.csv"
    rows = pd.read_csv(path, dtype=str)
    rows[rows["target"] != "2"].to_csv(path, index=False)
    done = train(run, wine, "sklearn.GaussianNB", f"--validation={wine / 'validation'}")
    assert done.err == (
        "mlopsgen: the validation rows have the class `2`, which the model has never seen; there is `0`, `1`\n"
    )
    assert not (wine / "model").exists()


def test_a_label_from_a_threshold_on_is_learned_as_true_and_false(run: Run, diabetes: Place) -> None:
    diabetes.contract["roles"]["positive"] = {"at_least": 200}
    prepared(run, diabetes)
    train(run, diabetes, "sklearn.LogisticRegression")
    about = diabetes.json("model/model.json")
    assert (about["classes"], about["positive"]) == (["false", "true"], "true")
    assert diabetes.json("metrics/metrics.json")["roc_auc"] > 0.75


def test_a_weight_weighs(run: Run, cancer: Place) -> None:
    path = cancer / "source" / "cancer.csv"
    frame = pd.read_csv(path)
    frame.assign(w=np.where(frame["target"] == "benign", 1000.0, 0.001)).to_csv(path, index=False)
    cancer.contract["roles"]["weight"] = "w"
    prepared(run, cancer)
    train(run, cancer, "sklearn.LogisticRegression", "--C=0.0001")
    rows = pd.read_csv(cancer / "test" / "data.csv")
    assert set(load(cancer / "model").predict(rows)) == {"benign"}
    assert "w" not in [feature.name for feature in load(cancer / "model").features]


@pytest.mark.parametrize(
    ("framework", "flags", "message"),
    [
        (
            "sklearn.RandomForrest",
            (),
            "has no classifier or regressor `RandomForrest`; did you mean sklearn.RandomForest",
        ),
        ("pytorch", (), "there is no framework `pytorch`; known: sklearn.<Estimator>, xgboost, lightgbm"),
        ("sklearn.Ridge", ("--alpa=1",), "sklearn.Ridge has no parameter `alpa`; did you mean `alpha`?"),
        ("sklearn.VotingRegressor", (), "sklearn.VotingRegressor cannot be built without a script"),
        ("sklearn.Ridge", ("--task=classification",), "sklearn.Ridge does regression, not classification"),
    ],
)
def test_what_cannot_be_trained_is_wrong_usage(
    run: Run, diabetes: Place, framework: str, flags: tuple[str, ...], message: str
) -> None:
    prepared(run, diabetes)
    done = train(run, diabetes, framework, *flags)
    assert done.code == 2
    assert message in done.err


def test_a_bad_value_of_a_parameter_is_one_plain_line(run: Run, diabetes: Place) -> None:
    prepared(run, diabetes)
    done = train(run, diabetes, "sklearn.Ridge", "--alpha=blue")
    assert done.code == 1
    assert done.err.startswith("mlopsgen: sklearn.Ridge cannot be trained: The 'alpha' parameter of Ridge must be")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("framework", ["xgboost", "lightgbm"])
def test_boosters_are_saved_in_their_own_format_and_load_as_they_were(run: Run, wine: Place, framework: str) -> None:
    pytest.importorskip(framework, reason=f"{framework} is not installed")
    prepared(run, wine, validation=0.2)
    done = train(run, wine, framework, f"--validation={wine / 'validation'}", "--n_estimators=20", ONE_CORE)
    assert (done.code, done.err) == (0, "")
    assert {path.suffix for path in (wine / "model").iterdir()} == {
        ".json", ".skops", {"xgboost": ".ubj", "lightgbm": ".txt"}[framework],
    }  # fmt: skip
    rows = pd.read_csv(wine / "validation" / "data.csv", dtype={"target": str})
    accuracy = (load(wine / "model").predict(rows) == rows["target"]).mean()
    assert accuracy == wine.json("metrics/metrics.json")["accuracy"]
    chances = load(wine / "model").chances(rows)
    assert chances is not None
    assert chances.sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("framework", ["xgboost", "lightgbm"])
def test_boosters_learn_numbers_and_two_classes_too(run: Run, diabetes: Place, framework: str) -> None:
    pytest.importorskip(framework, reason=f"{framework} is not installed")
    prepared(run, diabetes)
    train(run, diabetes, framework, "--n_estimators=30", "--max_depth=2", ONE_CORE)
    assert diabetes.json("metrics/metrics.json")["r2"] > 0.3
    diabetes.contract["roles"]["positive"] = {"at_least": 200}
    diabetes.write_contract()
    train(run, diabetes, framework, "--n_estimators=10", ONE_CORE)
    rows = pd.read_csv(diabetes / "test" / "data.csv")
    chances = load(diabetes / "model").chances(rows)
    assert chances is not None
    assert chances.shape == (len(rows), 2)


@pytest.mark.parametrize("framework", ["sklearn.SGDClassifier", "xgboost", "lightgbm"])
def test_training_goes_on_from_an_earlier_model(run: Run, wine: Place, framework: str) -> None:
    if not framework.startswith("sklearn"):
        pytest.importorskip(framework, reason=f"{framework} is not installed")
    prepared(run, wine, validation=0.2)
    argv: tuple[str, ...] = (f"--validation={wine / 'validation'}", ONE_CORE)
    train(run, wine, framework, *argv, model="first")
    argv += (f"--previous={wine / 'first'}",)
    assert train(run, wine, framework, *argv).err == ""
    first, second = ((wine / name / "model.json").read_text() for name in ("first", "model"))
    assert json.loads(first)["files"] != json.loads(second)["files"]


def test_an_estimator_that_cannot_go_on_says_so(run: Run, wine: Place) -> None:
    prepared(run, wine)
    train(run, wine, "sklearn.GaussianNB", model="first")
    train(run, wine, "sklearn.SVC", model="svc")
    done = train(run, wine, "sklearn.SVC", f"--previous={wine / 'svc'}")
    assert done.err == "mlopsgen: sklearn.SVC cannot go on from an earlier model; leave `start_from` out\n"
    done = train(run, wine, "sklearn.SVC", f"--previous={wine / 'first'}")
    assert done.err == "mlopsgen: the earlier model is of sklearn.GaussianNB; sklearn.SVC cannot go on from it\n"


def test_a_changed_model_file_is_not_loaded(run: Run, wine: Place) -> None:
    prepared(run, wine)
    train(run, wine, "sklearn.GaussianNB")
    with (wine / "model" / "model.skops").open("ab") as file:
        file.write(b"x")
    with pytest.raises(Failed, match=r"is not the file its model\.json was written for"):
        load(wine / "model")


def test_a_model_file_that_may_run_code_is_not_loaded(run: Run, wine: Place) -> None:
    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    from mlopsgen.runtime.files import file_digest

    prepared(run, wine)
    train(run, wine, "sklearn.GaussianNB")
    skops.io.dump(FunctionTransformer(func=Path.unlink), wine / "model" / "model.skops")
    about = wine.json("model/model.json")
    about["files"]["model.skops"] = file_digest(wine / "model" / "model.skops")
    (wine / "model" / "model.json").write_text(json.dumps(about))
    with pytest.raises(Failed, match="which may run code"):
        load(wine / "model")


def test_only_classes_of_the_numeric_libraries_are_trusted() -> None:
    assert is_trusted("sklearn.ensemble._forest.RandomForestClassifier")
    assert is_trusted("numpy.random.mtrand.RandomState")
    for name in ("numpy.testing.runstring", "os.system", "builtins.eval", "sklearnx.X", "numpy.nowhere.X", "numpy"):
        assert not is_trusted(name)


NOT_BY_THEMSELVES = {
    "classifier": {"CategoricalNB", "ClassifierChain", "FixedThresholdClassifier", "SelfTrainingClassifier"}
    | {"MultiOutputClassifier", "OneVsOneClassifier", "OneVsRestClassifier", "OutputCodeClassifier"}
    | {"StackingClassifier", "TunedThresholdClassifierCV", "VotingClassifier"}
    | {"QuadraticDiscriminantAnalysis", "RadiusNeighborsClassifier"},
    "regressor": {"IsotonicRegression", "MultiOutputRegressor", "MultiTaskElasticNet", "MultiTaskElasticNetCV"}
    | {
        "MultiTaskLasso",
        "MultiTaskLassoCV",
        "CCA",
        "PLSCanonical",
        "RegressorChain",
        "StackingRegressor",
        "VotingRegressor",
    },
}
"""They need other estimators, counts, one column or several labels, or fail on these rows (the last two)."""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.soak)], ids=["a fifth", "all"])
@pytest.mark.parametrize(("kind", "data"), [("classifier", "wine"), ("regressor", "diabetes")])
def test_every_estimator_of_scikit_learn_trains_saves_and_loads(
    run: Run, request: pytest.FixtureRequest, kind: str, data: str, every: int
) -> None:
    from sklearn.utils import all_estimators

    place: Place = request.getfixturevalue(data)
    prepared(run, place, validation=0.2)
    rows = pd.read_csv(place / "test" / "data.csv", dtype={"id": str})
    broken = {}
    names = [name for name, _ in all_estimators(kind)][::every]
    for name in names:
        done = train(run, place, f"sklearn.{name}", f"--validation={place / 'validation'}")
        if done.code:
            broken[name] = done.err
        else:
            assert len(load(place / "model").predict(rows)) == len(rows)
    assert set(broken) == NOT_BY_THEMSELVES[kind] & {*names}, broken


def test_a_model_says_which_rows_it_learned(run: Run, wine: Place) -> None:
    from mlopsgen.runtime.files import digest_of

    prepared(run, wine, validation=0.2)
    assert train(run, wine, "sklearn.LogisticRegression", f"--validation={wine / 'validation'}").err == ""
    assert wine.json("model/model.json")["data_digest"] == digest_of(wine / "train")
