"""What is told of values quickly is what is told of them slowly, and requests of one record are answered quickly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_series_equal
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from mlopsgen.runtime.kinds import as_type
from mlopsgen.runtime.loaders.estimator import Estimator
from mlopsgen.runtime.serving.plain import plain_series
from mlopsgen.runtime.serving.signature import Input, Signature

VALUES: tuple[Any, ...] = (
    *(0, 1, -7, 2**53, 2**53 + 1, 2**63, 10**400, 1.0, 2.5, -0.0, 1e308, 1.7e308, float("nan"), float("inf")),
    *(True, False, None, "", " ", "a", "b", "A", "1", "1.0", "007", "true", "NA", "null", " a", "2026-11-30", [1], {}),
    *(np.int64(3), np.float64(2.5), np.bool_(True), pd.NA, pd.Timestamp("2026-11-30")),
)
ALLOWED = (None, ("a", "b"), (1, 2.5), ("1.0", "true"), (True,))


@pytest.mark.parametrize("kind", ["number", "integer", "boolean", "string", "category", "datetime", None])
def test_what_is_told_quickly_is_what_is_told_slowly(kind: str | None) -> None:
    known = 0
    for first in VALUES:
        for second in VALUES:
            raw = pd.Series([first, second], dtype=object, index=[4, 9])
            quick = plain_series(raw.tolist(), kind, None, raw.index)
            if quick is None:
                continue
            known += 1
            slow = as_type(raw, str(kind))
            assert_series_equal(quick, slow.values)
            assert not slow.bad.any()
            assert not slow.values.isna().any()
    assert known or kind in ("datetime", None)


@pytest.mark.parametrize("allowed", ALLOWED)
@pytest.mark.parametrize("kind", ["number", "integer", "boolean", "string", "category"])
def test_no_problem_is_passed_by(kind: str, allowed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlopsgen.runtime.serving import signature as module

    signature = Signature(inputs=(Input(name="x", type=kind, nullable=False, values=allowed),))
    tables = [pd.DataFrame({"x": [one]}, dtype=object) for one in VALUES]
    quick = [signature.check(table) for table in tables]
    monkeypatch.setattr(module, "FEW", 0)
    slow = [signature.check(table) for table in tables]
    assert [one.problems for one in quick] == [one.problems for one in slow]


@pytest.mark.parametrize("last", [LogisticRegression(), RandomForestClassifier(9), SVC()])
def test_a_pipeline_that_prepares_once_answers_as_one_that_prepares_twice(last: Any) -> None:
    chance = np.random.default_rng(4)
    table = pd.DataFrame({"a": chance.normal(size=60), "b": chance.choice(["x", "y"], 60)})
    rows = make_column_transformer((StandardScaler(), ["a"]), (OneHotEncoder(), ["b"]))
    model = Estimator(make_pipeline(rows, last).fit(table, chance.choice(["no", "yes"], 60)))
    labels, scores = model.both(table)
    assert (labels == model.predict(table)).all()
    one = model.probabilities(table)
    assert scores is not None
    assert one is not None
    assert (scores == one).all()
