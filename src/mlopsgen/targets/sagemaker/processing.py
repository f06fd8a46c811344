"""Steps that are one command in a container: preparation, custom steps, evaluation."""

from __future__ import annotations

from mlopsgen.plan.steps import AnyJob, Evaluate, FromRegistry
from mlopsgen.plan.values import Flag, PortKind
from mlopsgen.targets.launcher import flag_words, plain
from mlopsgen.targets.machines import report_nodes
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.commands import PROCESSING, check_words, launched, launcher_flags, words
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import inputs, outputs
from mlopsgen.targets.sagemaker.jobs import environment, facts, machines_of, time_limit
from mlopsgen.targets.sagemaker.native import ProcessingStep


def processing_step(context: Context, job: AnyJob) -> ProcessingStep:
    """A step as a Processing job."""
    _check(context, job)
    laid, archives = inputs(context, job)
    flags = list(launcher_flags(context, job, archives))
    if job.image is None:
        # Without that file the console says that the container ended with an exit code, and no more.
        flags += flag_words(plain, failure_file=PROCESSING.failure)
    elif flags:
        _no_launcher(context, job)
        flags = []
    command = launched(flags, words(context, job))
    check_words(context, job, command)
    return ProcessingStep(
        **facts(context, job),
        image=image_of(context, job),
        entrypoint=(str(command[0]),),
        arguments=command[1:],
        machines=machines_of(context, job),
        inputs=laid,
        outputs=outputs(context, job),
        output_key=context.plan.governance.encryption_key,
        seconds=time_limit(context, job),
        environment=environment(context, job),
        network=context.network,
        encrypt_traffic=context.network is not None and job.resources.nodes != 1,
        role=context.job_role,
        tags=context.tags,
        gate_output=_gate(job),
    )


def _gate(job: AnyJob) -> str | None:
    if not isinstance(job, Evaluate):
        return None
    return next((o.port for o in job.outputs if o.kind is PortKind.GATE), None)


def _check(context: Context, job: AnyJob) -> None:
    for what, count in (("inputs", len(job.inputs)), ("outputs", len(job.outputs))):
        if count > names.PROCESSING_PORTS:
            message = f"`{job.name}` has {count} {what}; a Processing job of SageMaker takes {names.PROCESSING_PORTS}"
            context.error("MG306", message, (*job.origin, what), hint="put several files into one output")
    if job.resources.spot:
        context.error(
            "MG301",
            f"`{job.name}` asks for spot capacity, which SageMaker has for training alone",
            (*job.resources.origin, "spot"),
            hint="`spot: false`",
        )
    report_nodes(context, job)


def image_of(context: Context, job: AnyJob) -> str:
    """The product's image, or the step's own, which has to lie in ECR."""
    if job.image is not None and ".dkr.ecr." not in job.image:
        context.error(
            "MG301",
            f"`{job.image}` of `{job.name}` is not in Amazon ECR: SageMaker takes images from nowhere else",
            (*job.origin, "image"),
            hint=f"push it to {context.home.registry}",
        )
    return job.image or context.image


def _no_launcher(context: Context, job: AnyJob) -> None:
    """A foreign image has no launcher, so what needs it cannot be had there."""
    if job.secrets:
        reason = "secrets are fetched by the launcher"
    elif any(isinstance(argument, Flag) and argument.optional for argument in job.argv):
        reason = "only the launcher leaves out a flag whose parameter has no value"
    elif any(isinstance(i.source, FromRegistry) for i in job.inputs):
        reason = "a registered model is fetched by the launcher"
    else:
        reason = "what a training writes arrives packed, and the launcher unpacks it"
    context.error(
        "MG301",
        f"`{job.name}` runs a foreign image, which has no launcher: {reason}",
        (*job.origin, "image"),
        hint="leave `image` out and put the program into the product's own image",
    )
