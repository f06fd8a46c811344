"""How the trainer cuts its rows to validate across: no group in two parts, and no day before another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlopsgen.runtime.scores import Array

from .conftest import Place, Run
from .test_train import prepared, train

pytestmark = pytest.mark.slow


def test_a_cross_validation_cuts_no_group_in_two(run: Run, wine: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of one customer in both halves of a fold would have the metric that tunes say too much."""
    from mlopsgen.runtime import train as trainer

    path = wine / "source" / "wine.csv"
    frame = pd.read_csv(path, dtype=str)
    frame.assign(cellar=[f"c{number % 30}" for number in range(len(frame))]).to_csv(path, index=False)
    prepared(run, wine, group="cellar")
    cut: list[set[str]] = []
    folds = trainer._folds

    def seen(lesson: trainer.Lesson, seed: int) -> list[tuple[Array, Array]]:
        found = folds(lesson, seed)
        cellars = lesson.rows["cellar"].to_numpy()
        cut.extend(set(cellars[learned]) & set(cellars[held_out]) for learned, held_out in found)
        return found

    monkeypatch.setattr(trainer, "_folds", seen)
    wine.contract["split"] = {"test": 0.2, "group": "cellar"}
    wine.write_contract()
    assert train(run, wine, "sklearn.LogisticRegression").err == ""
    assert cut == [set()] * 5


def in_shops(place: Place, shops: int, days: int, split: object) -> None:
    """Each day all shops sell what it was a day for: who learns a shop's day knows that of the others."""
    chance = np.random.default_rng(0)
    day = np.tile(np.arange(days), shops)
    sold = chance.normal(100, 30, days)[day] + chance.normal(0, 1, shops * days)
    at = pd.Timestamp("2026-01-01") + pd.to_timedelta(day, unit="D")
    shop = np.repeat([f"s{number}" for number in range(shops)], days)
    rows = pd.DataFrame({"at": at.strftime("%Y-%m-%d"), "day": day, "shop": shop, "sold": sold})
    (place / "train").mkdir(exist_ok=True)
    rows.to_csv(place / "train" / "data.csv", index=False)
    roles = {"label": "sold", "time": "at", "series": "shop", "ignore": ["shop"]}
    place.write_contract(roles=roles, split=split)


@pytest.mark.parametrize("split", [{"test": 0.2, "by_time": True}, None], ids=["by time", "a prepare step's own"])
def test_a_cross_validation_learns_no_series_future_from_another(
    split: object, run: Run, diabetes: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day was in two parts of each fold, and of a split of one's own the days were shuffled: r2 was 0.996, not -0.5.

    What a shop sold tells of the others on that day, which nobody knows a day before; that is what a forecast is
    asked (R. Hyndman and G. Athanasopoulos, Forecasting, 5.10: the training set holds only what came before).
    """
    from mlopsgen.runtime import train as trainer

    in_shops(diabetes, 7, 41, split)
    seen: list[tuple[Array, Array]] = []
    folds = trainer._folds

    def kept(lesson: trainer.Lesson, seed: int) -> list[tuple[Array, Array]]:
        found = folds(lesson, seed)
        days = lesson.rows["day"].to_numpy()
        seen.extend((days[learned], days[held_out]) for learned, held_out in found)
        return found

    monkeypatch.setattr(trainer, "_folds", kept)
    done = train(run, diabetes, "sklearn.KNeighborsRegressor", "--n_neighbors=1", "--task=forecasting")
    assert done.err == ""
    assert [int(learned.max()) < int(held_out.min()) for learned, held_out in seen] == [True] * 5
    # 41 moments are 11 and five times 6, of seven shops each.
    assert [(len(learned), len(held_out)) for learned, held_out in seen] == [
        (7 * (11 + 6 * number), 7 * 6) for number in range(5)
    ]
    assert diabetes.json("metrics/metrics.json")["r2"] < 0.2


def test_too_few_moments_for_a_cross_validation_are_said(run: Run, diabetes: Place) -> None:
    in_shops(diabetes, 9, 4, {"test": 0.2, "by_time": True})
    done = train(run, diabetes, "sklearn.Ridge")
    few = "the rows are of 4 moments of `at`, and a cross-validation in time needs 6; give a validation share"
    assert (done.code, done.err) == (1, f"mlopsgen: {few}\n")
