"""A workflow in Acme's own terms: data, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from mlopsgen.targets.api import steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value that a run may change; `default` is text, as Acme keeps it, or None."""

    name: str
    type: str
    default: str | None
    description: str
    values: tuple[object, ...]
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a job adds to Acme's model store, unless the gate's file says no."""

    model: str
    folder: str
    gate: str | None
    approval: str
    card: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One container."""

    name: str
    needs: tuple[str, ...]
    image: str
    command: tuple[str, ...]
    env: dict[str, str]
    secrets: dict[str, str]
    retries: int
    backoff: int
    timeout: int | None
    cpu: float | None
    memory: int | None
    disk: int | None
    condition: str | None
    always: bool
    register: Registration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A whole workflow.yaml, and the image that is built for it."""

    name: str
    description: str
    owner: str
    queue: str
    experiment: str
    tags: dict[str, str]
    parameters: tuple[Parameter, ...]
    data: dict[str, str]
    schedules: dict[str, str]
    calls: tuple[str, ...]
    """Triggers by which another system starts a run."""
    jobs: tuple[Job, ...]
    built: steps.Image
