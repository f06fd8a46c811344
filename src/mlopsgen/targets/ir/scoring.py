"""Batch deployments: each is a pipeline of one task, lowered as any other pipeline is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlopsgen.plan.graph import batches
from mlopsgen.plan.services import Batch
from mlopsgen.plan.steps import Plan
from mlopsgen.plan.values import Flag, LiveUri, Setting
from mlopsgen.records import dataclass
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.values import refs

FOLDER = "deployments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """A batch deployment as a plan of its own."""

    service: Batch
    plan: Plan
    options: TargetOptions
    """The target's, with the native keys of this deployment alone."""

    @property
    def file(self) -> str:
        """Where its pipeline lies in the bundle."""
        return f"{FOLDER}/{self.service.name}.yaml"


def scorings(plan: Plan, options: TargetOptions) -> Iterator[Scoring]:
    """A plan of one step for each batch deployment."""
    for service in batches(plan):
        read = _read(service)
        keys = {name: keys for name, keys in options.steps.items() if name == service.name}
        yield Scoring(
            service=service,
            plan=replace(
                plan,
                name=f"{plan.name}-{service.name}",
                description=f"Scores with {service.model}: deployment {service.name} of {plan.name}",
                parameters=tuple(one for one in plan.parameters if one.name in read),
                sources=(),
                steps=(service.job,),
                triggers=(),
                services=(),
            ),
            options=options.model_copy(update={"steps": keys}),
        )


def _read(service: Batch) -> frozenset[str]:
    """The run parameters that its command and its machines read."""
    job = service.job
    values: list[object] = [job.resources.nodes]
    for argument in job.argv:
        if isinstance(argument, Flag) and isinstance(argument.value, Setting):
            values.append(argument.value.value)
        elif isinstance(argument, Flag) and isinstance(argument.value, LiveUri):
            values.append(argument.value.uri)
    return frozenset(ref.name for value in values for ref in refs(value))
