"""A paired test computes its metric from predictions.csv: the two models' rows have to give what metrics.json says."""

from __future__ import annotations

import math

from .compare import loss_of, said_of, wants_of
from .contract import Positive
from .gates import Gate
from .predictions import favourable_class
from .problems import Failed
from .scores import METRICS, applies, value_of, why_no_value
from .tables import Frame

DIGITS = 3
"""From so many decimals on a reported value may be a rounded one."""


def check_agreement(gate: Gate, table: Frame, reported: float, positive: Positive | None, whose: str) -> None:
    """Refuses a test of rows that do not give the reported value."""
    metric = METRICS.get(gate.metric)
    if metric is None:
        mean = float(loss_of(gate.metric, table).mean())
        if not _agree(reported, mean):
            raise Failed(
                f"`{gate.metric}` is {reported:g} but the column `loss` of {whose} has the mean {mean:g};"
                " a metric of your own can be tested only if it is that mean"
            )
        return
    outcome = said_of(metric, table, positive)
    if metric.needs in ("positive", "chance", "probability") and positive is not None:
        favourable_class(outcome, positive, ())
    if not applies(metric, outcome):
        raise Failed(
            f"`{gate.metric}` cannot be computed from {whose}; it needs {wants_of(metric)}, so gate `{gate.name}` could"
            " not test it"
        )
    computed = value_of(metric, outcome)
    if not math.isfinite(computed):
        reason = why_no_value(gate.metric, outcome)
        raise Failed(f"gate `{gate.name}` cannot test `{gate.metric}` by {whose}: it {reason}")
    if not _agree(reported, computed):
        raise Failed(
            f"`{gate.metric}` is {reported:g} in metrics.json, and the rows of {whose} give {computed:g}; gate"
            f" `{gate.name}` tests those rows, so both have to say the same"
        )


def _agree(reported: float, computed: float) -> bool:
    if math.isclose(reported, computed, rel_tol=1e-6, abs_tol=1e-9):
        return True
    decimals = len(repr(reported).partition(".")[2])
    return "e" not in repr(reported) and decimals >= DIGITS and round(computed, decimals) == reported
