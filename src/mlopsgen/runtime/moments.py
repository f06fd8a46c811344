"""When the rows of predictions.csv happened, where they follow one another in time."""

from __future__ import annotations

from .contract import Contract
from .predictions import COLUMNS
from .problems import Failed
from .scores import Array
from .tables import Frame, as_type, inferred_type


def in_time(contract: Contract, task: str | None = None) -> str | None:
    """The column that tells the time, where what is judged are forecasts or the newest rows."""
    by_time = contract.split is not None and contract.split.by_time
    return contract.roles.time if by_time or task == "forecasting" else None


def moments_of(table: Frame, time: str) -> Array:
    """The number of each row's moment, from the oldest; without the column, rows stand in the order of time."""
    import numpy as np
    import pandas as pd

    if time not in table.columns or time in COLUMNS:
        return np.arange(len(table))
    kind = inferred_type(table[time])
    times = as_type(table[time], kind if kind in ("integer", "number") else "datetime").values
    if times.isna().any():
        raise Failed(f"column `{time}` of predictions.csv has {int(times.isna().sum())} rows without a time")
    return pd.factorize(times, sort=True)[0]
