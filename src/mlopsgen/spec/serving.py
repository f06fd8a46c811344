"""What deployments share: the code that predicts, replicas, scaling, places of data, retries."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from mlopsgen.spec.data import Format
from mlopsgen.spec.model import Many, Model
from mlopsgen.spec.steps import Count, Resources
from mlopsgen.spec.units import (
    Column,
    Duration,
    EnvName,
    ImageName,
    ModelVersion,
    Place,
    RelativePath,
    SecretName,
    Shaped,
    Share,
    TimeZone,
)

Positive: TypeAlias = Annotated[float, Field(gt=0)]


class Serve(Model):
    """The code that turns records into predictions."""

    words: ClassVar[str] = "`serve`"

    run: RelativePath | None = Field(
        default=None,
        description="A script of `code.path` with `load(model_dir)` and `predict(model, records)`.",
        examples=["predict.py"],
    )
    image: ImageName | None = Field(
        default=None, description="An image with a server of its own, which speaks its own protocol. Instead of `run`."
    )
    env: dict[EnvName, str] = Field(default={}, description="Environment variables. Never a secret: see `secrets`.")
    secrets: dict[EnvName, SecretName] = Field(
        default={}, description="Environment variable → name of a secret in the target's own store."
    )


class DeploymentParts(Model):
    """What every deployment may have."""

    start: Literal["approved", "manual"] = Field(
        default="approved",
        description=(
            "approved: rolls out, or picks up, the version just approved; manual: a person starts it. Default: "
            "approved."
        ),
    )
    model: ModelVersion | None = Field(
        default=None, description="Pins `<name>:<version>`. Default: the champion, or the version just approved."
    )
    serve: Serve | None = Field(
        default=None,
        description=(
            "The code that predicts, or an image with a server. Left out: the runtime loads the formats it knows."
        ),
    )
    resources: Resources = Field(default=Resources.unwritten(), description="What one machine of it must have.")


class Replicas(Model):
    """How many copies run."""

    words: ClassVar[str] = "`replicas`"
    spread: ClassVar[tuple[str, ...]] = ("min", "max")

    min: Annotated[int, Field(ge=0)] = Field(
        default=1, description="The fewest. 0: none while there is no work, where the target can. Default: 1."
    )
    max: Count = Field(default=1, description="The most. Default: 1.")


class Band(Model):
    """A figure per replica: above `out` one more starts, below `in` one stops."""

    words: ClassVar[str] = "a figure of `scale_on`"
    spread: ClassVar[tuple[str, ...]] = ("out",)

    out: Positive = Field(description="Above this figure per replica, one more starts.")
    in_: Positive | None = Field(
        default=None, alias="in", description="Below this figure per replica, one stops. Default: the target's."
    )


class ShareBand(Model):
    """A share of what a replica has: above `out` one more starts, below `in` one stops."""

    words: ClassVar[str] = "a share of `scale_on`"
    spread: ClassVar[tuple[str, ...]] = ("out",)

    out: Annotated[float, Field(gt=0, le=1)] = Field(
        description="Above this share, one more replica starts.", examples=[0.7]
    )
    in_: Annotated[float, Field(gt=0, le=1)] | None = Field(
        default=None, alias="in", description="Below this share, one stops. Default: the target's."
    )


class DurationBand(Model):
    """A time: above `out` one more replica starts, below `in` one stops."""

    words: ClassVar[str] = "a duration of `scale_on`"
    spread: ClassVar[tuple[str, ...]] = ("out",)

    out: Duration = Field(description="Above this time, one more replica starts.", examples=["200ms"])
    in_: Duration | None = Field(
        default=None, alias="in", description="Below this time, one stops. Default: the target's."
    )


class ScaleOn(Model):
    """What makes replicas start and stop; with several, the one that asks for most wins."""

    words: ClassVar[str] = "`scale_on`"

    requests_per_minute: Band | None = Field(
        default=None, description="Requests per minute and replica.", examples=[750]
    )
    concurrency: Band | None = Field(default=None, description="Requests at the same time per replica.", examples=[8])
    cpu: ShareBand | None = Field(default=None, description="Share of the processor: `0.7`, or `{out: 0.7, in: 0.25}`.")
    memory: ShareBand | None = Field(default=None, description="Share of the memory.")
    latency: DurationBand | None = Field(default=None, description="Time per request, such as `200ms`.")
    lag: Band | None = Field(
        default=None, description="Messages not yet read, per worker. For streaming.", examples=[1000]
    )
    cooldown: Duration = Field(default="60s", description="The wait between two changes. Default: 60s.")


Day: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Hours: TypeAlias = Annotated[
    str,
    Shaped(
        "hours of a day",
        r"(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)",
        ("08:00-18:00", "22:00-06:00"),
    ),
]


class Profile(Model):
    """Other bounds on the replicas at certain times."""

    words: ClassVar[str] = "a scaling profile"

    days: Annotated[Many[Day], Field(min_length=1)] = Field(
        default=("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        description="The days it holds on: mon, tue, … sun. Default: every day.",
    )
    hours: Hours = Field(
        default="00:00-24:00", description="The hours it holds in, such as `08:00-18:00`. Default: the whole day."
    )
    timezone: TimeZone = Field(default="UTC", description="The time zone of days and hours. Default: UTC.")
    min: Annotated[int, Field(ge=0)] = Field(description="The fewest replicas meanwhile.")
    max: Count = Field(description="The most replicas meanwhile.")


class BatchInput(Model):
    """Where the records to score lie."""

    words: ClassVar[str] = "the input of a batch deployment"
    spread: ClassVar[tuple[str, ...]] = ("uri",)

    uri: Place = Field(
        description=(
            "A URI, or a relative path, which is a live key under `<bucket>/<name>/`; may hold `${parameters.x}` "
            "and `${run.scheduled_at}`."
        ),
        examples=["data/new/", "s3://acme/new/"],
    )
    format: Format = Field(default="csv", description="csv, parquet, jsonl or files. Default: csv.")
    header: bool = Field(default=True, description="Whether a csv file's first line names its columns. Default: true.")
    columns: Many[Column] = Field(
        default=(),
        description="The columns to read, in file order where there is no header. Default: those of `data.columns`.",
    )
    partition: Literal["none", "date"] = Field(
        default="none",
        description="date: only the folder of the run's day, `<uri>/YYYY-MM-DD/`, is read. Default: none.",
    )


class BatchOutput(Model):
    """Where predictions are written."""

    words: ClassVar[str] = "the output of a batch deployment"
    spread: ClassVar[tuple[str, ...]] = ("uri",)

    uri: Place | None = Field(
        default=None, description="A URI, or a relative path under `<bucket>/<name>/`. Default: `<bucket>/<name>/out/`."
    )
    format: Literal["csv", "parquet", "jsonl"] = Field(
        default="csv", description="csv, parquet or jsonl. Default: csv."
    )
    header: bool = Field(default=True, description="Whether a csv file's first line names its columns. Default: true.")
    columns: Many[Column] = Field(
        default=(), description="Input columns written beside the prediction. Default: the id."
    )
    partition: Literal["none", "date"] = Field(
        default="none", description="date: written under the run's day, `<uri>/YYYY-MM-DD/`. Default: none."
    )
    write: Literal["append", "overwrite"] = Field(
        default="append", description="append: a new `run=<id>/` each time; overwrite: the same place. Default: append."
    )


class MiniBatch(Model):
    """How records are cut into calls of the model."""

    words: ClassVar[str] = "`mini_batch`"
    spread: ClassVar[tuple[str, ...]] = ("size",)

    size: Annotated[
        int | str,
        Shaped("a number of records or a size", r"[1-9][0-9]{0,8}(?:Ki|Mi|Gi)?", ("100", "10Ki"), number=True),
    ] = Field(default=100, description="Records, or bytes such as `10Ki`, per call. Default: 100.")
    timeout: Duration | None = Field(default=None, description="How long one call may take. Default: the target's.")
    retries: Annotated[int, Field(ge=0, le=30)] = Field(
        default=0, description="How many more times a failed call is tried. Default: 0."
    )


class Alarmed(Model):
    """What stops a rollout and takes it back."""

    bake: Duration | None = Field(default=None, description="How long each step is watched. Default: the target's.")
    abort_on: Many[str] = Field(
        default=(),
        description="Names of monitors that take the rollout back when they fire.",
        examples=[["errors", "slow"]],
    )


class StagedRollout(Alarmed):
    """How a fleet of devices gets a new version."""

    words: ClassVar[str] = "the rollout of an edge deployment"

    steps: Annotated[Many[Share], Field(min_length=1)] = Field(
        default=(1.0,),
        description="Shares of the fleet, each larger than the one before, the last 1.0. Default: all at once.",
        examples=[[0.05, 0.5, 1.0]],
    )
