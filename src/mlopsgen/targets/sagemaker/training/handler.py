"""The exit handler: steps that run however the rest ended, as a pipeline of their own.

A pipeline of SageMaker ends with its first failed step. What has to run even so lies in a second
pipeline, which EventBridge starts when the first one has succeeded, failed or been stopped.
"""

from __future__ import annotations

from dataclasses import replace

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import AnyJob
from mlopsgen.spec.values import RunFact, Text
from mlopsgen.targets.exit_jobs import check_exit_jobs, exit_jobs
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.expressions import Facts, get, parameter, references
from mlopsgen.targets.sagemaker.native import Definition, PipelineParameter
from mlopsgen.targets.sagemaker.parameters import parameters
from mlopsgen.targets.sagemaker.processing import processing_step
from mlopsgen.targets.sagemaker.template_values import step_values
from mlopsgen.targets.sagemaker.triggers import RUN_ARN

FACTS = Facts(parameter(RUN_ARN), get("Execution", "StartDateTime"))


def exit_handler(context: Context) -> Definition | None:
    """The second pipeline, when there are steps for it."""
    jobs = exit_jobs(context.plan)
    if not jobs:
        return None
    inner = replace(context, facts=FACTS)
    places = " or ".join(f"`s3://{context.home.bucket}/{prefix}`" for prefix in context.results)
    check_exit_jobs(context, context.plan, jobs, f"read it from {places} in the script")
    _check_run_ids(context, jobs)
    _check_conditions(context, jobs)
    steps = tuple(processing_step(inner, job) for job in jobs)
    context.note(
        "the steps with `always` are a pipeline of their own on SageMaker, started by EventBridge when a run has "
        "ended; it may be started twice",
        jobs[0].origin,
        on=On.KEY,
        hint="make what they do harmless when it is done twice",
    )
    read = {path.removeprefix("Parameters.") for path in references(step_values(steps))}
    own = (PipelineParameter(name=RUN_ARN, type="String"),) if RUN_ARN in read else ()
    return Definition(parameters=(*own, *parameters(context, read)), experiment=None, steps=steps)


def _check_run_ids(context: Context, jobs: tuple[AnyJob, ...]) -> None:
    for param in (param for job in jobs for param in job.params if _reads_run(param.value)):
        message = "`run.id` of an exit handler is the whole ARN of the run that ended, which is all EventBridge tells"
        context.note(message, param.origin)


def _check_conditions(context: Context, jobs: tuple[AnyJob, ...]) -> None:
    for job in jobs:
        if job.when is not None:
            message = f"`{job.name}` runs on its own when a run has ended, where nobody knows its `{job.when.name}`"
            hint = "take `when` out, or `always`"
            context.error("MG301", message, (*job.origin, "when"), hint)


def _reads_run(value: object) -> bool:
    parts = value.parts if isinstance(value, Text) else (value,)
    return any(isinstance(part, RunFact) and part.name == "run.id" for part in parts)
