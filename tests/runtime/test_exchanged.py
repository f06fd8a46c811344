"""Errors that are rare and large: a gate passes no more often than it says, which a bootstrap alone does not hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import permutation_test

from mlopsgen.runtime.compare import judge_pair
from mlopsgen.runtime.gates import Gate
from mlopsgen.runtime.resampling import exchanged, exchanged_largest


def table(errors: Any) -> pd.DataFrame:
    return pd.DataFrame({"truth": ["0.0"] * len(errors), "prediction": [str(float(one)) for one in errors]})


def wins(metric: str, new: Any, old: Any, **more: Any) -> bool:
    gate = Gate(name="g", metric=metric, maximize=metric == "r2", confidence=0.95, **more)
    return judge_pair(gate, table(new), table(old), None).wins


def test_it_is_scipys_test_of_exchanged_pairs() -> None:
    gains = np.random.default_rng(3).standard_t(3, size=12) + 0.8
    exact = permutation_test(
        (gains, np.zeros(12)), lambda a, b: (a - b).mean(), permutation_type="samples", alternative="greater"
    )
    assert exchanged(gains) == pytest.approx(exact.pvalue, abs=0.015)


def test_four_large_errors_of_the_champion_are_no_better_model() -> None:
    """All are the champion's in one of sixteen worlds, though 98 of 100 resamples have one of them."""
    quiet = np.full(40, 0.1)
    spoilt = quiet.copy()
    spoilt[:4] = 50.0
    for metric in ("mean_squared_error", "root_mean_squared_error", "max_error"):
        assert not wins(metric, quiet, spoilt), metric
    assert exchanged_largest(quiet, spoilt) == pytest.approx(1 / 16, abs=0.02)


def test_the_largest_of_many_smaller_errors_is_smaller() -> None:
    chance = np.random.default_rng(5)
    new, old = chance.normal(size=200), 2 * chance.normal(size=200)
    assert wins("max_error", new, old)
    assert not wins("max_error", new, old, by=3.0)
    assert not wins("max_error", old, new)


def test_a_larger_share_of_the_variance_is_a_smaller_mean_of_squares() -> None:
    chance = np.random.default_rng(6)
    truth = chance.normal(size=100)
    better, worse = truth + 0.2 * chance.normal(size=100), truth + 0.5 * chance.normal(size=100)

    def frame(prediction: Any) -> pd.DataFrame:
        return pd.DataFrame({"truth": truth.astype(str), "prediction": prediction.astype(str)})

    gate = Gate(name="g", metric="r2", maximize=True, confidence=0.95)
    assert judge_pair(gate, frame(better), frame(worse), None).wins
    assert not judge_pair(gate, frame(worse), frame(better), None).wins
