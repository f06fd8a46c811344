"""Which params each trial of a search gets.

Trials of a grid, of random draws, and of a Bayesian search one after the other are always the same ones. Where a
Bayesian search runs several side by side, which of them end first decides what is known when the next is proposed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, assert_never

from mlopsgen.records import dataclass
from mlopsgen.runtime import trials
from mlopsgen.targets.local.native import Axis, Choice, Scalar, Tune

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
            return Listed(trials.draws(tuple(map(_plain, tune.axes)), tune.seed))
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
    return trials.grid(tuple(map(_plain, axes)))


def points_of(axis: Axis) -> Sequence[Scalar]:
    """The values that a grid takes of one axis."""
    return trials.points_of(_plain(axis))


def _plain(axis: Axis) -> Mapping[str, Any]:
    """An axis as the runtime has it, which lists the same trials inside pipelines of other targets."""
    if isinstance(axis, Choice):
        return {"name": axis.name, "values": axis.choice}
    return {
        "name": axis.name,
        "low": axis.low,
        "high": axis.high,
        "integer": axis.integer,
        "scale": axis.scale,
        "points": axis.points,
    }


class Bayesian:
    """Proposes what a model of the earlier trials expects most of (Optuna's tree of Parzen estimators)."""

    def __init__(self, tune: Tune) -> None:
        self._tune = tune

    def propose(self, tried: Sequence[Tried], running: Sequence[Params], /) -> Params | None:
        """The next trial; what still runs counts as not promising, so that trials side by side differ."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        seed = seed_of(self._tune.seed, len(tried) + len(running))
        sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
        study = optuna.create_study(direction=self._tune.direction, sampler=sampler)
        axes = {axis.name: _distribution(axis) for axis in self._tune.axes}
        study.add_trials([_frozen_trial(one, axes) for one in tried])
        for params in running:
            study.enqueue_trial(dict(params))
            study.ask(axes)
        return dict(study.ask(axes).params)


def seed_of(search: int, trial: int) -> int:
    """The seed of one trial: no two searches share any, as they would if it were their sum."""
    from numpy.random import SeedSequence

    return int(SeedSequence((search, trial)).generate_state(1)[0])


def _frozen_trial(one: Tried, axes: Mapping[str, Any]) -> optuna.trial.FrozenTrial:
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
