"""Metrics that depend on the confusion matrix alone, computed from it, and the AUC by counting.

A bootstrap needs them thousands of times; scikit-learn's functions, which the reported values come
from, take a hundred times as long. The tests hold the two against each other.
"""

from __future__ import annotations

from .scores import Array, Said


def table_of(truth: Array, prediction: Array, classes: int) -> Array:
    """How often each class (row) was taken for each class (column)."""
    import numpy as np

    return np.bincount(truth * classes + prediction, minlength=classes * classes).reshape(classes, classes)


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


def auc(favourable: Array, chance: Array) -> float:
    """The share of pairs (one favourable row, one other) whose favourable row scores higher; ties count half."""
    import numpy as np

    _, place = np.unique(chance, return_inverse=True)
    good = np.bincount(place[favourable], minlength=place.max() + 1)
    bad = np.bincount(place[~favourable], minlength=place.max() + 1)
    pairs = good.sum() * bad.sum()
    below = np.cumsum(bad) - bad
    return float((good * (below + bad / 2)).sum() / pairs) if pairs else float("nan")


def fast_value(name: str, said: Said, rows: Array) -> float | None:
    """A metric of coded classes over some of the rows; None when it cannot be had without scikit-learn."""
    if not said.classes:
        return None
    if name == "roc_auc":
        return auc(said.favourable[rows], said.chance[rows])
    table = table_of(said.truth[rows], said.prediction[rows], len(said.classes))
    return from_table(name, table, said.positive if isinstance(said.positive, int) else None)
