from __future__ import annotations

import math
import re
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlopsgen.runtime.bias import measure_bias
from mlopsgen.runtime.compare import Verdict, bootstrap, judge_pair, same_rows
from mlopsgen.runtime.contract import Positive
from mlopsgen.runtime.counts import weighted
from mlopsgen.runtime.gates import Gate
from mlopsgen.runtime.problems import Failed, Usage
from mlopsgen.runtime.resampling import Sample, lower_bound, stretch
from mlopsgen.runtime.scores import METRICS, Said, applies, value_of
from mlopsgen.runtime.shares import least_gain, mcnemar, rows_needed, score


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
    _, gains = bootstrap(gate(metric="mean_squared_error", maximize=False), new, old, None)
    differences = (old["prediction"].astype(float) - truth) ** 2 - (new["prediction"].astype(float) - truth) ** 2
    found = of_scipy((differences,), np.mean, n_resamples=20000, confidence_level=0.9, method="percentile", rng=chance)
    error = found.standard_error
    assert len(gains) == 2000
    # A quantile of 2,000 resamples is itself uncertain by a twentieth of the standard error.
    assert lower_bound(gains, 0.95, 1e9) == pytest.approx(found.confidence_interval.low, abs=0.15 * error)
    assert np.quantile(gains, 0.95) == pytest.approx(found.confidence_interval.high, abs=0.15 * error)
    assert gains.mean() == pytest.approx(differences.mean(), abs=0.1 * error)


def test_a_bootstrap_of_a_metric_that_is_no_mean_agrees_with_scipys() -> None:
    from scipy.stats import bootstrap as of_scipy
    from sklearn.metrics import r2_score

    chance = np.random.default_rng(6)
    truth = chance.normal(size=120)
    first, second = truth + 0.5 * chance.normal(size=120), truth + 0.7 * chance.normal(size=120)
    _, gains = bootstrap(gate(metric="r2"), table(truth, first), table(truth, second), None)

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
    assert lower_bound(gains, 0.95, 1e9) == pytest.approx(found.confidence_interval.low, abs=tolerance)


def test_the_bootstrap_draws_the_same_rows_for_both() -> None:
    """Two models that err alike differ by nothing in every resample, whatever rows are drawn."""
    chance = np.random.default_rng(1)
    truth = chance.choice(["a", "b", "c"], 60)
    guess = chance.choice(["a", "b", "c"], 60)
    _, gains = bootstrap(gate(metric="f1_macro"), table(truth, guess), table(truth, guess), None)
    assert (gains == 0).all()
    assert not judge_pair(gate(metric="f1_macro"), table(truth, guess), table(truth, guess), None).wins


def test_a_margin_decides() -> None:
    truth = ["a"] * 50 + ["b"] * 50
    old = table(truth, ["b"] * 10 + ["a"] * 40 + ["b"] * 50)
    same = judge_pair(gate(by=-0.03), old, old, None)
    assert same.wins, "no worse than by 0.03"
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
        drawn = np.bincount(rows, minlength=12)
        chances = chance.integers(0, 5, (12, classes)) / 4
        said = Said(truth=chance.choice(names, 12).astype(object), prediction=chance.choice(names, 12).astype(object),
                    classes=names, positive="b", chances=chances)  # fmt: skip
        for name, metric in METRICS.items():
            if applies(metric, said):
                fast = weighted(name, said.coded())(drawn)
                assert fast == pytest.approx(value_of(metric, said.take(rows)), nan_ok=True), name
                checked += 1
    assert checked >= 20 * 18


def test_the_fast_metrics_of_numbers_are_scikit_learns() -> None:
    chance = np.random.default_rng(1)
    for _ in range(20):
        rows = chance.integers(0, 12, 12)
        said = Said(truth=chance.normal(size=12).round(1), prediction=chance.normal(size=12).round(1))
        for name in ("root_mean_squared_error", "median_absolute_error", "max_error"):
            fast = weighted(name, said)(np.bincount(rows, minlength=12))
            assert fast == pytest.approx(value_of(METRICS[name], said.take(rows))), name


