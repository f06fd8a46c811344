"""Where the model answers: batch, real time, streams, devices."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from mlopsgen.spec.model import Many, Model, by_value, tag
from mlopsgen.spec.serving import (
    Alarmed,
    BatchInput,
    BatchOutput,
    DeploymentParts,
    MiniBatch,
    Profile,
    Replicas,
    ScaleOn,
    StagedRollout,
)
from mlopsgen.spec.steps import Count, Retries
from mlopsgen.spec.streams import Lag, Stream, StreamBatch
from mlopsgen.spec.units import Cron, Duration, Name, SecretName, Share, Size, StepName, TimeZone, Uri
from mlopsgen.spec.values import OrRef


class Batch(DeploymentParts):
    """Scores files, on a schedule or on demand; reads the champion."""

    words: ClassVar[str] = "a batch deployment"

    mode: Literal["batch"] = Field(description="batch | real-time | streaming | edge: decides the rest.")
    input: BatchInput = Field(
        description="The records to score: a URI, or `{uri, format, header, columns, partition}`."
    )
    output: BatchOutput = Field(
        default=BatchOutput.unwritten(),
        description="Where predictions go: a URI, or `{uri, format, header, columns, partition, write}`.",
    )
    schedule: Cron | None = Field(
        default=None, description="When it runs, as a cron line of five fields. Default: on demand."
    )
    timezone: TimeZone = Field(default="UTC", description="The time zone of `schedule`. Default: UTC.")
    mini_batch: MiniBatch = Field(
        default=MiniBatch.unwritten(),
        description="Records per call of the model: `100`, `10Ki`, or `{size, timeout, retries}`.",
    )
    nodes: OrRef[Count] = Field(default=1, description="How many machines share the work. Default: 1.")
    workers: Count = Field(default=1, description="How many processes on each machine. Default: 1.")
    retries: Retries | None = Field(default=None, description="How often the whole job is tried again. Default: never.")
    timeout: Duration | None = Field(
        default=None, description="How long the whole job may take. Default: the target's."
    )
    on_bad_record: Literal["fail", "skip", "dead-letter"] = Field(
        default="fail",
        description=(
            "What a record that cannot be scored does: fail the job, skip it, or write it to `dead-letter/` with "
            "the reason. Default: fail."
        ),
    )
    max_bad: Share | None = Field(
        default=None, description="The share of bad records from which the job fails all the same. Default: any."
    )


class Rollout(Alarmed):
    """How a new version takes over the requests."""

    words: ClassVar[str] = "`rollout`"

    strategy: Literal["all-at-once", "canary", "linear", "blue-green", "shadow"] = Field(
        default="all-at-once",
        description="all-at-once, canary, linear, blue-green, or shadow (requests are mirrored). Default: all-at-once.",
    )
    steps: Many[Share] = Field(
        default=(),
        description=(
            "Shares of the requests, each larger than the one before; for shadow, the mirrored share. Default: the "
            "strategy's own."
        ),
        examples=[[0.1, 0.5, 1.0]],
    )
    before: StepName | None = Field(
        default=None,
        description="A step that runs before the new version gets requests, with `--endpoint=`. Default: none.",
    )
    after: StepName | None = Field(
        default=None, description="A step that runs after the last share, with `--endpoint=`. Default: none."
    )


class Requests(Model):
    """Limits of one request."""

    words: ClassVar[str] = "`requests`"

    timeout: Duration | None = Field(default=None, description="How long one may take. Default: the target's.")
    max_bytes: Size | None = Field(default=None, description="How large one may be. Default: the target's.")
    concurrent: Count | None = Field(
        default=None, description="How many one replica works on at the same time. Default: the target's."
    )


class Notify(Model):
    """Who hears of the end of an asynchronous request, in the target's own naming."""

    words: ClassVar[str] = "`notify`"

    success: str | None = Field(default=None, description="The topic or queue told when one ends well.")
    error: str | None = Field(default=None, description="The topic or queue told when one fails.")


class Async(Model):
    """Requests are queued and their answers written to a place."""

    words: ClassVar[str] = "`async`"

    output: Uri = Field(description="Where answers are written.", examples=["s3://acme/answers/"])
    notify: Notify = Field(default=Notify.unwritten(), description="Who hears of the end of a request.")


