from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlopsgen.runtime import resume
from mlopsgen.runtime.models import load
from mlopsgen.runtime.parameter_names import STOPPING, names_of

from .conftest import Done, Place, Run
from .test_train import ONE_CORE, prepared, train

pytestmark = pytest.mark.slow
TABLE = Path(__file__).parents[2] / "src" / "mlopsgen" / "spec" / "estimators.json"


def test_xgboost_is_trained_under_the_names_of_its_own_manual(run: Run, cancer: Place) -> None:
    prepared(run, cancer)
    own = ("--eta=0.4", "--num_round=7.0", "--lambda=2", "--alpha=0.1", "--min_split_loss=0.01", "--nthread=1")
    assert train(run, cancer, "xgboost", *own).err == ""
    params = cancer.json("model/model.json")["params"]
    wanted = {"learning_rate": 0.4, "n_estimators": 7, "reg_lambda": 2, "reg_alpha": 0.1, "gamma": 0.01}
    assert {name: params[name] for name in wanted} == wanted
    assert load(cancer / "model").pipeline.booster.num_boosted_rounds() == 7


def test_an_alias_of_lightgbm_is_not_overruled_by_the_estimators_own_default(run: Run, cancer: Place) -> None:
    """LightGBM's estimator hands on learning_rate=0.1 as well, and of two names the library takes the first."""
    prepared(run, cancer)
    own = ("--eta=0.4", "--num_round=3", "--sub_row=0.5", "--bagging_freq=1", "--num_threads=1")
    assert train(run, cancer, "lightgbm", *own).err == ""
    booster = load(cancer / "model").pipeline.booster
    text = booster.model_to_string()
    assert "[learning_rate: 0.4]" in text
    assert "[bagging_fraction: 0.5]" in text
    assert booster.num_trees() == 3


@pytest.mark.parametrize(("framework", "pair"), [("xgboost", "eta"), ("lightgbm", "shrinkage_rate")])
def test_one_parameter_under_two_names_is_refused(framework: str, pair: str, run: Run, cancer: Place) -> None:
    prepared(run, cancer)
    done = train(run, cancer, framework, f"--{pair}=0.4", "--learning_rate=0.2")
    assert done.code == 2
    assert f"another name of a parameter of {framework} that is given, too: `learning_rate`" in done.err


@pytest.mark.parametrize("framework", ["xgboost", "lightgbm"])
def test_early_stopping_looks_at_the_validation_rows_and_the_model_read_back_stops_there(
    framework: str, run: Run, cancer: Place
) -> None:
    prepared(run, cancer, validation=0.3)
    more = (f"--validation={cancer / 'validation'}", "--n_estimators=400", "--learning_rate=0.5", f"--{STOPPING}=3")
    assert train(run, cancer, framework, *more, ONE_CORE).err == ""
    contract, test = cancer / "contract.json", cancer / "validation"
    given = (f"--contract={contract}", "--task=classification", f"--model={cancer / 'model'}", f"--test={test}")
    assert run("evaluate", *given, f"--metrics={cancer / 'again'}").code == 0
    first, again = cancer.json("metrics/metrics.json"), cancer.json("again/metrics.json")
    assert {name: again[name] for name in first} == pytest.approx(first, rel=1e-6)
    booster = load(cancer / "model").pipeline.booster
    rounds = booster.best_iteration + 1 if framework == "xgboost" else booster.num_trees()
    assert rounds < 200


def test_early_stopping_without_validation_rows_says_what_to_write(run: Run, cancer: Place) -> None:
    prepared(run, cancer)
    done = train(run, cancer, "xgboost", f"--{STOPPING}=3", ONE_CORE)
    assert done.code == 1
    assert "needs validation rows; keep a share: `split: {validation: 0.1}`" in done.err


@pytest.mark.parametrize("params", [("--booster=gblinear",), ("--objective=multi:softmax",)], ids=lambda p: p[0])
def test_a_model_of_xgboost_can_be_read_back_whatever_its_booster(
    params: tuple[str, ...], run: Run, wine: Place
) -> None:
    prepared(run, wine, validation=0.3)
    more = (*params, f"--validation={wine / 'validation'}", "--n_estimators=5", ONE_CORE)
    assert train(run, wine, "xgboost", *more).err == ""
    given = (f"--contract={wine / 'contract.json'}", "--task=classification", f"--model={wine / 'model'}")
    done = run("evaluate", *given, f"--test={wine / 'validation'}", f"--metrics={wine / 'again'}")
    assert (done.code, done.err) == (0, "")
    first, again = wine.json("metrics/metrics.json"), wine.json("again/metrics.json")
    assert {name: again[name] for name in first} == pytest.approx(first, rel=1e-5)


