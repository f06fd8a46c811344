"""Metrics of resamples: of a confusion matrix, or of rows that were put in the order of their scores once.

A bootstrap needs them thousands of times; scikit-learn's functions, which the reported values come
from, take a hundred times as long. The tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from .scores import METRICS, Array, Said, value_of

Weighted: TypeAlias = Callable[[Array], float]
"""A metric of the rows of a resample: it is told how often each was drawn."""


def weighted(name: str, said: Said) -> Weighted:
    """A metric of what was said (in class numbers, where it is classes) as it is over resamples."""
    metric = METRICS[name]
    if metric.by_row is not None:
        values = metric.by_row(said)
        return lambda drawn: float(drawn @ values / drawn.sum())
    if name in _OF_ERRORS:
        errors, value = abs(said.truth - said.prediction), _OF_ERRORS[name]
        return lambda drawn: value(errors.repeat(drawn))
    if name == "roc_auc":
        return by_score(said.favourable, said.chance, auc)
    if name == "average_precision":
        return by_score(said.favourable, said.chance, average_precision)
    if said.classes:
        count, positive = len(said.classes), said.positive if isinstance(said.positive, int) else None
        cells = said.truth * count + said.prediction
        if from_table(name, table_of(cells, count), positive) is not None:
            return lambda drawn: _number(from_table(name, table_of(cells, count, drawn), positive))
    return lambda drawn: value_of(metric, said.take(drawn.nonzero()[0].repeat(drawn[drawn > 0])))


def _median(values: Array) -> float:
    import numpy as np

    return float(np.median(values))


_OF_ERRORS: Mapping[str, Callable[[Array], float]] = {
    "root_mean_squared_error": lambda errors: float((errors**2).mean() ** 0.5),
    "median_absolute_error": _median,
    "max_error": lambda errors: float(errors.max()),
}


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def table_of(cells: Array, classes: int, drawn: Array | None = None) -> Array:
    """How often each class (row) was taken for each class (column)."""
    import numpy as np

    return np.bincount(cells, weights=drawn, minlength=classes * classes).reshape(classes, classes)


def from_table(name: str, table: Array, positive: int | None) -> float | None:
    """A metric from a confusion matrix; None when it needs more than that."""
    kind, _, average = name.partition("_")
    if kind in ("f1", "precision", "recall") and average in ("", "macro", "micro", "weighted"):
        return _averaged(kind, average, table, positive)
    match name:
        case "balanced_accuracy":
            truths = table.sum(axis=1)
            return float((table.diagonal()[truths > 0] / truths[truths > 0]).mean())
        case "matthews_corrcoef":
            return _matthews(table)
        case "cohen_kappa_score":
            total = table.sum()
            chance = (table.sum(axis=1) @ table.sum(axis=0)) / total**2
            return float((table.trace() / total - chance) / (1 - chance)) if chance < 1 else float("nan")
        case _:
            return None


def _averaged(kind: str, average: str, table: Array, positive: int | None) -> float | None:
    import numpy as np

    hits, truths, guesses = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
    if average == "micro":
        return float(hits.sum() / table.sum())
    below = {"f1": (truths + guesses) / 2, "precision": guesses, "recall": truths}[kind]
    each = np.divide(hits, below, out=np.zeros(len(hits)), where=below > 0)
    if average == "weighted":
        return float((each * truths).sum() / truths.sum())
    if average == "macro":
        return float(each[(truths + guesses) > 0].mean())
    return None if positive is None else float(each[positive])


def _matthews(table: Array) -> float:
    truths, guesses, total = table.sum(axis=1).astype(float), table.sum(axis=0).astype(float), float(table.sum())
    together = table.trace() * total - truths @ guesses
    apart = ((total**2 - guesses @ guesses) * (total**2 - truths @ truths)) ** 0.5
    return float(together / apart) if apart else 0.0


def by_score(favourable: Array, chance: Array, value: Callable[[Array, Array], float]) -> Weighted:
    """A metric of how many favourable and other rows have each score, the lowest first; rows are sorted once."""
    import numpy as np

    _, place = np.unique(chance, return_inverse=True)
    scores = int(place.max()) + 1
    good = favourable.astype(float)

    def of(drawn: Array) -> float:
        right = np.bincount(place, weights=drawn * good, minlength=scores)
        return value(right, np.bincount(place, weights=drawn, minlength=scores) - right)

    return of


def auc(good: Array, bad: Array) -> float:
    """The share of pairs (one favourable row, one other) whose favourable row scores higher; ties count half."""
    import numpy as np

    pairs = good.sum() * bad.sum()
    below = np.cumsum(bad) - bad
    return float((good * (below + bad / 2)).sum() / pairs) if pairs else float("nan")


def average_precision(good: Array, bad: Array) -> float:
    """The precision at each score, weighted by the recall that it adds; rows of one kind have none."""
    import numpy as np

    if not (good.any() and bad.any()):
        return float("nan")
    right = np.cumsum(good[::-1])
    taken = right + np.cumsum(bad[::-1])
    precision = np.divide(right, taken, out=np.zeros(len(right)), where=taken > 0)
    return float((good[::-1] * precision).sum() / right[-1])
