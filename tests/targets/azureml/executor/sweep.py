"""A sweep: draws values as the service spells them, runs a trial for each, and keeps the best one's outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice, product
from pathlib import Path
from typing import Any, TypeAlias

from .bundle import Broken
from .machine import JobFailed

Draws: TypeAlias = Callable[[Mapping[str, Any]], Iterator[Mapping[str, Any]]]
"""Search space → what is tried, one after the other."""
Trial: TypeAlias = Callable[[int, Mapping[str, str]], tuple[dict[str, float], dict[str, Path]]]


def no_draws(space: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    raise Broken(f"nothing is drawn from {space}")


def best_trial(job: Mapping[str, Any], draws: Draws, trial: Trial) -> dict[str, Path]:
    """The outputs of the trial with the best value of the metric; failed ones are left out."""
    space, limits = job["search_space"], job["limits"]
    kind = job["sampling_algorithm"]["type"]
    proposed = _grid(space) if kind == "grid" else draws(space)
    goal, metric = job["objective"]["goal"], job["objective"]["primary_metric"]
    done: list[tuple[float, dict[str, Path]]] = []
    for number, values in enumerate(islice(proposed, limits["max_total_trials"])):
        spelled = {name: _spelled(space[name], values[name]) for name in space}
        try:
            metrics, made = trial(number, spelled)
        except JobFailed:
            continue
        if metric not in metrics:
            raise Broken(f"a trial logged no {metric}")
        done.append((metrics[metric], made))
    if not done:
        raise JobFailed("every trial failed")
    return (max if goal == "maximize" else min)(done, key=lambda one: one[0])[1]


def _grid(space: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if any(axis["type"] != "choice" for axis in space.values()):
        raise Broken("a grid has choices alone")
    for values in product(*(axis["values"] for axis in space.values())):
        yield dict(zip(space, values, strict=True))


def _spelled(axis: Mapping[str, Any], value: Any) -> str:
    """Numbers of a distribution are floats, quantised ones too."""
    if axis["type"] == "choice":
        assert value in axis["values"], f"{value!r} is none of {axis['values']}"
        return str(value)
    return str(float(value))
