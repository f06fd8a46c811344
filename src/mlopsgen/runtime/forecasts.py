"""Metrics of series: how far a forecast is off, measured by what the series itself does from row to row."""

from __future__ import annotations

import sys

from .scores import Array

ONE_SERIES = 0


def scaled_error(errors: Array, series: Array, learned: Array, learned_series: Array) -> float | None:
    """The mean absolute scaled error: the mean over the series, each divided by the naive error in training.

    Hyndman and Koehler (2006): the naive forecast is the value before, and its error is that of the rows which the
    model learned from, so that one short test does not decide it. `learned` is in the order of time. A series
    without a naive error has no scale and is left out; None when no series has one.
    """
    import pandas as pd

    steps = pd.Series(learned).groupby(learned_series, sort=False).diff().abs()
    naive = steps.groupby(learned_series, sort=False).mean()
    by_series = pd.Series(errors).abs().groupby(series, sort=False).mean()
    scale = naive.reindex(by_series.index)
    known = scale > 0
    if not known.all():
        lost = by_series.index[~known]
        said = f"note: {len(lost)} of {len(by_series)} series have no scale: fewer than two different training rows"
        print(said, file=sys.stderr)
    return float((by_series / scale)[known].mean()) if known.any() else None
