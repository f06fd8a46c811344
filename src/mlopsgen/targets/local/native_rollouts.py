"""The rollout of a deployment in plan.json."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlopsgen.records import dataclass
from mlopsgen.targets.local.holes import Name, Part, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Part):
    """A figure of the coming version that takes a rollout back."""

    name: Name
    figure: Literal["errors", "latency"]
    at_most: Annotated[float, Field(ge=0)]
    """A share of the requests, or seconds."""
    window: Seconds
    """Over which it is measured."""
    quantile: Annotated[float, Field(gt=0, le=1)] | None
    """Of latency: which share of the answers must be in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout(Part):
    """How a version that was approved takes over the requests."""

    start: Literal["approved", "manual"]
    strategy: Literal["all-at-once", "canary", "linear", "blue-green", "shadow"]
    steps: Annotated[tuple[Annotated[float, Field(gt=0, le=1)], ...], Field(min_length=1)]
    """Shares of the requests; of a shadow the share that is copied."""
    bake: Annotated[int, Field(ge=0)]
    """Seconds that each step is watched."""
    alarms: tuple[Alarm, ...]