@pytest.mark.parametrize("metric", ["accuracy", "f1_micro", "precision_micro", "recall_micro"])
def test_one_metric_of_four_names_is_judged_in_one_way(metric: str) -> None:
    truth = ["a", "b"] * 10
    new, old = table(truth, truth), table(truth, ["a"] * 20)
    assert judge_pair(gate(metric=metric), new, old, None).how.startswith("McNemar's test, p = 0.000977")


@pytest.mark.parametrize("metric", ["precision", "f1"])
def test_rows_that_a_metric_does_not_look_at_do_not_make_it_surer(metric: str) -> None:
    """Thousands of rows that neither model nor truth calls favourable say nothing of a precision."""
    said = [("a", "a", "a")] * 4 + [("b", "a", "a"), ("a", "a", "b"), ("b", "b", "a")] * 2 + [("a", "b", "a")]

    def least(idle: int) -> str:
        truth, new, old = zip(*said, *[("b", "b", "b")] * idle, strict=True)
        verdict = judge_pair(gate(metric=metric), table(truth, new), table(truth, old), Positive(equals="a"))
        return verdict.how.partition("at least ")[2].partition(",")[0]

    assert float(least(2000)) <= float(least(0))


def test_a_recall_of_few_rows_is_judged_as_the_share_that_it_is() -> None:
    """Ten favourable rows in fifty: a bootstrap let a model that is worse by 0.05 pass in one case of six."""
    truth = ["a"] * 10 + ["b"] * 40
    new = table(truth, ["a"] * 9 + ["b"] * 41)
    old = table(truth, ["a"] * 8 + ["b"] * 42)
    recall, positive = gate(metric="recall", by=-0.05), Positive(equals="a")
    assert judge_pair(recall, new, old, positive) == Verdict(
        False, "paired score bound, at 95% confidence the gain is at least -0.134, above -0.05 is needed"
    )
    assert "McNemar" in judge_pair(gate(metric="recall"), new, old, positive).how
    mixed = ["a", "b", "b", "b", "b"] * 10
    tables = table(mixed, mixed), table(mixed, ["b"] * 50)
    assert "McNemar" in judge_pair(gate(metric="recall"), *tables, positive, np.arange(50)).how
    none = table(["b"] * 50, ["a"] + ["b"] * 49)
    for by in (-0.05, 0.0, 0.05):
        verdict = judge_pair(gate(metric="recall", by=by), none, none, positive)
        assert verdict == Verdict(False, "no test row is one that `recall` looks at")


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
    assert measure_bias(parity, people(), yes).value == pytest.approx(0.75 - 0.25)
    assert measure_bias(gate(group="sex", measure="demographic_parity_ratio"), people(), yes).value == pytest.approx(
        1 / 3
    )
    # True positives: 2 of 2 and 1 of 2; false positives: 1 of 2 and 0 of 2.
    assert measure_bias(gate(group="sex", measure="equalized_odds_difference"), people(), yes).value == pytest.approx(
        0.5
    )
    accuracy = gate(group="sex", measure="accuracy_score_group_min")
    assert measure_bias(accuracy, people(), None).value == pytest.approx(0.75)


def test_a_group_may_be_a_threshold() -> None:
    by_age = gate(group="age", group_at_least=40.0, measure="demographic_parity_difference")
    known = people()[people()["age"] != ""]
    # From 40 on: yes, yes, no, no; below: yes, yes, no.
    assert measure_bias(by_age, known, Positive(equals="yes")).value == pytest.approx(2 / 3 - 1 / 2)


def test_bias_that_cannot_be_measured_says_why() -> None:
    yes = Positive(equals="yes")
    with pytest.raises(Usage, match=r"no bias measure `demographic_parity`.*did you mean `demographic_parity_"):
        measure_bias(gate(group="sex", measure="demographic_parity"), people(), yes)
    with pytest.raises(Failed, match=r"has no column `race`.*it has id, truth, prediction, sex, age"):
        measure_bias(gate(group="race", measure="demographic_parity_difference"), people(), yes)
    with pytest.raises(Failed, match="fall into one group"):
        measure_bias(gate(group="sex", measure="demographic_parity_difference"), people().head(4), yes)


