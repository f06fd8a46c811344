"""The stack of one endpoint, field by field as CloudFormation's reference has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlopsgen.plan.services import RealTime
from mlopsgen.records import dataclass
from mlopsgen.targets.sagemaker.native import Network
from mlopsgen.targets.sagemaker.resources import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A figure of CloudWatch."""

    namespace: str
    name: str
    statistic: str
    dimensions: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A figure inside of a formula."""

    id: str
    metric: Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmResource:
    """Takes a rollout back."""

    id: str
    name: str
    description: str
    metric: Metric | None
    """None: what the formula says."""
    extended: bool = False
    """Whether the statistic is a percentile."""
    terms: tuple[Term, ...] = ()
    formula: str | None = None
    threshold: float
    periods: int
    """Minutes one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """How requests move from the old machines to the new ones."""

    type: str
    size_key: str | None = None
    percent: int = 100
    wait: int = 0
    """Seconds after each step."""
    termination: int = 0
    """Seconds for which the old machines are kept when all requests are moved."""
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """Keeps a figure near its target."""

    id: str
    name: str
    predefined: str | None
    metric: Metric | None
    target: float
    cooldown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Other bounds from a certain minute of certain days."""

    name: str
    expression: str
    timezone: str
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaledVariant:
    """How many machines there may be, and what makes them come and go."""

    low: int
    high: int
    policies: tuple[Tracking, ...]
    changes: tuple[Change, ...]
    wakes: bool
    """Whether the first request of an endpoint without machines starts one."""
    cooldown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Requests wait in S3, and so do answers."""

    output: str
    failures: str
    key: str | None
    at_once: int | None
    topics: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointResources:
    """Everything of serving.yaml."""

    name: str
    """Of the endpoint and of its stack."""
    variant: str
    description: str
    version_pattern: str
    role: str
    environment: Mapping[str, Any]
    network: Network | None
    machine: str
    count: int
    disk: int | None
    key: str | None
    queue: Queue | None
    routing: Routing
    alarms: tuple[AlarmResource, ...]
    scaling: ScaledVariant | None
    waits_for: tuple[str, ...]
    """What must be there before the endpoint is changed."""
    tags: Tags

    @property
    def resource_id(self) -> str:
        """The variant as Application Auto Scaling names it."""
        return f"endpoint/{self.name}/variant/{self.variant}"

    @property
    def waking(self) -> str:
        """What starts the first machine, and the alarm that tells it."""
        return f"{self.name}-waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A real-time deployment before it is printed."""

    id: str
    """A start of names inside the product's stack."""
    service: RealTime
    endpoint: EndpointResources
    role: str
    """The name of the endpoint's role."""
    project: str
    """The name of what rolls versions out."""
    minutes: int
    """How long a rollout may take."""

    @property
    def name(self) -> str:
        """Of the deployment."""
        return self.service.name

    @property
    def folder(self) -> str:
        """Where its files lie in the bundle, and under the product's prefix in S3."""
        return f"deployments/{self.name}"
