"""Whatever a script returns becomes one plain value for each record, or is told to be something else."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlopsgen.runtime.serving.outputs import columns_of
from mlopsgen.runtime.serving.refusals import ModelFailed

WHO = "predict of predict.py"
TWO = {"prediction": [1, 2]}


@pytest.mark.parametrize(
    "returned",
    [
        [1, 2],
        (1, 2),
        iter([1, 2]),
        np.array([1, 2]),
        np.array([[1], [2]]),
        [np.int64(1), np.int64(2)],
        pd.Series([1, 2], index=[7, 9]),
        pd.DataFrame({"anything": [1, 2]}),
        [{"prediction": 1}, {"prediction": 2}],
        {"prediction": [1, 2]},
        {"predictions": [1, 2]},
        {"predictions": np.array([1, 2])},
        {"predictions": [{"prediction": 1}, {"prediction": 2}]},
    ],
)
def test_the_ways_to_say_two_predictions(returned: Any) -> None:
    assert columns_of(returned, 2, WHO) == TWO


def test_more_than_a_prediction_is_kept_behind_it() -> None:
    frame = pd.DataFrame({"score": [0.25, 0.5], "prediction": ["a", "b"]})
    columns = columns_of(frame, 2, WHO)
    assert list(columns.items()) == [("prediction", ["a", "b"]), ("score", [0.25, 0.5])]
    assert columns_of(frame.to_dict("records"), 2, WHO) == columns
    assert columns_of(frame.to_dict("list"), 2, WHO) == columns


def test_a_map_for_each_record_is_kept_as_one() -> None:
    returned = {"prediction": ["a"], "shares": [{"a": np.float64(0.5)}]}
    assert columns_of(returned, 1, WHO)["shares"] == [{"a": 0.5}]


def test_a_column_that_some_records_lack_is_null_there() -> None:
    assert columns_of([{"prediction": 1, "why": "x"}, {"prediction": 2}], 2, WHO)["why"] == ["x", None]


def test_several_numbers_for_each_record_are_lists() -> None:
    assert columns_of(np.array([[1.5, 2], [3, 4]]), 2, WHO) == {"prediction": [[1.5, 2.0], [3.0, 4.0]]}


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (float("nan"), None),
        (np.float64("inf"), None),
        (pd.NA, None),
        (pd.NaT, None),
        (pd.Timestamp("2024-01-02"), "2024-01-02T00:00:00"),
        (dt.date(2024, 1, 2), "2024-01-02"),
        (Decimal("1.5"), 1.5),
        (np.array([1, 2]), [1, 2]),
        ((1, "b"), [1, "b"]),
    ],
)
def test_values_become_what_json_can_hold(value: Any, plain: Any) -> None:
    assert columns_of([value], 1, WHO) == {"prediction": [plain]}


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ([1, 2], "returned 2 predictions for 3 records; it owes one for each"),
        ({"prediction": [1, 2, 3], "score": [1]}, "returned 1 values of `score` for 3 records"),
        (None, "returned nothing"),
        ("yes", "returned a str"),
        (0.5, "returned a float"),
        (np.float64(0.5), "returned a single value"),
        (
            pd.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3]}),
            "returned the columns `a`, `b`; call one of them `prediction`",
        ),
        (pd.DataFrame([[1, 2]] * 3, columns=["a", "a"]), "two columns have one name"),
        ([object()] * 3, "returned a object, which JSON cannot hold"),
        ([b"x"] * 3, "returned a bytes, which JSON cannot hold"),
    ],
)
def test_what_is_no_prediction_for_each_record_is_told(returned: Any, said: str) -> None:
    with pytest.raises(ModelFailed) as caught:
        columns_of(returned, 3, WHO)
    assert str(caught.value).startswith(WHO)
    assert said in str(caught.value)