def test_a_group_of_no_favourable_rows_is_no_group_that_is_treated_badly() -> None:
    """fairlearn takes the rate of no rows for 0, so that three men without a favourable truth were an alarm."""
    yes = Positive(equals="yes")
    few = table(["yes"] * 4 + ["no"] * 7, ["yes"] * 4 + ["no"] * 7, sex=["m"] * 4 + ["f"] * 4 + ["x"] * 3)
    odds = gate(group="sex", measure="equal_opportunity_difference")
    assert (
        measure_bias(odds, few.iloc[4:], yes, ("yes", "no")).lacks
        == "of the 4 rows of group `f` none is favourable in truth"
    )
    both = pd.concat([few.iloc[:4], people()], ignore_index=True).assign(id=range(12))
    measured = measure_bias(gate(group="sex", measure="equal_opportunity_difference"), both, yes)
    assert measured.value == pytest.approx(1.0 - 0.5)
    tiny = pd.concat([both, few.iloc[8:]], ignore_index=True)
    assert measure_bias(odds, tiny, yes).value is None
    left_out = measure_bias(gate(group="sex", measure=odds.measure, group_min_rows=4.0), tiny, yes)
    assert (left_out.value, left_out.left_out) == (measured.value, "`x` (3 rows)")
    with pytest.raises(Failed, match=r"one group of `sex` without `f` \(4 rows\), `m` \(4 rows\), `x` \(3 rows\)"):
        measure_bias(gate(group="sex", measure=odds.measure, group_min_rows=9.0), few, yes)


def test_twenty_rows_without_a_difference_do_not_tell_that_nothing_is_lost() -> None:
    """A model that is right two times less in a hundred differs in no row of twenty two times of three."""
    truth = ["a", "b"] * 10
    same = table(truth, truth)
    verdict = judge_pair(gate(by=-0.02), same, same, None)
    assert not verdict.wins
    assert verdict.how == (
        "both models say the same of the 20 test rows that count, and 149 are needed to tell at 95% confidence that no"
        " more than 0.02 is lost"
    )
    more = table(truth * 10, truth * 10)
    assert judge_pair(gate(by=-0.02), more, more, None).wins
    rare = table(["a"] * 10 + ["b"] * 190, ["a"] * 10 + ["b"] * 190)
    recall = gate(metric="recall", by=-0.05)
    assert (
        "of the 10 test rows that count, and 59 are needed" in judge_pair(recall, rare, rare, Positive(equals="a")).how
    )


def test_a_score_bound_is_where_tangos_test_turns() -> None:
    """The likeliest share of lost rows, where the gain is given, is found here by search."""
    from scipy.optimize import minimize_scalar

    for won, lost, rows, gain in ((5, 3, 40, -0.05), (1, 6, 44, 0.02), (0, 1, 44, -0.1)):

        def unlikely(q: float, won: int = won, lost: int = lost, rows: int = rows, gain: float = gain) -> float:
            shares = ((won, q + gain), (lost, q), (rows - won - lost, 1 - 2 * q - gain))
            return -sum(count * math.log(share) for count, share in shares if count)

        likeliest = minimize_scalar(unlikely, bounds=(max(0, -gain) + 1e-9, (1 - gain) / 2 - 1e-9), method="bounded").x
        error = math.sqrt(rows * (2 * likeliest + gain * (1 - gain)))
        assert score(won, lost, rows, gain) == pytest.approx((won - lost - rows * gain) / error, rel=1e-3)
    assert score(0, 1, 44, least_gain(0, 1, 44, 0.975)) == pytest.approx(1.95996, abs=1e-4)
    assert score(3, 9, 100, 0.0) == pytest.approx((3 - 9) / 12**0.5), "without a margin it is McNemar's"
    assert least_gain(30, 10, 1000, 0.5) == 0.02
    assert least_gain(2000, 1000, 10**6, 0.95) == pytest.approx(0.001 - 1.6449 * (3000 - 1) ** 0.5 / 10**6, rel=1e-3)
    assert rows_needed(-0.02, 0.95) == 149


