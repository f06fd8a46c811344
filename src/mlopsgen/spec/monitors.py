"""One class for each kind of monitor."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from mlopsgen.spec.evaluation import Group, Measure
from mlopsgen.spec.model import Either, Many, Model, by_value, tag
from mlopsgen.spec.steps import Command, Count, Resources, StepParts
from mlopsgen.spec.units import Column, Cron, Duration, MetricName, Name, Share, TimeZone
from mlopsgen.spec.values import Ref

_KIND = (
    "data-drift | data-quality | prediction-drift | model-quality | bias | attribution-drift | latency | errors | "
    "saturation | custom: decides the rest."
)
Every: TypeAlias = Annotated[Duration | Literal["batch"], Either()]
DriftMethod: TypeAlias = Literal["psi", "ks", "chi2", "js", "linf"]
Bound: TypeAlias = Annotated[float, Field(ge=0)]


class MonitorParts(Model):
    """What every monitor may have."""

    deployment: Name | None = Field(default=None, description="The deployment it watches. Default: every one it fits.")
    baseline: str | None = Field(
        default=None, description="What it compares with, as `monitoring.baseline`. Default: that."
    )
    every: Every | None = Field(
        default=None,
        description="How often it looks: `1h`, or `batch` for each batch run. Default: `monitoring.every`.",
    )
    schedule: Cron | None = Field(
        default=None, description="When it looks, as a cron line, instead of `every`. Default: `monitoring.schedule`."
    )
    timezone: TimeZone = Field(default="UTC", description="The time zone of `schedule`. Default: UTC.")
    violations: Count = Field(
        default=1, description="How many looks, of the last `of`, must be bad before it fires. Default: 1."
    )
    of: Count | None = Field(default=None, description="Of how many looks. Default: as many as `violations`.")
    when: Ref | None = Field(
        default=None, description="A boolean run parameter, `${parameters.<name>}`: false switches it off."
    )
    resources: Resources = Field(default=Resources.unwritten(), description="What its machine must have.")
    timeout: Duration | None = Field(default=None, description="How long one look may take. Default: the target's.")


class Top(Model):
    """The most important features, by the importance that the evaluation measured."""

    words: ClassVar[str] = "`features`"

    top: Count = Field(description="How many.", examples=[10])
    of: Literal["all", "numeric", "category"] = Field(
        default="all", description="Of which: all, numeric or category. Default: all."
    )


Features: TypeAlias = Annotated[Literal["all", "numeric", "category"] | Many[Column] | Top, Either()]


class DataDrift(MonitorParts):
    """Whether the features of new records are spread as those of the baseline."""

    words: ClassVar[str] = "a data-drift monitor"

    kind: Literal["data-drift"] = Field(description=_KIND)
    features: Features = Field(
        default="all",
        description="all, numeric, category, a list of columns, or `{top: 10, of: numeric}`. Default: all.",
    )
    method: DriftMethod = Field(default="psi", description="psi, ks, chi2, js or linf. Default: psi.")
    bins: Annotated[int, Field(ge=2, le=1000)] = Field(
        default=10, description="How many bins a number is cut into, for psi and js. Default: 10."
    )
    at_most: Bound | None = Field(default=None, description="The largest distance that is fine.", examples=[0.2])
    at_least_p: Share | None = Field(
        default=None, description="The smallest p-value that is fine, for ks and chi2.", examples=[0.01]
    )


class DataQuality(MonitorParts):
    """Whether new records keep the data contract."""

    words: ClassVar[str] = "a data-quality monitor"

    kind: Literal["data-quality"] = Field(description=_KIND)
    max_null_rate: Share | None = Field(
        default=None, description="The largest share of missing values in a column. Default: as `data.checks`."
    )
    max_out_of_bounds_rate: Share = Field(
        default=0.0, description="The largest share of values outside the contract's bounds. Default: 0."
    )


class PredictionDrift(MonitorParts):
    """Whether predictions are spread as those of the baseline."""

    words: ClassVar[str] = "a prediction-drift monitor"

    kind: Literal["prediction-drift"] = Field(description=_KIND)
    method: DriftMethod = Field(default="js", description="psi, ks, chi2, js or linf. Default: js.")
    bins: Annotated[int, Field(ge=2, le=1000)] = Field(
        default=10, description="How many bins a number is cut into, for psi and js. Default: 10."
    )
    at_most: Bound | None = Field(default=None, description="The largest distance that is fine.", examples=[0.1])
    at_least_p: Share | None = Field(default=None, description="The smallest p-value that is fine, for ks and chi2.")


class ModelQuality(MonitorParts):
    """Whether predictions hold against the truth, once it is known. Needs `monitoring.truth`."""

    words: ClassVar[str] = "a model-quality monitor"

    kind: Literal["model-quality"] = Field(description=_KIND)
    metric: MetricName = Field(description="The metric, by scikit-learn's name.", examples=["accuracy"])
    at_least: float | None = Field(default=None, description="The smallest value that is fine.")
    at_most: float | None = Field(default=None, description="The largest value that is fine.")


class Bias(MonitorParts):
    """Whether groups of records are treated alike. Needs `data.positive`."""

    words: ClassVar[str] = "a bias monitor"

    kind: Literal["bias"] = Field(description=_KIND)
    group: Group = Field(
        description="The column that says which group a record belongs to, or `{column: age, at_least: 40}`."
    )
    measure: Measure = Field(
        default="demographic_parity_difference",
        description="How groups are compared, in fairlearn's names. Default: demographic_parity_difference.",
    )
    at_least: float | None = Field(default=None, description="The smallest value that is fine, for ratios.")
    at_most: float | None = Field(default=None, description="The largest value that is fine, for differences.")


class AttributionDrift(MonitorParts):
    """Whether predictions still rest on the same features."""

    words: ClassVar[str] = "an attribution-drift monitor"

    kind: Literal["attribution-drift"] = Field(description=_KIND)
    method: Literal["ndcg"] = Field(default="ndcg", description="How rankings of features are compared: ndcg.")
    at_least: Share = Field(default=0.9, description="The smallest likeness that is fine. Default: 0.9.")


class Latency(MonitorParts):
    """Whether answers come in time."""

    words: ClassVar[str] = "a latency monitor"

    kind: Literal["latency"] = Field(description=_KIND)
    quantile: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.95, description="Which share of the requests must be in time. Default: 0.95."
    )
    at_most: Duration = Field(description="The longest time that is fine.", examples=["200ms"])
    for_: Duration = Field(default="5m", alias="for", description="For how long it must be bad. Default: 5m.")


class Errors(MonitorParts):
    """Whether requests fail."""

    words: ClassVar[str] = "an errors monitor"

    kind: Literal["errors"] = Field(description=_KIND)
    at_most: Share = Field(description="The largest share of failed requests that is fine.", examples=[0.01])
    for_: Duration = Field(default="5m", alias="for", description="For how long it must be bad. Default: 5m.")


class Saturation(MonitorParts):
    """Whether the machines are full."""

    words: ClassVar[str] = "a saturation monitor"

    kind: Literal["saturation"] = Field(description=_KIND)
    resource: Literal["cpu", "memory", "gpu", "disk"] = Field(
        default="cpu", description="What may be full: cpu, memory, gpu or disk. Default: cpu."
    )
    at_most: Share = Field(description="The largest share in use that is fine.", examples=[0.8])
    for_: Duration = Field(default="10m", alias="for", description="For how long it must be bad. Default: 10m.")


class Custom(MonitorParts, StepParts):
    """Your own step over the captured records; it writes the metric to port `metrics`."""

    words: ClassVar[str] = "a custom monitor"

    kind: Literal["custom"] = Field(description=_KIND)
    run: Command = Field(description="What it runs: a script of `code.path`, or a whole command as a list.")
    metric: MetricName = Field(description="The metric that it writes and that is judged.", examples=["outlier_share"])
    at_least: float | None = Field(default=None, description="The smallest value that is fine.")
    at_most: float | None = Field(default=None, description="The largest value that is fine.")


Monitor: TypeAlias = Annotated[
    Annotated[DataDrift, tag("data-drift")]
    | Annotated[DataQuality, tag("data-quality")]
    | Annotated[PredictionDrift, tag("prediction-drift")]
    | Annotated[ModelQuality, tag("model-quality")]
    | Annotated[Bias, tag("bias")]
    | Annotated[AttributionDrift, tag("attribution-drift")]
    | Annotated[Latency, tag("latency")]
    | Annotated[Errors, tag("errors")]
    | Annotated[Saturation, tag("saturation")]
    | Annotated[Custom, tag("custom")],
    by_value("kind", "a monitor"),
]
