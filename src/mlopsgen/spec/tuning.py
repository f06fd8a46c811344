"""Many trials of one training, and the best of them."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from mlopsgen.spec.model import Many, Model, by_presence, tag
from mlopsgen.spec.steps import Count
from mlopsgen.spec.units import Duration, MetricName, ParamName
from mlopsgen.spec.values import NonNullScalar, OrRef


class Choice(Model):
    """One of these values."""

    words: ClassVar[str] = "a choice"

    choice: Annotated[Many[NonNullScalar], Field(min_length=1)] = Field(
        description="The values to try.", examples=[["logistic", "forest"]]
    )


class FloatRange(Model):
    """A number between two bounds, both included."""

    words: ClassVar[str] = "a range of numbers"

    bounds: Annotated[Many[float], Field(min_length=2, max_length=2)] = Field(
        alias="float", description="The smallest and the largest value.", examples=[[0.001, 10]]
    )
    scale: Literal["linear", "log"] = Field(
        default="linear", description="Whether steps are added (linear) or multiplied (log). Default: linear."
    )
    points: Annotated[int, Field(ge=2)] | None = Field(
        default=None, description="How many values a grid takes of it; a grid cannot do without."
    )


class IntRange(Model):
    """A whole number between two bounds, both included."""

    words: ClassVar[str] = "a range of whole numbers"

    bounds: Annotated[Many[int], Field(min_length=2, max_length=2)] = Field(
        alias="int", description="The smallest and the largest value.", examples=[[2, 12]]
    )
    scale: Literal["linear", "log"] = Field(
        default="linear", description="Whether steps are added (linear) or multiplied (log). Default: linear."
    )
    points: Annotated[int, Field(ge=2)] | None = Field(
        default=None, description="How many values a grid takes of it. Default: all."
    )


Axis: TypeAlias = Annotated[
    Annotated[Choice, tag("choice")] | Annotated[FloatRange, tag("float")] | Annotated[IntRange, tag("int")],
    by_presence("choice", "float", "int", words="a searched param"),
]


class Tuning(Model):
    """A search for the params that make `metric` best; each trial writes its own model."""

    words: ClassVar[str] = "`tuning`"

    metric: MetricName = Field(
        description=(
            "The metric to make best, written by training on the validation share or by its own cross-validation. "
            "Short names (`rmse`, `auc`, `logloss`) are known."
        )
    )
    strategy: Literal["grid", "random", "bayesian", "hyperband"] = Field(
        default="random", description="grid (every combination), random, bayesian or hyperband. Default: random."
    )
    trials: OrRef[Count] | None = Field(
        default=None,
        description="How many models are trained at most. Default for a grid: all its points; others must say it.",
    )
    parallel: OrRef[Count] = Field(default=1, description="How many train at the same time. Default: 1.")
    timeout: Duration | None = Field(
        default=None, description="How long the whole search may take. Default: no limit of ours."
    )
    max_failures: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="How many trials may fail before the search does. Default: all but one."
    )
    stop_at: float | None = Field(
        default=None, description="The value of `metric` that is good enough to stop. Default: none."
    )
    early_stopping: bool = Field(
        default=False, description="Whether trials that look bad are stopped early. Default: false."
    )
    keep: Count = Field(default=1, description="How many of the best models are kept. Default: 1.")
    refit: bool = Field(
        default=False,
        description="Whether the best params train once more on train and validation together. Default: false.",
    )
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = Field(
        default=42, description="What a random choice starts from. Default: 42."
    )
    search: Annotated[dict[ParamName, Axis], Field(min_length=1)] = Field(
        description="Param → `{choice: […]}`, `{float: [low, high], scale: log, points: 5}` or `{int: [low, high]}`.",
        examples=[{"C": {"float": [0.001, 10], "scale": "log"}, "max_depth": {"int": [2, 12]}}],
    )