def test_a_model_that_says_something_else_when_read_back_is_not_handed_on(
    run: Run, cancer: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(run, cancer)
    assert train(run, cancer, "sklearn.GaussianNB").code == 0
    other = load(cancer / "model")
    other.pipeline[-1].theta_[:] = 0
    monkeypatch.setattr(resume, "load", lambda folder: other)
    done = train(run, cancer, "sklearn.GaussianNB")
    assert done.code == 1
    assert "the saved model of sklearn.GaussianNB does not say what the trained one said" in done.err


def test_votes_of_pairs_are_not_taken_for_scores_of_classes(run: Run, wine: Place) -> None:
    prepared(run, wine, validation=0.3)
    train(run, wine, "sklearn.SVC", f"--validation={wine / 'validation'}", "--decision_function_shape=ovo")
    rows = pd.read_csv(wine / "validation" / "data.csv", dtype={"id": str, "target": str})
    assert load(wine / "model").chances(rows) is None


def weighted(place: Place) -> None:
    path = place / "source" / "cancer.csv"
    frame = pd.read_csv(path)
    frame.assign(w=np.where(frame["target"] == "benign", 9.0, 1.0)).to_csv(path, index=False)
    place.contract["roles"]["weight"] = "w"


def go_on(run: Run, place: Place, framework: str, *more: str) -> Done:
    return train(run, place, framework, f"--previous={place / 'model'}", *more, model="further")


@pytest.mark.parametrize(
    ("framework", "more"),
    [
        ("xgboost", ("--n_estimators=3", ONE_CORE)),
        ("lightgbm", ("--n_estimators=3", ONE_CORE)),
        ("sklearn.SGDClassifier", ()),
    ],
)
def test_weights_count_when_a_training_goes_on(framework: str, more: tuple[str, ...], run: Run, cancer: Place) -> None:
    weighted(cancer)
    prepared(run, cancer)
    assert train(run, cancer, framework, *more).code == 0
    assert go_on(run, cancer, framework, *more).code == 0
    rows = pd.read_csv(cancer / "test" / "data.csv")
    with_weights = np.asarray(load(cancer / "further").chances(rows))
    contract = json.loads((cancer / "contract.json").read_text())
    contract["roles"] |= {"weight": None, "ignore": ["age", "w"]}
    (cancer / "contract.json").write_text(json.dumps(contract))
    assert go_on(run, cancer, framework, *more).code == 0
    assert not np.allclose(with_weights, np.asarray(load(cancer / "further").chances(rows)))


def test_metrics_of_a_continued_model_are_of_the_continued_model(run: Run, cancer: Place) -> None:
    """Each fold goes on from the earlier model, too: a model of nothing but one further round is another one."""
    prepared(run, cancer)
    assert train(run, cancer, "xgboost", "--n_estimators=40", ONE_CORE).code == 0
    contract = cancer / "contract.json"
    assert go_on(run, cancer, "xgboost", "--n_estimators=1", "--learning_rate=0.001", ONE_CORE).code == 0
    reported = cancer.json("metrics/metrics.json")["log_loss"]
    given = (f"--contract={contract}", "--task=classification", f"--model={cancer / 'further'}")
    assert run("evaluate", *given, f"--test={cancer / 'train'}", f"--metrics={cancer / 'own'}").code == 0
    assert reported == pytest.approx(cancer.json("own/metrics.json")["log_loss"], rel=0.05)


def test_a_folder_that_holds_another_model_is_not_trained_past_in_silence(run: Run, cancer: Place) -> None:
    prepared(run, cancer)
    (cancer / "model").mkdir()
    (cancer / "model" / "model.pkl").write_bytes(b"")
    done = go_on(run, cancer, "xgboost", ONE_CORE)
    assert done.code == 1
    assert "holds no model.json" in done.err


@pytest.mark.filterwarnings("ignore:Class :FutureWarning")
def test_the_table_of_params_has_all_that_the_installed_libraries_have() -> None:
    import lightgbm
    import xgboost
    from lightgbm.basic import _ConfigAliases
    from sklearn.utils import all_estimators

    for name, kind in (("xgboost", xgboost.XGBClassifier), ("lightgbm", lightgbm.LGBMClassifier)):
        own = set(kind().get_params()) - {"callbacks", "feature_types"}
        assert {p: p for p in own} == {p: names_of(name).get(p) for p in own}
    for main, names in _ConfigAliases._get_all_param_aliases().items():
        known = {names_of("lightgbm")[other] for other in names if other in names_of("lightgbm")}
        assert len(known) <= 1, main
    table = json.loads(TABLE.read_text())["estimators"]
    for name, kind in (*all_estimators("classifier"), *all_estimators("regressor")):
        try:
            params = kind().get_params(deep=False)
        except TypeError:
            assert name not in table
            continue
        assert set(params) <= set(table[name]["params"].split()), name


@pytest.mark.parametrize(
    "params",
    [
        {
            "booster": "dart",
            "sample_type": "weighted",
            "normalize_type": "forest",
            "rate_drop": 0.1,
            "one_drop": 1,
            "skip_drop": 0.1,
        },
        {
            "booster": "gblinear",
            "updater": "coord_descent",
            "feature_selector": "thrifty",
            "top_k": 2,
            "tolerance": 0.1,
        },
        {"objective": "reg:pseudohubererror", "huber_slope": 2, "seed_per_iteration": 1, "max_cached_hist_node": 9},
        {"objective": "reg:quantileerror", "quantile_alpha": 0.4, "disable_default_eval_metric": 1},
        {"objective": "reg:tweedie", "tweedie_variance_power": 1.2},
    ],
    ids=lambda params: str(next(iter(params.values()))),
)
def test_xgboost_takes_what_its_estimator_does_not_list(params: dict[str, object]) -> None:
    """XGBoost names what it does not know: `validate_parameters`."""
    import xgboost

    assert set(params) <= set(names_of("xgboost"))
    rows = xgboost.DMatrix(np.arange(20.0).reshape(10, 2), np.arange(1, 11.0))
    with pytest.warns(UserWarning, match=r'Parameters: \{ "nonsense" \} are not used'):
        xgboost.train({**params, "nonsense": 1, "nthread": 1}, rows, 1)
