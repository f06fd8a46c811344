"""Batch deployments: each is a pipeline of one task, lowered as any other pipeline is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlopsgen.plan.graph import batches
from mlopsgen.plan.services import Batch
from mlopsgen.plan.steps import Plan, Run, RunParameter
from mlopsgen.plan.values import Flag, LiveUri, Setting
from mlopsgen.records import dataclass
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.values import Ref, RunFact, refs
from mlopsgen.targets.ir.parameters import SCHEDULED, SCHEDULED_AT

FOLDER = "deployments"
GIVEN_TIME = RunParameter(
    name=SCHEDULED_AT,
    type="string",
    required=False,
    default=SCHEDULED,
    description="Another time than the scheduled one, such as 2026-11-30T03:00:00Z",
)


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
                parameters=(*(one for one in plan.parameters if one.name in read), GIVEN_TIME),
                sources=(),
                steps=(_timed(service.job),),
                triggers=(),
                services=(),
            ),
            options=options.model_copy(update={"steps": keys}),
        )


def _timed(job: Run) -> Run:
    """The time that a person gives, and else the one that the run is scheduled for (see commands.launcher_flags)."""
    scheduled, parameter = Setting(RunFact("run.scheduled_at")), Setting(Ref(SCHEDULED_AT))
    argv = (replace(a, value=parameter) if isinstance(a, Flag) and a.value == scheduled else a for a in job.argv)
    return replace(job, argv=tuple(argv))


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
