"""Steps that run however a run ended, where a target gives them a pipeline of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mlopsgen.plan.steps import AnyJob, FromStep, Plan, Register
from mlopsgen.spec.values import refs
from mlopsgen.targets.reporting import Reporting


def exit_jobs(plan: Plan) -> tuple[AnyJob, ...]:
    """The steps with `always`. They wait for each other alone: everything else is over by then."""
    jobs = tuple(step for step in plan.steps if not isinstance(step, Register) and step.always)
    inside = {job.name for job in jobs}
    return tuple(replace(job, after=tuple(name for name in job.after if name in inside)) for job in jobs)


def check_exit_jobs(report: Reporting, plan: Plan, jobs: Iterable[AnyJob], hint: str) -> None:
    """Reports what a run of their own cannot have: outputs of the run that ended, and parameters that nobody gives.

    `hint` says how a script reads such an output.
    """
    jobs = tuple(jobs)
    inside = {job.name for job in jobs}
    required = {parameter.name for parameter in plan.parameters if parameter.required}
    for job in jobs:
        for item in job.inputs:
            if isinstance(item.source, FromStep) and item.source.step not in inside:
                never = f"`{job.name}` runs even when `{item.source.step}` never did"
                report.error("MG301", f"{never}, so it cannot be handed that output", item.origin, hint)
        for param in job.params:
            for name in (ref.name for ref in refs(param.value) if ref.name in required):
                message = f"`{job.name}` runs on its own, where nobody gives `{name}` a value"
                report.error("MG301", message, param.origin, "give the parameter a `default`")
