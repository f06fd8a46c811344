"""The one image of a product: the environment's version, and what this target adds to its requirements."""

from __future__ import annotations

import hashlib

from mlopsgen.plan.graph import all_jobs
from mlopsgen.plan.services import RealTime
from mlopsgen.plan.steps import AnyJob, FromRegistry, Plan, Register, Tune
from mlopsgen.plan.values import ChampionUri, Flag, LiveUri, PortKind, StateUri
from mlopsgen.targets.image import content_tag

USER = None
"""Azure ML mounts folders for root, so the image keeps root as its user."""

ENTRYPOINT = False
"""Jobs are started inside a container that runs already, and images with an entry point were seen to end before
(Azure/azureml-previews issue 183, Azure/MachineLearningNotebooks issue 1389)."""

COMMAND = ("python", "-m", "mlopsgen_runtime.platforms.azure_start")
"""What an online deployment starts: it has no place for a command of its own."""

_IDENTITY = "azure-identity>=1.17"
# Its releases say how new an MLflow they go with, so pip picks one that fits.
_TRACKING = "azureml-mlflow>=1.60"


def image_version(plan: Plan) -> str:
    """A version that changes exactly when what steps run in changes."""
    if plan.image.prebuilt is not None:
        return f"img-{hashlib.sha256(plan.image.prebuilt.encode()).hexdigest()[:16]}"
    extra = extra_requirements(plan)
    return content_tag(plan.image, user=USER, extra=extra, entrypoint=ENTRYPOINT, command=command(plan))


def command(plan: Plan) -> tuple[str, ...]:
    """What the image starts by itself, where something is served."""
    return COMMAND if any(isinstance(one, RealTime) for one in plan.services) else ()


def extra_requirements(plan: Plan) -> tuple[str, ...]:
    """What the image needs beside the user's own requirements, for this platform alone."""
    libraries = []
    jobs = all_jobs(plan)
    registers = any(isinstance(step, Register) for step in plan.steps)
    if registers or command(plan) or any(map(calls_azure, jobs)):
        libraries.append(_IDENTITY)
    if any(tells_metrics(plan, job) for job in jobs):
        libraries.append(_TRACKING)
    return tuple(libraries)


def calls_azure(job: AnyJob) -> bool:
    """Whether the runtime itself calls Azure inside the job: for secrets, the registry, its own state, or scoring."""
    holes = (a.value for a in job.argv if isinstance(a, Flag))
    outside = any(isinstance(hole, ChampionUri | StateUri | LiveUri) for hole in holes)
    return bool(job.secrets) or outside or any(isinstance(i.source, FromRegistry) for i in job.inputs)


def tells_metrics(plan: Plan, job: AnyJob) -> bool:
    """Whether a job's metrics are recorded by the workspace: always those of a search, which decides by them."""
    if job.image is not None or metrics_port(job) is None:
        return False
    return isinstance(job, Tune) or plan.tracking.mlflow is None


def metrics_port(job: AnyJob) -> str | None:
    """The output that holds metrics.json."""
    return next((o.port for o in job.outputs if o.kind is PortKind.METRICS), None)
