"""A search's axes as SageMaker's ranges, and what SageMaker cannot search."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.steps import Axis, Choice, Interval, Tune
from mlopsgen.plan.values import spelled
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref
from mlopsgen.targets.axes import points_of
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.native import Categorical, Range

RESOURCE_PARAMS = ("epochs", "numepochs", "n_epochs", "num_epochs")
"""Static params that say how long a trial may go (botocore, HyperbandStrategyConfig.MaxResource)."""
_SCALES = {"linear": "Linear", "log": "Logarithmic"}


@dataclass(frozen=True, slots=True)
class Ranges:
    """All axes of a search."""

    categorical: tuple[Categorical, ...]
    integer: tuple[Range, ...]
    continuous: tuple[Range, ...]


def ranges_of(job: Tune) -> Ranges:
    """The axes as ranges; a grid has categories alone, so its intervals become their points."""
    listed = [axis for axis in job.axes if isinstance(axis, Choice) or job.strategy == "grid"]
    free = [axis for axis in job.axes if isinstance(axis, Interval) and job.strategy != "grid"]
    return Ranges(
        tuple(Categorical(name=a.name, choices=tuple(map(spelled, points_of(a)))) for a in listed),
        tuple(_range(axis) for axis in free if axis.integer),
        tuple(_range(axis) for axis in free if not axis.integer),
    )


def _range(axis: Interval) -> Range:
    low, high = _number(axis, axis.low), _number(axis, axis.high)
    return Range(name=axis.name, low=low, high=high, scaling=_SCALES[axis.scale])


def _number(axis: Interval, value: float) -> str:
    return str(round(value)) if axis.integer else repr(float(value))


def type_of(axis: Axis) -> str:
    """The type that the launcher gives an axis's value back: every hyperparameter arrives as text."""
    if isinstance(axis, Interval):
        return "integer" if axis.integer else "number"
    return type_of_values(axis.values)


def type_of_values(values: Iterable[object]) -> str:
    """The narrowest type that all of these have."""
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "integer"
    return "number" if kinds <= {int, float} else "string"


def max_resource(job: Tune) -> int | None:
    """How often a trial of a hyperband search reports, when a param says so now."""
    resources = (p.value for p in job.params if p.name in RESOURCE_PARAMS)
    return next((value for value in resources if isinstance(value, int) and not isinstance(value, bool)), None)


def check_search(context: Context, job: Tune) -> None:
    """Reports what this search asks for and SageMaker has not."""
    where = (*job.origin, "tuning")
    for message, key, hint in _impossible(context, job):
        context.error("MG301", message, (*where, key), hint)
    for message, path, hint in _too_many(job):
        context.error("MG306", message, (*where, *path), hint)
    if job.keep > 1:
        context.note("the models of all trials stay under the run's prefix, those of the best too", (*where, "keep"))
    if job.early_stopping and job.strategy != "hyperband":
        context.note(
            f"SageMaker stops a trial early by the values of `{job.metric}` that it prints while it trains: "
            f"print `{job.metric}=<value>` after each round",
            (*where, "early_stopping"),
        )


def _impossible(context: Context, job: Tune) -> Iterator[tuple[str, str, str]]:
    if job.max_failures is not None:
        yield (
            "a search of SageMaker does not end after a number of failed trials",
            "max_failures",
            "leave it out: failed trials are left out of the ranking; `timeout` or `trials` ends the search",
        )
    if job.strategy == "grid" and isinstance(job.trials, Ref):
        yield "SageMaker tries every point of a grid, so `trials` cannot be a run parameter", "trials", "leave it out"
    if job.strategy == "grid" and isinstance(job.trials, int) and job.trials != _grid_size(job):
        size = _grid_size(job)
        hint = f"`trials: {size}`, or `strategy: random`"
        yield f"SageMaker tries all {size} points of a grid, not {job.trials}", "trials", hint
    if job.strategy == "hyperband" and not any(p.name in RESOURCE_PARAMS for p in job.params):
        yield (
            "hyperband has to know how long a trial may go",
            "strategy",
            "give training a param `epochs`, and print the metric after each",
        )
    if job.strategy == "hyperband" and job.early_stopping:
        yield (
            "hyperband stops trials itself, and SageMaker takes no other rule",
            "early_stopping",
            "`early_stopping: false`",
        )
    yield from _too_few(context, job)
    if job.distributed == "torchrun" and isinstance(job.resources.nodes, Ref):
        yield (
            "the command of a trial is fixed when the search starts, so its `nodes` cannot be a run parameter",
            "strategy",
            "write the number of `nodes`",
        )


def _too_few(context: Context, job: Tune) -> Iterator[tuple[str, str, str]]:
    """A search with fewer different trials than it is to try is refused by the service when a run comes to it."""
    listed = all(isinstance(axis, Choice) or axis.integer for axis in job.axes)
    if job.strategy == "grid" or not listed:
        return
    defaults = {parameter.name: parameter.default for parameter in context.plan.parameters}
    trials = defaults.get(job.trials.name) if isinstance(job.trials, Ref) else job.trials
    size = math.prod(_values(axis) for axis in job.axes)
    if isinstance(trials, int) and trials > size:
        message = f"SageMaker refuses {trials} trials of a search that has {size} different ones"
        yield message, "trials", f"at most {size}, or `strategy: grid`, which tries each"


def _values(axis: Axis) -> int:
    return len(axis.values) if isinstance(axis, Choice) else round(axis.high) - round(axis.low) + 1


def _too_many(job: Tune) -> Iterator[tuple[str, SpecPath, str]]:
    if len(job.axes) > names.RANGES:
        message = f"the search has {len(job.axes)} axes; SageMaker takes {names.RANGES}"
        yield message, ("search",), "search fewer params, and give the others a value"
    for item in ranges_of(job).categorical:
        if len(item.choices) > names.CATEGORIES:
            message = f"`{item.name}` has {len(item.choices)} values to choose from; SageMaker takes {names.CATEGORIES}"
            yield message, ("search", item.name), "fewer values, or a range with another strategy than `grid`"
        if any(not v or len(v) > names.CATEGORY_LENGTH or names.LINE_BREAK.search(v) for v in item.choices):
            message = f"a value of `{item.name}` is empty, holds a line break or is longer than {names.CATEGORY_LENGTH}"
            yield message, ("search", item.name), "a short word for each, which the script knows"
    low, high = names.TUNING_SECONDS
    if job.search_timeout is not None and not low <= job.search_timeout <= high:
        message = f"a search of SageMaker takes at least {low} seconds and at most {high // 86400} days"
        yield (
            message,
            ("timeout",),
            f"`timeout: {low}s`" if job.search_timeout < low else f"`timeout: {high // 86400}d`",
        )


def _grid_size(job: Tune) -> int:
    return math.prod(len(points_of(axis)) for axis in job.axes)