class RealTime(DeploymentParts):
    """Answers requests while they wait."""

    words: ClassVar[str] = "a real-time deployment"

    mode: Literal["real-time"] = Field(description="batch | real-time | streaming | edge: decides the rest.")
    replicas: Replicas = Field(
        default=Replicas.unwritten(), description="How many copies run: `2`, or `{min: 1, max: 4}`. Default: 1."
    )
    scale_on: ScaleOn | None = Field(
        default=None, description="What makes copies start and stop between `replicas.min` and `max`. Default: nothing."
    )
    profiles: dict[Name, Profile] = Field(
        default={},
        description="Other bounds on the copies at certain times.",
        examples=[{"weekend": {"days": ["sat", "sun"], "min": 1, "max": 1}}],
    )
    requests: Requests = Field(default=Requests.unwritten(), description="Limits of one request.")
    rollout: Rollout = Field(
        default=Rollout.unwritten(), description="How a new version takes over. Default: all at once."
    )
    expose: Literal["private", "public"] = Field(
        default="private", description="Who can reach it: private (your network) or public. Default: private."
    )
    auth: Literal["iam", "key", "none"] = Field(
        default="iam", description="How callers prove who they are: iam, key, or none (needs private). Default: iam."
    )
    async_: Async | None = Field(
        default=None,
        alias="async",
        description="Requests are queued, answers written to a place. Default: callers wait.",
    )


class Streaming(DeploymentParts):
    """Scores the messages of a stream, each at least once."""

    words: ClassVar[str] = "a streaming deployment"

    mode: Literal["streaming"] = Field(description="batch | real-time | streaming | edge: decides the rest.")
    source: Stream = Field(
        description="What it reads: `{kafka: …}`, `{kinesis: …}`, `{event_hubs: …}` or `{pubsub: …}`."
    )
    sink: Stream | None = Field(
        default=None, description="Where predictions go, as `source`. Default: nowhere but the captured records."
    )
    dead_letter: Stream | None = Field(
        default=None,
        description="Where messages that cannot be scored go, with the reason. Default: the job stops at one.",
    )
    workers: Replicas = Field(
        default=Replicas.unwritten(), description="How many copies read: `2`, or `{min: 1, max: 8}`. Default: 1."
    )
    batch: StreamBatch = Field(
        default=StreamBatch.unwritten(), description="How many messages are scored at once: `100`, or `{size, wait}`."
    )
    max_lag: Lag | None = Field(
        default=None, description="Messages, or time such as `5m`, it may be behind before it alerts. Default: any."
    )
    scale_on: ScaleOn | None = Field(
        default=None, description="What makes copies start and stop, usually `lag`. Default: nothing."
    )


class Parity(Model):
    """How the exported model is compared with the original."""

    words: ClassVar[str] = "`parity`"

    sample: Count = Field(default=1000, description="How many records are compared. Default: 1000.")
    tolerance: Annotated[float, Field(ge=0)] = Field(
        default=1e-5, description="How far probabilities may differ; labels never. Default: 0.00001."
    )


class Sign(Model):
    """Signs the manifest of the exported files."""

    words: ClassVar[str] = "`sign`"
    spread: ClassVar[tuple[str, ...]] = ("key",)

    key: SecretName = Field(description="The name of the secret that holds the private key.")


class Offline(Model):
    """What a device does without a network."""

    words: ClassVar[str] = "`offline`"
    spread: ClassVar[tuple[str, ...]] = ("keep",)

    keep: Duration = Field(default="7d", description="How long captured records wait on the device. Default: 7d.")


class Edge(DeploymentParts):
    """Exports the model to devices."""

    words: ClassVar[str] = "an edge deployment"

    mode: Literal["edge"] = Field(description="batch | real-time | streaming | edge: decides the rest.")
    format: Literal["onnx"] = Field(default="onnx", description="What the model is exported to: onnx.")
    quantize: Literal["none", "int8"] = Field(
        default="none", description="Whether weights are made smaller: none or int8. Default: none."
    )
    max_size: Size | None = Field(default=None, description="The largest the exported model may be. Default: any.")
    max_latency: Duration | None = Field(
        default=None, description="The longest one prediction may take where it is measured. Default: any."
    )
    parity: Parity = Field(
        default=Parity.unwritten(), description="How the exported model is compared with the original."
    )
    fleet: str | None = Field(
        default=None,
        min_length=1,
        description="Which devices get it, in the target's own naming. Default: none, the files are only made.",
    )
    rollout: StagedRollout = Field(
        default=StagedRollout.unwritten(), description="How the fleet gets a new version. Default: all at once."
    )
    sign: Sign | None = Field(
        default=None, description="Signs the manifest: `{key: <secret name>}`. Default: checksums alone."
    )
    offline: Offline = Field(default=Offline.unwritten(), description="What a device does without a network.")


Deployment: TypeAlias = Annotated[
    Annotated[Batch, tag("batch")]
    | Annotated[RealTime, tag("real-time")]
    | Annotated[Streaming, tag("streaming")]
    | Annotated[Edge, tag("edge")],
    by_value("mode", "a deployment"),
]
