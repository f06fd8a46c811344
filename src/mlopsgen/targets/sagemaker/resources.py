"""The resources of the stack, and actions of AWS that always go together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from mlopsgen.records import dataclass

MLFLOW = (
    "CreateExperiment",
    "CreateRun",
    "DeleteTag",
    "GetExperiment",
    "GetExperimentByName",
    "GetMetricHistory",
    "GetRun",
    "ListArtifacts",
    "LogBatch",
    "LogInputs",
    "LogMetric",
    "LogModel",
    "LogParam",
    "SearchExperiments",
    "SearchRuns",
    "SetExperimentTag",
    "SetTag",
    "UpdateRun",
)
"""What a client that records runs calls (service authorization reference, sagemaker-mlflow)."""
NETWORK = (
    "CreateNetworkInterface",
    "CreateNetworkInterfacePermission",
    "DeleteNetworkInterface",
    "DeleteNetworkInterfacePermission",
)
NETWORK_VIEW = (
    "DescribeDhcpOptions",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeVpcs",
)


Tags: TypeAlias = tuple[Mapping[str, str], ...]
"""`{"Key": …, "Value": …}`, as every request of AWS takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that a role may do."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role, who may take it, and what it may do."""

    id: str
    name: str
    description: str
    service: str
    account: str | None
    """The account whose resources may use it; None where the service does not tell whose they are."""
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A managed policy for people and systems outside the stack."""

    id: str
    output: str
    name: str
    description: str
    roles: tuple[str, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Starts the pipeline by the clock."""

    id: str
    name: str
    expression: str
    timezone: str
    pipeline_arn: str
    pipeline_id: str
    """The resource that has to be there first."""
    input: str | None = None
    """What a universal target is called with; None: a pipeline with every parameter at its default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """Starts a pipeline when something happens."""

    id: str
    name: str
    description: str
    pattern: Mapping[str, Any]
    pipeline_id: str
    pipeline_arn: str
    parameters: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutProject:
    """Rolls versions of one real-time deployment out, and what starts it by itself."""

    id: str
    name: str
    description: str
    image: str
    plan: str
    """Where its plan lies in S3."""
    region: str
    minutes: int
    role_id: str
    logs_id: str
    rule_id: str
    rule: str | None
    """The name of the rule that starts it when a version is approved; None: a person does."""
    pattern: Mapping[str, Any]
    """Of an approval."""
    buildspec: str
    log_group: str
    input: str
    """What an approval starts it with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineResource:
    """A pipeline as the stack makes it; its definition lies in S3 under its digest, which the deployment gives."""

    id: str
    name: str
    description: str
    digest_parameter: str
    key: str
    """With `${…}` where the digest stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Everything that is not a step of a pipeline."""

    description: str
    bucket: str
    tags: Tags
    pipelines: tuple[PipelineResource, ...]
    role_path: str | None
    """None: the account's root, as is the default."""
    permissions_boundary: str | None
    role_arn: str | None
    """A role that exists already; None: the stack makes its own."""
    group: str | None
    group_description: str
    repository: str | None
    key: str | None
    roles: tuple[Role, ...]
    policies: tuple[Policy, ...]
    schedules: tuple[Schedule, ...]
    rules: tuple[EventRule, ...]
    rollouts: tuple[RolloutProject, ...]
    retention_days: int
