"""Columns are shuffled in the prepared table and several orders asked about at once: as if one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlopsgen.runtime import importance
from mlopsgen.runtime.features import Feature
from mlopsgen.runtime.models import Model
from mlopsgen.runtime.scores import Said

pytestmark = pytest.mark.slow

FEATURES = (Feature("size", "float"), Feature("at", "datetime"), Feature("kind", "category"))


class Rule:
    """Looks at every column that the features become, and at each row alone."""

    def predict(self, table: pd.DataFrame) -> Any:
        assert set(table.columns) >= {"size", "at.month", "at.day", "kind"}
        late = table["at.month"] + table["at.day"] / 31 > 7
        return ((table["size"] + late + (table["kind"] == "x")) > 1.2).astype(int).to_numpy()


def rows_of(count: int) -> pd.DataFrame:
    chance = np.random.RandomState(7)
    return pd.DataFrame(
        {
            "size": [str(value) for value in chance.rand(count)],
            "at": pd.date_range("2026-01-01", periods=count, freq="3D").strftime("%Y-%m-%d"),
            "kind": chance.choice(np.array(["x", "y", None], dtype=object), count),
        }
    )


def model() -> Model:
    return Model(
        task="classification",
        framework="rule",
        label="good",
        classes=("no", "yes"),
        positive="yes",
        features=FEATURES,
        params={},
        pipeline=Rule(),
    )


def one_by_one(asked: Model, rows: pd.DataFrame, said: Said) -> list[tuple[str, float, float]]:
    chance = np.random.RandomState(importance.SEED)
    found = []
    for feature in asked.features:
        drops = []
        for _ in range(importance.REPEATS):
            column = rows[feature.name].to_numpy()[chance.permutation(len(rows))]
            answer = asked.predict(rows.assign(**{feature.name: column}))
            drops.append(float((said.truth == said.prediction).mean() - (said.truth == answer).mean()))
        found.append((feature.name, float(np.mean(drops)), float(np.std(drops))))
    return found


@pytest.mark.parametrize("together", [1, 250, 20_000])
def test_it_is_what_asking_one_by_one_finds(monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    monkeypatch.setattr(importance, "TOGETHER", together)
    asked, rows = model(), rows_of(90)
    answer = asked.predict(rows)
    truth = np.where(np.random.RandomState(1).rand(len(rows)) < 0.1, "no", answer)
    said = Said(truth=truth, prediction=answer, classes=asked.classes, positive="yes")
    found = [(bar.name, bar.value, bar.spread) for bar in importance.permutation(asked, rows, said)]
    expected = one_by_one(asked, rows, said)
    assert [name for name, *_ in found] == [name for name, *_ in expected]
    assert np.allclose([numbers for _, *numbers in found], [numbers for _, *numbers in expected])
    assert found[0][1] > 0
    assert found[1][1] > 0
