"""Metrics of ordered lists. Rows of one score have no order: what counts is the mean over all their orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .scores import Array, Said

FIRST = 10
NAMES = ("ndcg", f"ndcg_at_{FIRST}", "mean_reciprocal_rank")


@dataclass(frozen=True, slots=True)
class _Ordered:
    """All lists one after the other, in each the highest score first."""

    lists: Array
    """The number of each row's list."""
    places: Array
    """How many rows of the list stand before each row."""
    gain: Array
    ties: Array
    """Numbers that are the same for rows of one list and one score, and grow from row to row."""


def ranking_metrics(said: Said, queries: Array | None) -> dict[str, float]:
    """The mean over all lists of NDCG, NDCG of the first ten, and the reciprocal rank of the first relevant row.

    Lists with one row, or with nothing relevant in them, say nothing about an order and are left out. Tied rows
    are counted as McSherry and Najork (2008) do, and scikit-learn's `ndcg_score`: by their expected value.
    """
    import numpy as np

    lists = np.zeros(len(said.truth), dtype=int) if queries is None else np.unique(queries, return_inverse=True)[1]
    gain = np.clip(said.truth, 0, None)
    telling = (np.bincount(lists) > 1) & (np.bincount(lists, gain) > 0)
    kept = telling[lists]
    if not kept.any():
        return {}
    lists = np.unique(lists[kept], return_inverse=True)[1]
    given = _ordered(lists, said.prediction[kept], gain[kept])
    best = _ordered(lists, gain[kept], gain[kept])
    whole, first = (_dcg(given, most) / _dcg(best, most) for most in (None, FIRST))
    means = (float(np.mean(values)) for values in (whole, first, list(_reciprocal_ranks(given))))
    return dict(zip(NAMES, means, strict=True))


def _ordered(lists: Array, score: Array, gain: Array) -> _Ordered:
    import numpy as np

    order = np.lexsort((-score, lists))
    lists, score = lists[order], score[order]
    places = np.arange(len(lists)) - np.searchsorted(lists, lists)
    new = np.append(True, (lists[1:] != lists[:-1]) | (score[1:] != score[:-1]))
    return _Ordered(lists, places, gain[order], np.cumsum(new) - 1)


def _dcg(rows: _Ordered, first: int | None = None) -> Array:
    """The discounted cumulative gain of each list; tied rows share their discounts."""
    import numpy as np

    discount = 1 / np.log2(rows.places + 2)
    if first is not None:
        discount[rows.places >= first] = 0
    shared = (np.bincount(rows.ties, rows.gain) / np.bincount(rows.ties))[rows.ties]
    return np.bincount(rows.lists, discount * shared)


def _reciprocal_ranks(rows: _Ordered) -> Iterator[float]:
    """What to expect of one divided by the place of each list's first relevant row."""
    import numpy as np

    size, relevant = np.bincount(rows.ties), np.bincount(rows.ties, rows.gain > 0)
    start = np.flatnonzero(np.diff(rows.ties, prepend=-1))
    telling = np.flatnonzero(relevant)
    # The first score of each list that a relevant row has.
    for tie in telling[np.unique(rows.lists[start[telling]], return_index=True)[1]]:
        yield _expected(int(rows.places[start[tie]]), int(size[tie]), int(relevant[tie]))


def _expected(before: int, size: int, relevant: int) -> float:
    """The mean of the reciprocal rank where the first relevant row is among tied ones."""
    total, still = 0.0, 1.0
    for place in range(size - relevant + 1):
        here = relevant / (size - place)
        total += still * here / (before + place + 1)
        still *= 1 - here
    return total
