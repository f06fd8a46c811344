"""Streams of messages, by the system that carries them."""

from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from mlopsgen.spec.model import Model, by_presence, tag
from mlopsgen.spec.steps import Count
from mlopsgen.spec.units import Duration, SecretName, Shaped

Lag: TypeAlias = Annotated[
    int | str,
    Shaped("a number of messages or a duration", r"[1-9][0-9]{0,8}(?:ms|s|m|h|d)?", ("10000", "5m"), number=True),
]
Text1: TypeAlias = Annotated[str, Field(min_length=1, max_length=256)]


class Credentials(Model):
    """Where the credentials lie: a name, never the value."""

    words: ClassVar[str] = "`auth`"

    secret: SecretName = Field(description="The name of the secret in the target's own store.")


class Kafka(Model):
    """A topic of a Kafka cluster."""

    words: ClassVar[str] = "a Kafka topic"

    bootstrap: Text1 = Field(
        description="The brokers, `host:port` with commas between.", examples=["broker-1:9092,broker-2:9092"]
    )
    topic: Text1 = Field(description="The topic.")
    group: Text1 | None = Field(default=None, description="The consumer group. Default: the deployment's name.")
    tls: bool = Field(default=True, description="Whether the connection is encrypted. Default: true.")
    auth: Credentials | None = Field(
        default=None, description="`{secret: <name>}`: a secret with user and password. Default: none."
    )


class Kinesis(Model):
    """A Kinesis data stream."""

    words: ClassVar[str] = "a Kinesis stream"
    spread: ClassVar[tuple[str, ...]] = ("stream",)

    stream: Text1 = Field(description="The stream's name or ARN.")


class EventHubs(Model):
    """An event hub of Azure."""

    words: ClassVar[str] = "an event hub"

    namespace: Text1 = Field(description="The Event Hubs namespace.")
    hub: Text1 = Field(description="The event hub.")
    group: Text1 = Field(default="$Default", description="The consumer group. Default: $Default.")


class PubSub(Model):
    """A topic of Google Pub/Sub."""

    words: ClassVar[str] = "a Pub/Sub topic"
    spread: ClassVar[tuple[str, ...]] = ("topic",)

    topic: Text1 = Field(description="The topic.")
    subscription: Text1 | None = Field(default=None, description="The subscription to read. Default: one is made.")


class KafkaStream(Model):
    """A stream carried by Kafka."""

    words: ClassVar[str] = "a stream"

    kafka: Kafka = Field(description="A topic of a Kafka cluster.")


class KinesisStream(Model):
    """A stream carried by Kinesis."""

    words: ClassVar[str] = "a stream"

    kinesis: Kinesis = Field(description="A Kinesis data stream.")


class EventHubsStream(Model):
    """A stream carried by Azure Event Hubs."""

    words: ClassVar[str] = "a stream"

    event_hubs: EventHubs = Field(description="An event hub of Azure.")


class PubSubStream(Model):
    """A stream carried by Google Pub/Sub."""

    words: ClassVar[str] = "a stream"

    pubsub: PubSub = Field(description="A topic of Google Pub/Sub.")


Stream: TypeAlias = Annotated[
    Annotated[KafkaStream, tag("kafka")]
    | Annotated[KinesisStream, tag("kinesis")]
    | Annotated[EventHubsStream, tag("event_hubs")]
    | Annotated[PubSubStream, tag("pubsub")],
    by_presence("kafka", "kinesis", "event_hubs", "pubsub", words="a stream"),
]


class StreamBatch(Model):
    """How many messages are scored at once."""

    words: ClassVar[str] = "`batch`"
    spread: ClassVar[tuple[str, ...]] = ("size",)

    size: Count = Field(default=100, description="The most messages. Default: 100.")
    wait: Duration = Field(default="1s", description="The longest wait for them. Default: 1s.")
