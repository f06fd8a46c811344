"""What this target adds to the one image of a product."""

from __future__ import annotations

from mlopsgen.plan.graph import all_jobs
from mlopsgen.plan.steps import AnyJob, Evaluate, FromRegistry, Plan, Register
from mlopsgen.plan.values import ChampionUri, Flag, LiveUri, StateUri
from mlopsgen.targets.image import requirements_of_uris
from mlopsgen.targets.vertex.tables import read_tables

USER = None
"""Cloud Storage is mounted for root, so the image keeps root as its user."""


def extra_requirements(plan: Plan) -> tuple[str, ...]:
    """What the image needs for this platform alone: the runtime asks Google's services by their REST interface."""
    records = plan.tracking.mlflow is None
    registers = any(isinstance(step, Register) for step in plan.steps)
    asks = records or bool(read_tables(plan)) or registers or any(map(_calls_google, all_jobs(plan)))
    return requirements_of_uris(("gs:",)) if asks else ()


def _calls_google(job: AnyJob) -> bool:
    """Whether the runtime itself asks a service inside the step."""
    state = any(isinstance(a, Flag) and isinstance(a.value, StateUri | LiveUri) for a in job.argv)
    return bool(job.secrets) or state or reads_registry(job)


def reads_registry(job: AnyJob) -> bool:
    """Whether the runtime opens registered models inside the step."""
    fetched = any(isinstance(item.source, FromRegistry) for item in job.inputs)
    compared = isinstance(job, Evaluate) and job.reads_champion
    return fetched or compared or any(isinstance(a, Flag) and isinstance(a.value, ChampionUri) for a in job.argv)
