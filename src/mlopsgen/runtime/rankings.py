"""Metrics of ordered lists."""

from __future__ import annotations

from collections.abc import Iterator

from .scores import Array, Said


def ranking_metrics(said: Said, queries: Array | None) -> dict[str, float]:
    """The mean over all lists of NDCG, NDCG of the first ten, and the reciprocal rank of the first relevant row.

    Lists with one row, or with nothing relevant in them, say nothing about an order and are left out.
    """
    import numpy as np
    from sklearn.metrics import ndcg_score

    whole, first_ten, reciprocal = [], [], []
    for truth, score in _lists(said, queries):
        if len(truth) < 2 or truth.max() <= 0:
            continue
        gain = np.clip(truth, 0, None)
        whole.append(ndcg_score([gain], [score]))
        first_ten.append(ndcg_score([gain], [score], k=10))
        in_order = truth[np.argsort(-score, kind="stable")]
        reciprocal.append(1 / (1 + int(np.argmax(in_order > 0))))
    if not whole:
        return {}
    means = (float(np.mean(values)) for values in (whole, first_ten, reciprocal))
    return dict(zip(("ndcg", "ndcg_at_10", "mean_reciprocal_rank"), means, strict=True))


def _lists(said: Said, queries: Array | None) -> Iterator[tuple[Array, Array]]:
    if queries is None:
        yield said.truth, said.prediction
        return
    for query in dict.fromkeys(queries):
        rows = queries == query
        yield said.truth[rows], said.prediction[rows]
