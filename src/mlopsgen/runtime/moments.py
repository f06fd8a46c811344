"""When the rows of predictions.csv happened, where they follow one another in time."""

from __future__ import annotations

from .contract import Contract
from .kinds import times_of
from .predictions import COLUMNS
from .problems import Failed
from .scores import Array
from .tables import Frame


def in_time(contract: Contract, task: str | None = None) -> str | None:
    """The column that tells the time, where what is judged are forecasts or the newest rows."""
    by_time = contract.split is not None and contract.split.by_time
    return contract.roles.time if by_time or task == "forecasting" else None


def moments_of(table: Frame, contract: Contract) -> Array:
    """The number of each row's moment, from the oldest; without the column, rows stand in the order of time."""
    import numpy as np
    import pandas as pd

    time, series = contract.roles.time, contract.roles.series
    if time not in table.columns or time in COLUMNS:
        if series is not None:
            raise Failed(
                f"predictions.csv has no column `{time}`, and of several series (`{series}`) nothing else says which"
                " rows are of one moment: write it beside `truth` and `prediction`"
            )
        return np.arange(len(table))
    return pd.factorize(times_of(contract, table), sort=True)[0]
