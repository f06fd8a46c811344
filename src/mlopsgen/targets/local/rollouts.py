"""How a version takes over the requests of a real-time deployment here, as plan.json says it."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.plan.services import RealTime
from mlopsgen.targets.local.native_rollouts import Alarm, Rollout


def rollout_of(service: RealTime) -> Rollout:
    """The rollout of a deployment."""
    rollout = service.rollout
    return Rollout(
        start="manual" if service.manual else "approved",
        strategy=rollout.strategy,
        steps=rollout.steps,
        bake=rollout.bake,
        alarms=tuple(_alarms(service)),
    )


def _alarms(service: RealTime) -> Iterator[Alarm]:
    for one in service.rollout.abort_on:
        # What is in use of a machine is not measured here: limits.py says so.
        if one.figure != "saturation":
            yield Alarm(name=one.name, figure=one.figure, at_most=one.at_most, window=one.window, quantile=one.quantile)
