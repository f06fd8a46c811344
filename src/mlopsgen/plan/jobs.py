"""Steps of a spec as jobs of a plan: everything that is the same for every kind of step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.steps import Gpu, NamedValue, Resources, Retries, Secret
from mlopsgen.records import dataclass
from mlopsgen.spec.steps import Resources as SpecResources
from mlopsgen.spec.steps import StepParts
from mlopsgen.spec.units import bytes_of, seconds
from mlopsgen.spec.values import ParamValue, Ref


class Common(TypedDict):
    """The fields of a Job that mean the same wherever the step stands."""

    params: tuple[NamedValue, ...]
    resources: Resources
    env: tuple[tuple[str, str], ...]
    secrets: tuple[Secret, ...]
    image: str | None
    retries: Retries | None
    timeout: int | None
    cache: bool
    after: tuple[str, ...]
    when: Ref | None
    always: bool
    origin: SpecPath


@dataclass(frozen=True, slots=True)
class Placed:
    """A step of the spec and where it stands."""

    name: str
    step: StepParts
    where: SpecPath


def common(placed: Placed) -> Common:
    """What every kind of step takes over from the spec as it is."""
    step, where = placed.step, placed.where
    return Common(
        params=named_values(step.params, (*where, "params")),
        resources=resources(step.resources, (*where, "resources")),
        env=tuple(step.env.items()),
        secrets=tuple(Secret(variable, name, (*where, "secrets", variable)) for variable, name in step.secrets.items()),
        image=step.image,
        retries=Retries(step.retries.attempts, seconds(step.retries.backoff)) if step.retries else None,
        timeout=seconds(step.timeout) if step.timeout else None,
        cache=step.cache,
        after=step.after,
        when=step.when,
        always=step.always,
        origin=where,
    )


def named_values(params: Mapping[str, ParamValue], where: SpecPath) -> tuple[NamedValue, ...]:
    """Params in the spec's order; one that is null has no flag and is left out."""
    return tuple(NamedValue(name=n, value=v, origin=(*where, n)) for n, v in params.items() if v is not None)


def resources(asked: SpecResources, where: SpecPath) -> Resources:
    """What a machine must have, in bytes and counts."""
    return Resources(
        cpu=asked.cpu,
        memory=bytes_of(asked.memory) if asked.memory else None,
        disk=bytes_of(asked.disk) if asked.disk else None,
        gpu=Gpu(asked.gpu.kind, asked.gpu.count) if asked.gpu else None,
        nodes=asked.nodes,
        spot=asked.spot,
        origin=where,
    )
