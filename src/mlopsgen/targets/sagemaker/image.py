"""The one image of a product: its name in ECR, and what this target adds to it."""

from __future__ import annotations

from mlopsgen.plan.graph import all_jobs, real_times
from mlopsgen.plan.steps import AnyJob, FromRegistry, Plan
from mlopsgen.plan.values import ChampionUri, Flag, LiveUri, StateUri
from mlopsgen.spec.values import Ref
from mlopsgen.targets.image import content_tag, requirements_of_uris
from mlopsgen.targets.sagemaker.machines import catalogue
from mlopsgen.targets.sagemaker.names import Home
from mlopsgen.targets.sagemaker.options import SageMakerOptions

USER = None
"""SageMaker mounts its folders for root, so the image keeps root as its user."""


def image_uri(plan: Plan, home: Home, options: SageMakerOptions) -> str:
    """The image that every step runs: one that exists, the pushed one by digest, or by its content's tag."""
    if plan.image.prebuilt is not None:
        return plan.image.prebuilt
    tag = image_tag(plan, options)
    return plan.image.lock.pushed_image(f"{home.registry}/{options.repository or plan.name}:{tag}")


def image_tag(plan: Plan, options: SageMakerOptions) -> str:
    """The tag that the built image has until the lock knows its digest."""
    return content_tag(plan.image, user=USER, extra=extra_requirements(plan), gpu=has_gpu(plan, options))


def has_gpu(plan: Plan, options: SageMakerOptions) -> bool:
    """Whether a machine of the product has accelerators, or may have them: a run may name it."""
    named = [catalogue(training=True).known(machine) for machine in options.machines.values()]
    needs = [job.resources.gpu for job in (*all_jobs(plan), *(one.job for one in real_times(plan)))]
    by_run = any(isinstance(machine, Ref) for machine in options.machines.values())
    return by_run or any(needs) or any(machine.gpu for machine in named if machine)


def extra_requirements(plan: Plan) -> tuple[str, ...]:
    """What the image needs beside the user's own requirements, for this platform alone."""
    jobs = all_jobs(plan)
    # MLflow's client reaches SageMaker's own servers, which are named by ARN, through a plug-in.
    plugin = ("sagemaker-mlflow>=0.1",) if (plan.tracking.mlflow or "").startswith("arn:") else ()
    live = real_times(plan)
    uris = (
        *(("sagemaker://",) if live or any(map(calls_aws, jobs)) else ()),
        *(("sagemaker-endpoint://",) if live else ()),
    )
    return (*(requirements_of_uris(uris) if uris else ()), *plugin)


def calls_aws(job: AnyJob) -> bool:
    """Whether the runtime itself calls AWS inside the job: for secrets, the registry, or its own state."""
    state = any(isinstance(a, Flag) and isinstance(a.value, StateUri | LiveUri) for a in job.argv)
    return bool(job.secrets) or state or bool(reads_registry(job))


def reads_registry(job: AnyJob) -> tuple[str, ...]:
    """The registered models that the runtime opens inside the job."""
    champions = [a.value.model for a in job.argv if isinstance(a, Flag) and isinstance(a.value, ChampionUri)]
    fetched = [i.source.model for i in job.inputs if isinstance(i.source, FromRegistry)]
    return tuple(dict.fromkeys((*champions, *fetched)))
