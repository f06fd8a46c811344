"""A search in plan.json: the axes it goes along, and how long."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mlopsgen.records import dataclass
from mlopsgen.spec.model import tag
from mlopsgen.targets.local.holes import OfParameter
from mlopsgen.targets.local.part import Name, Part, Seconds, by_key


@dataclass(frozen=True, slots=True)
class Choice(Part):
    """One of these values."""

    name: str
    choice: Annotated[tuple[bool | int | float | str, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Interval(Part):
    """A number between two bounds, both included."""

    name: str
    low: float
    high: float
    integer: bool
    scale: Literal["linear", "log"]
    points: Annotated[int, Field(ge=1)] | None
    """How many values a grid takes; null for every whole number."""


Axis: TypeAlias = Annotated[Annotated[Choice, tag("choice")] | Annotated[Interval, tag("low")], by_key("choice", "low")]


@dataclass(frozen=True, slots=True)
class Refit(Part):
    """Trains once more, with the best trial's params, on two inputs joined."""

    into: Name
    """The input that holds the rows of both."""
    add: Name
    """The input whose rows are added."""


Count: TypeAlias = Annotated[Annotated[Annotated[int, Field(ge=1)], tag("plain")] | OfParameter, by_key("parameter")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tune(Part):
    """A search: the step's command runs once a trial, and the best trial's outputs are the step's."""

    metric: str
    direction: Literal["maximize", "minimize"]
    strategy: Literal["grid", "random", "bayesian"]
    trials: Count
    parallel: Count
    axes: Annotated[tuple[Axis, ...], Field(min_length=1)]
    timeout: Seconds | None
    """Seconds for the whole search."""
    max_failures: Annotated[int, Field(ge=0)] | None
    stop_at: float | None
    seed: int
    refit: Refit | None
