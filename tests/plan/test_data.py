"""The data contract as the plan hands it to the runtime."""

from __future__ import annotations

import json

import pytest

from mlopsgen.plan.data import contract
from mlopsgen.spec.data import Data


@pytest.mark.parametrize(
    ("split", "together"),
    [({}, "search"), ({"group": "shop"}, "shop"), ({"by_time": True}, None)],
)
def test_a_list_is_not_ranked_by_half_of_it(split: dict[str, object], together: str | None) -> None:
    """Rows of one list are in one part, and in one fold; unless another group or the time decides."""
    sources = {"source": {"uri": "data/churn.csv"}}
    data = Data.model_validate({"sources": sources, "query": "search", "time": "at", "split": split})
    assert json.loads(contract(data))["split"]["group"] == together


@pytest.mark.parametrize(
    ("label", "split", "stratified"),
    [
        ({"type": "category"}, {}, True),
        ({"type": "category"}, {"stratify": False}, False),
        ({"type": "category"}, {"by_time": True}, False),
        ({"type": "number"}, {}, False),
        (None, {}, True),
    ],
)
def test_no_class_is_missing_from_a_part_unless_the_spec_says_so(
    label: dict[str, str] | None, split: dict[str, object], stratified: bool
) -> None:
    columns = {"churned": label} if label else {}
    sources = {"source": {"uri": "data/churn.csv", "columns": columns}}
    data = Data.model_validate({"sources": sources, "label": "churned", "time": "at", "split": split})
    assert json.loads(contract(data))["split"]["stratify"] == stratified
