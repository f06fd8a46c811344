"""What a search goes along: the points of a grid, and axes as the runtime takes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mlopsgen.plan.steps import Axis, Choice, Interval


def runtime_axis(axis: Axis) -> dict[str, Any]:
    """An axis as mlopsgen.runtime.trials takes it."""
    if isinstance(axis, Choice):
        return {"name": axis.name, "values": list(axis.values)}
    return {
        "name": axis.name,
        "low": axis.low,
        "high": axis.high,
        "integer": axis.integer,
        "scale": axis.scale,
        "points": axis.points,
    }


def points_of(axis: Axis) -> Sequence[bool | int | float | str]:
    """The values that a grid takes of an axis: of an interval every whole number, or as many points as it asks for."""
    if isinstance(axis, Choice):
        return axis.values
    if axis.points is None:
        return range(math.ceil(axis.low), math.floor(axis.high) + 1)
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
