"""Real time in Azure ML's own terms: an endpoint, the deployment of a version in it, the job that rolls one out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlopsgen.plan.services import RealTime
from mlopsgen.records import dataclass
from mlopsgen.render.job import FileJob
from mlopsgen.targets.azureml.native import CommandNode, Compute, Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`deployments/<name>/endpoint.yml`: a managed online endpoint, without the shares of its deployments."""

    file: str
    name: str
    """Of all endpoints in the region."""
    description: str
    auth_mode: str
    """aad_token or key."""
    public_network_access: str
    """enabled or disabled."""
    identity: str
    """The resource id of the user-assigned identity that its servers have."""
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """`deployments/<name>/deployment.yml`: what a rollout makes of the first version."""

    file: str
    name: str
    endpoint_name: str
    model: str
    environment: str
    instance_type: str
    instance_count: int
    environment_variables: Mapping[str, str]
    request_timeout_ms: int
    max_concurrent_requests_per_instance: int
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutJob:
    """`deployments/<name>/rollout.yml`: a command job whose only input is the version."""

    file: str
    display_name: str
    description: str
    experiment_name: str
    version: str
    """What the input says until somebody says one."""
    command: str
    environment: str
    compute: str
    timeout: int
    """Seconds."""
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A real-time deployment before it is printed."""

    service: RealTime
    endpoint: Endpoint
    deployment: Deployment
    job: RolloutJob
    rollout: FileJob
    """rollout.json."""
    address: str
    """Where the job finds it, as the runtime's adapters take it."""
    compute: Compute | None
    """The cluster that rollouts are made on; None where it exists."""
    scaling: Mapping[str, Any] | None
    node: CommandNode | None
    """The end of the training pipeline, where a version is rolled out as soon as its gates held."""

    @property
    def name(self) -> str:
        """Of the deployment."""
        return self.service.name
