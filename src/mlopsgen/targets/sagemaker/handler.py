"""The exit handler: steps that run however the rest ended, as a pipeline of their own.

A pipeline of SageMaker ends with its first failed step. What has to run even so lies in a second
pipeline, which EventBridge starts when the first one has succeeded, failed or been stopped.
"""

from __future__ import annotations

from dataclasses import replace

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import AnyJob, FromStep, Plan, Register
from mlopsgen.spec.values import RunFact, Text, refs
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.expressions import Facts, get, parameter, references
from mlopsgen.targets.sagemaker.native import Definition, Parameter, Step
from mlopsgen.targets.sagemaker.parameters import parameters
from mlopsgen.targets.sagemaker.processing import processing_step
from mlopsgen.targets.sagemaker.show import shown_steps
from mlopsgen.targets.sagemaker.triggers import RUN_ARN

FACTS = Facts(parameter(RUN_ARN), get("Execution", "StartDateTime"))


def always_steps(plan: Plan) -> tuple[AnyJob, ...]:
    """The steps of the exit handler."""
    return tuple(step for step in plan.steps if not isinstance(step, Register) and step.always)


def exit_handler(context: Context) -> Definition | None:
    """The second pipeline, when there are steps for it."""
    always = always_steps(context.plan)
    if not always:
        return None
    inner = replace(context, facts=FACTS)
    steps: list[Step] = []
    for job in always:
        _check(context, job)
        steps.append(processing_step(inner, replace(job, after=_after(job, always))))
    context.note(
        "the steps with `always` are a pipeline of their own on SageMaker, started by EventBridge when a run has "
        "ended; it may be started twice",
        always[0].origin,
        on=On.KEY,
        hint="make what they do harmless when it is done twice",
    )
    read = {path.removeprefix("Parameters.") for path in references(shown_steps(tuple(steps)))}
    own = (Parameter(name=RUN_ARN, type="String"),) if RUN_ARN in read else ()
    return Definition(parameters=(*own, *parameters(context, read)), experiment=None, steps=tuple(steps))


def _after(job: AnyJob, always: tuple[AnyJob, ...]) -> tuple[str, ...]:
    """Everything else is over by then."""
    inside = {other.name for other in always}
    return tuple(name for name in job.after if name in inside)


def _check(context: Context, job: AnyJob) -> None:
    inside = {other.name for other in always_steps(context.plan)}
    for item in job.inputs:
        if isinstance(item.source, FromStep) and item.source.step not in inside:
            context.error(
                "MG301",
                f"`{job.name}` runs even when `{item.source.step}` never did, so SageMaker cannot hand it that output",
                item.origin,
                hint=f"read it from `s3://{context.home.bucket}/{context.home.product}/runs/` in the script",
            )
    required = {p.name for p in context.plan.parameters if p.required}
    for param in job.params:
        for ref in refs(param.value):
            if ref.name in required:
                context.error(
                    "MG301",
                    f"`{job.name}` runs on its own, where nobody gives `{ref.name}` a value",
                    param.origin,
                    hint="give the parameter a `default`",
                )
        if _reads_run(param.value):
            said = "`run.id` of an exit handler is the whole ARN of the run that ended, which is all EventBridge tells"
            context.note(said, param.origin)


def _reads_run(value: object) -> bool:
    parts = value.parts if isinstance(value, Text) else (value,)
    return any(isinstance(part, RunFact) and part.name == "run.id" for part in parts)
