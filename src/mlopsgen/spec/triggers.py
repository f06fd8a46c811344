"""What starts what, beside a human and a batch deployment's own schedule."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from mlopsgen.spec.model import Many, Model, by_presence, tag
from mlopsgen.spec.steps import Count
from mlopsgen.spec.streams import Kafka, PubSub, Text1
from mlopsgen.spec.units import Cron, Duration, Name, Shaped, TimeZone


class Limit(Model):
    """How often it may start something."""

    words: ClassVar[str] = "`limit`"

    runs: Count = Field(description="How many runs.", examples=[3])
    per: Duration = Field(description="In how long.", examples=["7d"])


class TriggerParts(Model):
    """What every trigger has."""

    words: ClassVar[str] = "a trigger"

    start: Annotated[
        str,
        Shaped(
            "something to start",
            r"training|deployments\.[a-z](?:[a-z0-9-]*[a-z0-9])?",
            ("training", "deployments.nightly"),
            prefixes=("deployments.",),
        ),
    ] = Field(description="What it starts: `training`, or `deployments.<name>`.")
    cooldown: Duration | None = Field(
        default=None, description="How long it stays quiet after it started something. Default: not at all."
    )
    approval: Literal["automatic", "manual"] = Field(
        default="automatic", description="manual: a person lets the run start. Default: automatic."
    )
    limit: Limit | None = Field(
        default=None, description="How often it may start something: `{runs: 3, per: 7d}`. Default: no limit."
    )


class OnSchedule(TriggerParts):
    """Starts by the clock."""

    words: ClassVar[str] = "a scheduled trigger"

    schedule: Cron = Field(description="When, as a cron line of five fields.", examples=["0 2 * * 1"])
    timezone: TimeZone = Field(default="UTC", description="The time zone of `schedule`. Default: UTC.")


class OnNewData(TriggerParts):
    """Starts when files arrive at a source."""

    words: ClassVar[str] = "a new-data trigger"

    new_data: Annotated[str, Shaped("a data source", r"data\.[a-z][a-z0-9_]*", ("data.source", "data.trips"))] = Field(
        description="The source: `data.<name>`."
    )


class OnAny(TriggerParts):
    """Starts when one of these monitors fires."""

    words: ClassVar[str] = "a trigger on monitors"

    any_of: Annotated[Many[Name], Field(min_length=1)] = Field(
        description="Names of monitors.", examples=[["drift", "truthful"]]
    )


class OnAll(TriggerParts):
    """Starts when all of these monitors have fired."""

    words: ClassVar[str] = "a trigger on monitors"

    all_of: Annotated[Many[Name], Field(min_length=1)] = Field(
        description="Names of monitors.", examples=[["drift", "truthful"]]
    )


class After(TriggerParts):
    """Starts when training has ended well and its gates held."""

    words: ClassVar[str] = "a trigger after training"

    after: Literal["training"] = Field(description="training.")


class OnInvoke(TriggerParts):
    """Lets another system start it, through an endpoint where the target has one."""

    words: ClassVar[str] = "a trigger by call"

    invoke: Literal[True] = Field(description="true.")


class Sns(Model):
    """A topic of AWS SNS."""

    words: ClassVar[str] = "an SNS topic"
    spread: ClassVar[tuple[str, ...]] = ("topic",)

    topic: Text1 = Field(description="The topic's ARN.")


class EventGrid(Model):
    """A topic of Azure Event Grid."""

    words: ClassVar[str] = "an Event Grid topic"
    spread: ClassVar[tuple[str, ...]] = ("topic",)

    topic: Text1 = Field(description="The topic.")


class SnsMessage(Model):
    """A message of AWS SNS."""

    words: ClassVar[str] = "a message"

    sns: Sns = Field(description="A topic of AWS SNS.")


class EventGridMessage(Model):
    """A message of Azure Event Grid."""

    words: ClassVar[str] = "a message"

    event_grid: EventGrid = Field(description="A topic of Azure Event Grid.")


class PubSubMessage(Model):
    """A message of Google Pub/Sub."""

    words: ClassVar[str] = "a message"

    pubsub: PubSub = Field(description="A topic of Google Pub/Sub.")


class KafkaMessage(Model):
    """A message of Kafka."""

    words: ClassVar[str] = "a message"

    kafka: Kafka = Field(description="A topic of a Kafka cluster.")


Message: TypeAlias = Annotated[
    Annotated[SnsMessage, tag("sns")]
    | Annotated[EventGridMessage, tag("event_grid")]
    | Annotated[PubSubMessage, tag("pubsub")]
    | Annotated[KafkaMessage, tag("kafka")],
    by_presence("sns", "event_grid", "pubsub", "kafka", words="a message"),
]


class OnMessage(TriggerParts):
    """Starts when a message arrives."""

    words: ClassVar[str] = "a message trigger"

    message: Message = Field(description="Where from: `{sns: …}`, `{event_grid: …}`, `{pubsub: …}` or `{kafka: …}`.")


Trigger: TypeAlias = Annotated[
    Annotated[OnSchedule, tag("schedule")]
    | Annotated[OnNewData, tag("new_data")]
    | Annotated[OnAny, tag("any_of")]
    | Annotated[OnAll, tag("all_of")]
    | Annotated[After, tag("after")]
    | Annotated[OnInvoke, tag("invoke")]
    | Annotated[OnMessage, tag("message")],
    by_presence("schedule", "new_data", "any_of", "all_of", "after", "invoke", "message", words="a trigger"),
]
