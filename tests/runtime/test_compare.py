from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlopsgen.runtime.bias import measure_bias
from mlopsgen.runtime.compare import bootstrap, judge_pair, lower_bound, mcnemar, same_rows
from mlopsgen.runtime.contract import Positive
from mlopsgen.runtime.counts import fast_value
from mlopsgen.runtime.gates import Gate
from mlopsgen.runtime.problems import Failed, Usage
from mlopsgen.runtime.scores import METRICS, Said, applies, value_of


def table(truth: Any, prediction: Any, **more: Any) -> pd.DataFrame:
    """predictions.csv as it is read: all text."""
    rows = {"id": [str(n) for n in range(len(truth))], "truth": truth, "prediction": prediction, **more}
    return pd.DataFrame({name: [str(value) for value in values] for name, values in rows.items()})


def gate(**fields: Any) -> Gate:
    return Gate(**{"name": "g", "metric": "accuracy", "maximize": True, "confidence": 0.95, **fields})


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (1, 0), (9, 1), (12, 5), (5, 12), (40, 20)])
def test_mcnemar_is_the_exact_binomial_tail(won: int, lost: int) -> None:
    ways = sum(math.comb(won + lost, k) for k in range(won, won + lost + 1))
    assert mcnemar(won, lost) == pytest.approx(ways / 2 ** (won + lost))


def test_accuracy_without_a_margin_is_judged_by_mcnemar() -> None:
    truth = ["a"] * 20
    old = table(truth, ["b"] * 5 + ["a"] * 15)
    # Five rows won and none lost: 1/32 is below 0.05; four of four: 1/16 is not.
    assert judge_pair(gate(), table(truth, truth), old, None).wins
    verdict = judge_pair(gate(), table(truth, ["b"] + ["a"] * 19), old, None)
    assert (verdict.wins, verdict.how) == (False, "McNemar's test, p = 0.0625, at most 0.05 is needed")
    assert judge_pair(gate(confidence=0.9375), table(truth, ["b"] + ["a"] * 19), old, None).wins


def test_the_bootstrap_agrees_with_scipys() -> None:
    from scipy.stats import bootstrap as of_scipy

    chance = np.random.default_rng(5)
    truth = chance.normal(size=300)
    old = table(truth, truth + chance.normal(size=300))
    new = table(truth, truth + 0.9 * chance.normal(size=300))
    gains = bootstrap(gate(metric="mean_squared_error", maximize=False), new, old, None)
    differences = (old["prediction"].astype(float) - truth) ** 2 - (new["prediction"].astype(float) - truth) ** 2
    found = of_scipy((differences,), np.mean, n_resamples=20000, confidence_level=0.9, method="percentile", rng=chance)
    error = found.standard_error
    assert len(gains) == 2000
    # A quantile of 2,000 resamples is itself uncertain by a twentieth of the standard error.
    assert lower_bound(gains, 0.95) == pytest.approx(found.confidence_interval.low, abs=0.15 * error)
    assert np.quantile(gains, 0.95) == pytest.approx(found.confidence_interval.high, abs=0.15 * error)
    assert gains.mean() == pytest.approx(differences.mean(), abs=0.1 * error)


def test_a_bootstrap_of_a_metric_that_is_no_mean_agrees_with_scipys() -> None:
    from scipy.stats import bootstrap as of_scipy
    from sklearn.metrics import r2_score

    chance = np.random.default_rng(6)
    truth = chance.normal(size=120)
    first, second = truth + 0.5 * chance.normal(size=120), truth + 0.7 * chance.normal(size=120)
    gains = bootstrap(gate(metric="r2"), table(truth, first), table(truth, second), None)

    def gain(rows: Any) -> float:
        return float(r2_score(truth[rows], first[rows]) - r2_score(truth[rows], second[rows]))

    found = of_scipy(
        (np.arange(120),),
        gain,
        vectorized=False,
        n_resamples=2000,
        confidence_level=0.9,
        method="percentile",
        rng=chance,
    )
    tolerance = 0.2 * found.standard_error
    assert lower_bound(gains, 0.95) == pytest.approx(found.confidence_interval.low, abs=tolerance)


def test_the_bootstrap_draws_the_same_rows_for_both() -> None:
    """Two models that err alike differ by nothing in every resample, whatever rows are drawn."""
    chance = np.random.default_rng(1)
    truth = chance.choice(["a", "b", "c"], 60)
    guess = chance.choice(["a", "b", "c"], 60)
    gains = bootstrap(gate(metric="f1_macro"), table(truth, guess), table(truth, guess), None)
    assert (gains == 0).all()
    assert not judge_pair(gate(metric="f1_macro"), table(truth, guess), table(truth, guess), None).wins


