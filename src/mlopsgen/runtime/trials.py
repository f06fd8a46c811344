"""Which params each trial of a search gets, where that is known beforehand: grids and random draws.

An axis is {"name", "values": […]} or {"name", "low", "high", "integer", "scale": linear|log, "points"}.
The same search always lists the same trials, on every machine.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

Axis: TypeAlias = Mapping[str, Any]
Params: TypeAlias = Mapping[str, Any]


def listed(axes: Sequence[Axis], strategy: str, trials: int, seed: int) -> list[Params]:
    """The params of every trial, in order."""
    found = grid(axes) if strategy == "grid" else draws(axes, seed)
    return list(itertools.islice(found, trials))


def grid(axes: Sequence[Axis]) -> Iterator[Params]:
    """Every combination, the last axis fastest."""
    names = [axis["name"] for axis in axes]
    for values in itertools.product(*(points_of(axis) for axis in axes)):
        yield dict(zip(names, values, strict=True))


def points_of(axis: Axis) -> Sequence[Any]:
    """The values that a grid takes of one axis."""
    if "values" in axis:
        return list(axis["values"])
    points = axis.get("points")
    if points is None:
        whole = range(math.ceil(axis["low"]), math.floor(axis["high"]) + 1)
        return list(whole) if axis["integer"] else [axis["low"], axis["high"]]
    steps = max(1, points - 1)
    return list(dict.fromkeys(_at(axis, i / steps) for i in range(points)))


def draws(axes: Sequence[Axis], seed: int) -> Iterator[Params]:
    """One draw of every axis after the other, without end."""
    chance = random.Random(seed)  # noqa: S311 — trials are drawn, not keys
    while True:
        yield {axis["name"]: _draw(axis, chance) for axis in axes}


def _draw(axis: Axis, chance: random.Random) -> Any:
    if "values" in axis:
        return chance.choice(axis["values"])
    share = chance.random()
    return _whole(axis, share) if axis["integer"] else _at(axis, share)


def _whole(axis: Axis, share: float) -> int:
    """A whole number; each has half of what lies to either side of it, the ends too."""
    low: int = math.ceil(axis["low"])
    high: int = math.floor(axis["high"])
    wider = {**axis, "low": low - 0.5, "high": high + 0.5, "integer": False}
    return min(max(math.floor(_at(wider, share) + 0.5), low), high)


def _at(axis: Axis, share: float) -> int | float:
    """The value that lies this far between the bounds."""
    low, high = axis["low"], axis["high"]
    if axis["scale"] == "log":
        value = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
    else:
        value = low + share * (high - low)
    value = min(max(value, low), high)
    return round(value) if axis["integer"] else float(value)