def test_a_bootstrap_of_few_rows_does_not_promise_more_than_students_t() -> None:
    from scipy.stats import t

    chance = np.random.default_rng(1)
    gains = chance.normal(size=8)
    resampled = np.array([d @ gains / 8 for d in Sample(8).draws()])
    exact = gains.mean() - t.ppf(0.95, 7) * gains.std(ddof=1) / 8**0.5
    assert lower_bound(resampled, 0.95, 8) == pytest.approx(exact, abs=0.15 * gains.std())
    assert np.quantile(resampled, 0.05) > exact + 0.05 * gains.std()


def ar(chance: np.random.Generator, count: int, memory: float) -> Any:
    """Errors that hang together: each is a share of the one before, and something new."""
    from scipy.signal import lfilter

    return lfilter([1], [1, -memory], chance.normal(size=count + 200))[200:]


def test_forecasts_whose_errors_hang_together_are_drawn_in_stretches() -> None:
    chance = np.random.default_rng(4)
    assert [stretch(ar(chance, 1000, memory)) > longer for memory, longer in ((0.5, 3), (0.9, 20))] == [True, True]
    assert np.mean([stretch(chance.normal(size=500)) for _ in range(20)]) < 6
    truth, new, old = np.zeros(200), ar(chance, 200, 0.95), ar(chance, 200, 0.95)
    mae = gate(metric="mean_absolute_error", maximize=False)
    tables = table(truth, new), table(truth, old)
    alone, together = (bootstrap(mae, *tables, None, moments)[1].std() for moments in (None, np.arange(200)))
    assert together > 2 * alone
    verdict = judge_pair(mae, *tables, None, np.arange(200))
    assert re.match(r"paired bootstrap in stretches of \d+ of 200 moments, at 95% confidence", verdict.how)
    assert judge_pair(mae, tables[0].head(5), tables[1].head(5), None, np.arange(5)) == Verdict(
        False, "the test rows are of 5 moments, and a paired test needs 10"
    )


def test_rows_of_one_moment_are_drawn_together() -> None:
    moments = np.repeat(np.arange(20), 5)
    for drawn in list(Sample(100, moments, 3).draws())[:50]:
        assert drawn.sum() == 100
        assert (drawn.reshape(20, 5) == drawn[::5, None]).all()


def test_an_accuracy_of_rows_in_time_holds_by_row_and_by_stretch() -> None:
    truth = ["a"] * 100
    new, old = table(truth, truth), table(truth, ["b"] * 10 + ["a"] * 90)
    assert judge_pair(gate(), new, old, None).wins, "ten of ten rows"
    assert not judge_pair(gate(), new, old, None, np.arange(100)).wins, "which are one stretch"
    few = table(truth, (["b"] + ["a"] * 24) * 4)
    assert "McNemar" in judge_pair(gate(), new, few, None, np.arange(100)).how


def test_an_auc_of_forty_thousand_rows_takes_seconds_not_minutes() -> None:
    """A resample costs a small part of what scikit-learn's own function takes for it."""
    chance = np.random.default_rng(3)
    truth = np.where(chance.random(40_000) < 0.3, "yes", "no").astype(object)
    said = Said(truth=truth, prediction=truth, classes=("no", "yes"), positive="yes",
                chances=np.column_stack([1 - (s := chance.random(40_000)), s]))  # fmt: skip
    draws = [drawn for drawn, _ in zip(Sample(40_000).draws(), range(5), strict=False)]
    for name in ("roc_auc", "average_precision"):
        metric = weighted(name, said.coded())
        begun = time.process_time()
        found = [metric(drawn) for drawn in draws]
        between = time.process_time()
        theirs = [value_of(METRICS[name], said.take(np.repeat(np.arange(40_000), drawn))) for drawn in draws]
        assert between - begun < (time.process_time() - between) / 2
        assert found == pytest.approx(theirs)
