"""The data contract as the plan hands it to the runtime."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlopsgen.compile import check
from mlopsgen.plan.data import contract
from mlopsgen.plan.steps import Evaluate
from mlopsgen.plan.values import Flag
from mlopsgen.spec.data import Data
from tests.wrong import HEAD, asked, lay


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


@pytest.mark.parametrize(("budget", "told"), [(", test_set: {reuse_budget: 3}", True), ("", False)])
def test_a_budget_of_the_test_set_knows_rows_as_the_data_do(budget: str, told: bool, tmp_path: Path) -> None:
    """Without the contract each file is one row to it, and the same rows in another order are new ones."""
    body = "data: {source: data/churn.csv, label: churned, id: id}\ntraining: {run: train.py}\n"
    body += f"evaluation: {{run: evaluate.py, gates: {{accuracy: {{at_least: 0.5}}}}{budget}}}\n"
    plan = check(asked(lay(tmp_path), HEAD + body)).plan
    (evaluation,) = (step for step in plan.steps if isinstance(step, Evaluate))
    flags = {word.name for word in evaluation.argv if isinstance(word, Flag)}
    assert ("contract" in flags) == told
