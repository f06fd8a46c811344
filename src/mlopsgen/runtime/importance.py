"""Says which features a model listens to: by shuffling them, or by SHAP values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import figures
from .answers import Answers
from .figures import Bar
from .files import write_json
from .outcomes import CLASSIFICATION
from .problems import Failed
from .scores import Array, Said, log_losses
from .tables import Frame

METHODS = ("shap", "permutation")
SHAP_LABEL = "Mean |SHAP value|"
REPEATS = 10
BACKGROUND = 100
SEED = 0
TOGETHER = 20_000
"""Rows that a model is asked about at once: asking costs the same for few rows as for many."""


def explain(model: Answers, rows: Frame, outcomes: Said, folder: Path, *, method: str, sample: int) -> None:
    """Writes explanation.png, and explanation.json with one number for each feature."""
    chosen = _sample(len(rows), sample)
    part, outcomes = rows.iloc[chosen], outcomes.take(chosen)
    ranks = permutation(model, part, outcomes) if method == "permutation" else shapley(model, part)
    label = permutation_label(outcomes) if method == "permutation" else SHAP_LABEL
    figures.bars(ranks, label, f"Explanation ({method}, {len(part)} rows)", folder / "explanation.png")
    weights = {bar.name: bar.value for bar in sorted(ranks, key=lambda bar: (-bar.value, bar.name))}
    write_json(folder / "explanation.json", {"method": method, "rows": len(part), "features": weights})


def _sample(count: int, sample: int) -> Array:
    import numpy as np

    if count <= sample:
        return np.arange(count)
    return np.sort(np.random.RandomState(SEED).permutation(count)[:sample])


def permutation(model: Answers, rows: Frame, outcomes: Said) -> list[Bar]:
    """How much worse the model gets when one column is shuffled: log loss, accuracy without probabilities, or R²."""
    import numpy as np

    chance = np.random.RandomState(SEED)
    prepared, names = model.table(rows), model.names(rows)
    owners = _owners(names, prepared)
    before = _quality(outcomes)
    ranks = []
    for name in names:
        own = [column for column, owner in owners.items() if owner == name]
        orders = [chance.permutation(len(rows)) for _ in range(REPEATS)]
        drops = [before - _quality(answer) for answer in _shuffled(model, prepared, outcomes, own, orders)]
        ranks.append(Bar(name, float(np.mean(drops)), float(np.std(drops))))
    return ranks


def _shuffled(
    model: Answers, prepared: Frame, outcomes: Said, own: Sequence[str], orders: Sequence[Array]
) -> Iterator[Said]:
    """What the model says with some columns in each of these orders: several tables are asked about as one."""
    import numpy as np
    import pandas as pd

    several = max(1, TOGETHER // max(1, len(prepared)))
    for start in range(0, len(orders), several):
        some = orders[start : start + several]
        table = pd.concat([prepared] * len(some), ignore_index=True)
        for column in own:
            values = prepared[column].to_numpy()
            table[column] = np.concatenate([values[order] for order in some])
        if outcomes.are_probabilities:
            every = model.scores(table)
            assert every is not None
            yield from (replace(outcomes, chances=chances) for chances in np.split(every, len(some)))
        else:
            answers = np.split(model.answer(model.numbers(table)), len(some))
            yield from (replace(outcomes, prediction=answer) for answer in answers)


def _owners(features: Sequence[str], prepared: Frame) -> dict[str, str]:
    """Column of the prepared table → the feature that it is, or that it is a part of: a date has several."""
    names = frozenset(features)
    return {column: column if column in names else column.rpartition(".")[0] for column in prepared.columns}


def permutation_label(outcomes: Said) -> str:
    """What the bars of a shuffled column show."""
    if outcomes.are_probabilities:
        return "Log loss added when the column is shuffled"
    return f"{'Accuracy' if outcomes.classes else 'R²'} lost when the column is shuffled"


def _quality(outcomes: Said) -> float:
    """Log loss tells two models apart where few rows change their class: accuracy would be the same."""
    if outcomes.are_probabilities:
        return -float(log_losses(outcomes).mean())
    if outcomes.classes:
        return float((outcomes.truth == outcomes.prediction).mean())
    spread = float(((outcomes.truth - outcomes.truth.mean()) ** 2).mean())
    return 1 - float(((outcomes.truth - outcomes.prediction) ** 2).mean()) / spread if spread else 0.0


def shapley(model: Answers, rows: Frame) -> list[Bar]:
    """The mean absolute SHAP value of each column, over all classes."""
    import numpy as np

    try:
        import shap
    except ImportError:
        raise Failed(
            "explain method `shap` needs the library shap; add it to the requirements or use `method: permutation`"
        ) from None
    prepared = model.table(rows)
    codes = _Codes(prepared)
    coded = codes.encode(prepared)
    background = coded[_sample(len(coded), BACKGROUND)]

    def ask(values: Array) -> Array:
        table = codes.decode(values)
        answer = model.scores(table)
        return model.numbers(table) if answer is None else answer

    explainer = shap.explainers.Permutation(
        ask, shap.maskers.Independent(background, max_samples=BACKGROUND), seed=SEED
    )
    values = explainer(coded, max_evals=2 * coded.shape[1] + 1, silent=True).values
    weights = np.abs(values).mean(axis=(0, 2) if values.ndim == 3 else 0)
    if model.task == CLASSIFICATION and values.ndim == 3 and values.shape[2] == 2:
        weights = np.abs(values[:, :, 1]).mean(axis=0)
    return _by_feature(model.names(rows), prepared, weights)


def _by_feature(names: Sequence[str], prepared: Frame, weights: Array) -> list[Bar]:
    """One bar for each column of the data: the parts of a date are added up."""
    total = dict.fromkeys(names, 0.0)
    for owner, weight in zip(_owners(names, prepared).values(), weights, strict=True):
        total[owner] += float(weight)
    return [Bar(name, value) for name, value in total.items()]


class _Codes:
    """Text columns as numbers and back, since SHAP mixes rows as one array of numbers."""

    def __init__(self, prepared: Frame) -> None:
        self.columns = list(prepared.columns)
        texts = [name for name in self.columns if prepared[name].dtype == object or str(prepared[name].dtype) == "str"]
        self.words: dict[str, list[Any]] = {name: sorted(set(prepared[name])) for name in texts}

    def encode(self, prepared: Frame) -> Array:
        coded = prepared.copy()
        for name, words in self.words.items():
            number = {word: float(at) for at, word in enumerate(words)}
            coded[name] = [number[word] for word in prepared[name]]
        return coded.to_numpy(dtype=float)

    def decode(self, values: Array) -> Frame:
        import pandas as pd

        table = pd.DataFrame(values, columns=self.columns)
        for name, words in self.words.items():
            table[name] = pd.Series([words[int(code)] for code in table[name]], dtype=object)
        return table
