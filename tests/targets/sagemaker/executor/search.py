"""The trials that a search proposes, from the emitted ranges alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import product
from random import Random
from typing import Any, TypeAlias

Proposals: TypeAlias = Callable[[dict[str, Any]], Iterator[dict[str, str]]]
"""The configuration of a search → the hyperparameters of each trial."""
AT_MOST = 50
"""How many trials a search without a number of its own may take here."""


def proposals(config: dict[str, Any]) -> Iterator[dict[str, str]]:
    """One set of hyperparameters for each trial, all as text."""
    ranges, limits = config["ParameterRanges"], config["ResourceLimits"]
    if config["Strategy"] == "Grid":
        axes = ranges["CategoricalParameterRanges"]
        for values in product(*(axis["Values"] for axis in axes)):
            yield {axis["Name"]: value for axis, value in zip(axes, values, strict=True)}
        return
    random = Random(config.get("RandomSeed", 0))
    for _ in range(limits.get("MaxNumberOfTrainingJobs", AT_MOST)):
        yield dict(_drawn(ranges, random))


def _drawn(ranges: dict[str, Any], random: Random) -> Iterator[tuple[str, str]]:
    for axis in ranges.get("CategoricalParameterRanges", ()):
        yield axis["Name"], random.choice(axis["Values"])
    for axis in ranges.get("IntegerParameterRanges", ()):
        yield axis["Name"], str(round(_between(axis, random)))
    for axis in ranges.get("ContinuousParameterRanges", ()):
        yield axis["Name"], repr(_between(axis, random))


def _between(axis: dict[str, str], random: Random) -> float:
    low, high = float(axis["MinValue"]), float(axis["MaxValue"])
    if axis["ScalingType"] == "Logarithmic":
        return math.exp(random.uniform(math.log(low), math.log(high)))
    return random.uniform(low, high)
