"""The values that a grid takes of an interval: Azure ML's grids know choices alone."""

from __future__ import annotations

import math

from mlopsgen.plan.steps import Interval


def points(axis: Interval) -> tuple[int | float, ...]:
    """Every whole number, or as many points as the axis asks for."""
    if axis.points is None:
        return tuple(range(math.ceil(axis.low), math.floor(axis.high) + 1))
    steps = max(1, axis.points - 1)
    return tuple(dict.fromkeys(_at(axis, i / steps) for i in range(axis.points)))


def _at(axis: Interval, share: float) -> int | float:
    """The value that lies this far between the bounds."""
    if axis.scale == "log":
        value = math.exp(math.log(axis.low) + share * (math.log(axis.high) - math.log(axis.low)))
    else:
        value = axis.low + share * (axis.high - axis.low)
    value = min(max(value, axis.low), axis.high)
    # Twelve digits: the same point on every machine, and no 0.30000000000000004.
    return round(value) if axis.integer else float(f"{value:.12g}")