def test_a_margin_decides() -> None:
    truth = ["a"] * 50 + ["b"] * 50
    old = table(truth, ["b"] * 10 + ["a"] * 40 + ["b"] * 50)
    same = judge_pair(gate(by=-0.01), old, old, None)
    assert same.wins, "no worse than by 0.01"
    better = table(truth, ["a"] * 50 + ["b"] * 50)
    assert judge_pair(gate(by=0.02), better, old, None).wins
    assert not judge_pair(gate(by=0.1), better, old, None).wins


@pytest.mark.parametrize("classes", [2, 4])
def test_the_fast_metrics_of_a_bootstrap_are_scikit_learns(classes: int) -> None:
    chance = np.random.default_rng(classes)
    names = tuple("abcd"[:classes])
    checked = 0
    for _ in range(20):
        rows = chance.integers(0, 12, 12)
        chances = chance.integers(0, 5, (12, classes)) / 4
        said = Said(truth=chance.choice(names, 12).astype(object), prediction=chance.choice(names, 12).astype(object),
                    classes=names, positive="b", chances=chances)  # fmt: skip
        for name, metric in METRICS.items():
            fast = fast_value(name, said.coded(), rows) if applies(metric, said) else None
            if fast is not None:
                assert fast == pytest.approx(value_of(metric, said.take(rows)), nan_ok=True), name
                checked += 1
    assert checked == 20 * 16


def test_probabilities_of_predictions_csv_are_enough_for_an_auc() -> None:
    chance = np.random.default_rng(2)
    truth = np.where(chance.random(200) < 0.5, "yes", "no")
    good, bad = np.clip((truth == "yes") * 0.4 + 0.6 * chance.random(200), 0, 1), chance.random(200)
    new, old = (table(truth, np.where(s > 0.5, "yes", "no"), score=s) for s in (good, bad))
    assert judge_pair(gate(metric="roc_auc"), new, old, Positive(equals="yes")).wins
    assert not judge_pair(gate(metric="roc_auc"), old, new, Positive(equals="yes")).wins
    with pytest.raises(Failed, match="`roc_auc` cannot be computed"):
        judge_pair(gate(metric="roc_auc"), new.drop(columns="score"), old, Positive(equals="yes"))


def test_rows_belong_together_by_id() -> None:
    old = table(["a", "b", "c"], ["a", "b", "b"])
    new, again = same_rows(old.iloc[::-1].reset_index(drop=True), old)
    assert list(new["id"]) == list(again["id"]) == ["2", "1", "0"]
    with pytest.raises(Failed, match="their ids differ"):
        same_rows(old.head(2), old)
    with pytest.raises(Failed, match="their truths differ"):
        same_rows(old.assign(truth="z"), old)


def people(**more: Any) -> pd.DataFrame:
    """Of the men 3 of 4 are chosen, of the women 1 of 4."""
    truth = ["yes", "yes", "no", "no"] * 2
    prediction = ["yes", "yes", "yes", "no", "yes", "no", "no", "no"]
    return table(truth, prediction, sex=["m"] * 4 + ["f"] * 4, age=[30, 41, 40, "", 39, 50, 60, 20], **more)


def test_bias_measures_are_fairlearns() -> None:
    yes = Positive(equals="yes")
    parity = gate(group="sex", measure="demographic_parity_difference")
    assert measure_bias(parity, people(), yes) == pytest.approx(0.75 - 0.25)
    assert measure_bias(gate(group="sex", measure="demographic_parity_ratio"), people(), yes) == pytest.approx(1 / 3)
    # True positives: 2 of 2 and 1 of 2; false positives: 1 of 2 and 0 of 2.
    assert measure_bias(gate(group="sex", measure="equalized_odds_difference"), people(), yes) == pytest.approx(0.5)
    accuracy = gate(group="sex", measure="accuracy_score_group_min")
    assert measure_bias(accuracy, people(), None) == pytest.approx(0.75)


def test_a_group_may_be_a_threshold() -> None:
    by_age = gate(group="age", group_at_least=40.0, measure="demographic_parity_difference")
    known = people()[people()["age"] != ""]
    # From 40 on: yes, yes, no, no; below: yes, yes, no.
    assert measure_bias(by_age, known, Positive(equals="yes")) == pytest.approx(2 / 3 - 1 / 2)


def test_bias_that_cannot_be_measured_says_why() -> None:
    yes = Positive(equals="yes")
    with pytest.raises(Usage, match=r"no bias measure `demographic_parity`.*did you mean `demographic_parity_"):
        measure_bias(gate(group="sex", measure="demographic_parity"), people(), yes)
    with pytest.raises(Failed, match=r"has no column `race`.*it has id, truth, prediction, sex, age"):
        measure_bias(gate(group="race", measure="demographic_parity_difference"), people(), yes)
    with pytest.raises(Failed, match="fall into one group"):
        measure_bias(gate(group="sex", measure="demographic_parity_difference"), people().head(4), yes)
