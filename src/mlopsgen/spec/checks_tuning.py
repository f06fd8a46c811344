"""Findings about a search that cannot run, or would not do what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from mlopsgen.diagnostics import Diagnostic, On, SpecPath
from mlopsgen.spec.checks_shared import conflict
from mlopsgen.spec.training import Training
from mlopsgen.spec.tuning import Axis, Choice, FloatRange, IntRange, Tuning

_PATH: SpecPath = ("training", "tuning")


def check_tuning(training: Training, tuning: Tuning) -> Iterator[Diagnostic]:
    """Findings about `training.tuning`, beside those about its metric."""
    for name, axis in tuning.search.items():
        yield from _axis(axis, (*_PATH, "search", name))
    yield from _names(training, tuning)
    yield from _strategy(tuning)
    yield from _numbers(tuning)


def _axis(axis: Axis, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if isinstance(axis, Choice):
        for index, value in enumerate(axis.choice):
            if any(value == other and type(value) is type(other) for other in axis.choice[:index]):
                yield _cannot(f"`{value}` stands in this choice twice", (*spec_path, "choice", index))
        return
    kind = "int" if isinstance(axis, IntRange) else "float"
    low, high = axis.bounds
    if low >= high:
        message = f"the range from {low:g} to {high:g} is empty"
        yield _cannot(message, (*spec_path, kind), "write the smaller bound first")
    elif axis.scale == "log" and low <= 0:
        yield _cannot(f"a logarithmic range starts above 0, not at {low:g}", (*spec_path, kind))
    elif isinstance(axis, IntRange) and axis.points is not None and axis.points > high - low + 1:
        message = f"there are {high - low + 1} whole numbers from {low} to {high}, not {axis.points}"
        yield _cannot(message, (*spec_path, "points"))


def _names(training: Training, tuning: Tuning) -> Iterator[Diagnostic]:
    """Tuned params are flags beside all others."""
    ports = {**dict.fromkeys(training.outputs, "output"), "model": "output", "metrics": "output"}
    ports |= dict.fromkeys(training.inputs or ("train", "validation"), "input")
    for name in tuning.search:
        spec_path = (*_PATH, "search", name)
        if name in training.params:
            message = f"`{name}` is searched and given under `params`: both would be `--{name}`"
            yield Diagnostic("MG125", message, spec_path, "take it out of `params`", on=On.KEY)
        elif name in ports:
            message = f"`{name}` is searched and the name of an {ports[name]}: both would be `--{name}`"
            yield Diagnostic("MG125", message, spec_path, "rename one of them", on=On.KEY)


def _strategy(tuning: Tuning) -> Iterator[Diagnostic]:
    if tuning.strategy == "grid":
        for name, axis in tuning.search.items():
            if isinstance(axis, FloatRange) and axis.points is None:
                message = "a grid cannot try every number of a range"
                yield _cannot(message, (*_PATH, "search", name), "say how many: `points: 10`", on=On.KEY)
        return
    if tuning.trials is None:
        message = f"a {tuning.strategy} search needs `trials`"
        yield _cannot(message, _PATH, "say how many models are trained at most: `trials: 20`", on=On.KEY)
    for name, axis in tuning.search.items():
        if not isinstance(axis, Choice) and axis.points is not None:
            message = f"`points` is for a grid, and this search is {tuning.strategy}"
            yield _cannot(message, (*_PATH, "search", name, "points"), on=On.KEY)
    if tuning.strategy in ("bayesian", "hyperband") and all(isinstance(a, Choice) for a in tuning.search.values()):
        message = f"a {tuning.strategy} search learns from numbers, and every param is a choice"
        yield _cannot(message, (*_PATH, "strategy"), "use grid or random")


def _numbers(tuning: Tuning) -> Iterator[Diagnostic]:
    """Trials against all that is counted in trials."""
    trials = tuning.trials if isinstance(tuning.trials, int) else _grid(tuning)
    if trials is None:
        return
    if isinstance(tuning.parallel, int) and tuning.parallel > trials:
        message = f"{tuning.parallel} trials at the same time, of {trials} in all"
        yield _cannot(message, (*_PATH, "parallel"), f"at most {trials}")
    if tuning.keep > trials:
        yield _cannot(f"{tuning.keep} models to keep, of {trials} trials", (*_PATH, "keep"), f"at most {trials}")
    if tuning.max_failures is not None and tuning.max_failures >= trials:
        message = f"{tuning.max_failures} of {trials} trials may fail: then none is left"
        yield _cannot(message, (*_PATH, "max_failures"), f"at most {trials - 1}")


def _grid(tuning: Tuning) -> int | None:
    """How many points a grid without `trials` has."""
    if tuning.strategy != "grid" or tuning.trials is not None:
        return None
    if any(isinstance(axis, FloatRange) and axis.points is None for axis in tuning.search.values()):
        return None
    return prod(_points(axis) for axis in tuning.search.values())


def _points(axis: Axis) -> int:
    if isinstance(axis, Choice):
        return len(axis.choice)
    return axis.points or max(1, round(axis.bounds[1] - axis.bounds[0]) + 1)


def _cannot(message: str, spec_path: SpecPath, hint: str | None = None, on: On = On.VALUE) -> Diagnostic:
    return conflict(message, spec_path, hint, on=on, code="MG123")
