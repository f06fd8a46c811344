"""Which params each trial of a search gets; the same search always proposes the same ones."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, assert_never

from mlopsgen.records import dataclass
from mlopsgen.targets.local.native import Axis, Choice, Interval, Scalar, Tune

if TYPE_CHECKING:
    import optuna

Params: TypeAlias = Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial that is over; `value` is None when it failed."""

    params: Params
    value: float | None


class Search(Protocol):
    """Proposes the params of one trial after another."""

    def propose(self, tried: Sequence[Tried], running: Sequence[Params], /) -> Params | None:
        """The next trial, knowing what came of earlier ones and which still run; None: there is no further one."""
        ...


def search_for(tune: Tune) -> Search:
    """The search that a tuning asks for."""
    match tune.strategy:
        case "grid":
            return Listed(grid(tune.axes))
        case "random":
            return Listed(_draws(tune))
        case "bayesian":
            return Bayesian(tune)
        case _:
            assert_never(tune.strategy)


@dataclass(slots=True)
class Listed:
    """Trials that are known from the start, whatever comes of them."""

    trials: Iterator[Params]

    def propose(self, _tried: Sequence[Tried], _running: Sequence[Params], /) -> Params | None:
        """The next of the list."""
        return next(self.trials, None)


def grid(axes: Sequence[Axis]) -> Iterator[Params]:
    """Every combination, the last axis fastest."""
    names = [axis.name for axis in axes]
    for values in itertools.product(*(points_of(axis) for axis in axes)):
        yield dict(zip(names, values, strict=True))


def points_of(axis: Axis) -> Sequence[Scalar]:
    """The values that a grid takes of one axis."""
    if isinstance(axis, Choice):
        return axis.choice
    if axis.points is None:
        return range(math.ceil(axis.low), math.floor(axis.high) + 1) if axis.integer else (axis.low, axis.high)
    steps = max(1, axis.points - 1)
    values = [_at(axis, i / steps) for i in range(axis.points)]
    return list(dict.fromkeys(values))


def _draws(tune: Tune) -> Iterator[Params]:
    chance = random.Random(tune.seed)  # noqa: S311 — trials are drawn, not keys
    while True:
        yield {axis.name: _draw(axis, chance) for axis in tune.axes}


def _draw(axis: Axis, chance: random.Random) -> Scalar:
    return chance.choice(axis.choice) if isinstance(axis, Choice) else _at(axis, chance.random())


def _at(axis: Interval, share: float) -> int | float:
    """The value that lies this far between the bounds."""
    if axis.scale == "log":
        value = math.exp(math.log(axis.low) + share * (math.log(axis.high) - math.log(axis.low)))
    else:
        value = axis.low + share * (axis.high - axis.low)
    value = min(max(value, axis.low), axis.high)
    return round(value) if axis.integer else value


class Bayesian:
    """Proposes what a model of the earlier trials expects most of (Optuna's tree of Parzen estimators)."""

    def __init__(self, tune: Tune) -> None:
        self._tune = tune

    def propose(self, tried: Sequence[Tried], running: Sequence[Params], /) -> Params | None:
        """The next trial; what still runs counts as not promising, so that trials side by side differ."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        sampler = optuna.samplers.TPESampler(seed=self._tune.seed + len(tried) + len(running), constant_liar=True)
        study = optuna.create_study(direction=self._tune.direction, sampler=sampler)
        axes = {axis.name: _distribution(axis) for axis in self._tune.axes}
        study.add_trials([_told(one, axes) for one in tried])
        for params in running:
            study.enqueue_trial(dict(params))
            study.ask(axes)
        return dict(study.ask(axes).params)


def _told(one: Tried, axes: Mapping[str, Any]) -> optuna.trial.FrozenTrial:
    import optuna

    failed = one.value is None
    state = optuna.trial.TrialState.FAIL if failed else optuna.trial.TrialState.COMPLETE
    return optuna.trial.create_trial(params=dict(one.params), distributions=dict(axes), value=one.value, state=state)


def _distribution(axis: Axis) -> optuna.distributions.BaseDistribution:
    import optuna

    if isinstance(axis, Choice):
        return optuna.distributions.CategoricalDistribution(axis.choice)
    log = axis.scale == "log"
    if axis.integer:
        return optuna.distributions.IntDistribution(round(axis.low), round(axis.high), log=log)
    return optuna.distributions.FloatDistribution(axis.low, axis.high, log=log)


def can_search(tune: Tune) -> bool:
    """Whether the library that this search needs is installed."""
    return tune.strategy != "bayesian" or find_spec("optuna") is not None
