"""What accounts and people may do: exactly what this product needs.

Which method asks for which permission: cloud.google.com/vertex-ai/docs/general/iam-permissions and
docs.cloud.google.com/iam/docs/roles-permissions/aiplatform.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlopsgen.plan.graph import all_jobs
from mlopsgen.records import dataclass
from mlopsgen.targets.ir.parts import Command, Part
from mlopsgen.targets.vertex.account import Account
from mlopsgen.targets.vertex.image import reads_registry
from mlopsgen.targets.vertex.tables import STARTS, read_tables
from mlopsgen.targets.vertex.training.launchers import CUSTOM_JOB, IMAGE
from mlopsgen.targets.vertex.training.registration import NAME as RECORD


@dataclass(frozen=True, slots=True)
class Role:
    """A custom role."""

    use: str
    title: str
    description: str
    permissions: tuple[str, ...]


def runner(account: Account, parts: Sequence[Part]) -> Role:
    """What the pipeline and its jobs do in the project; buckets, repositories and secrets are allowed one by one."""
    allowed = {"metadataStores.get", *_jobs(parts), *_experiment(parts), *_registry(account)}
    tables = (STARTS,) if read_tables(account.plan) else ()
    title = f"Runs {account.plan.name}"
    message = f"What the pipeline of {account.plan.name} does in Vertex AI{' and BigQuery' if tables else ''}"
    return Role("runner", title, message, (*(f"aiplatform.{one}" for one in sorted(allowed)), *tables))


def starter(account: Account) -> Role:
    """Starts runs and follows them."""
    verbs = ("cancel", "create", "get", "list")
    title, message = f"Starts {account.plan.name}", f"Starts runs of {account.plan.name}, follows them and cancels them"
    return Role("invoke", title, message, tuple(f"aiplatform.pipelineJobs.{verb}" for verb in verbs))


def approver(account: Account) -> Role:
    """Looks at versions and gives them their alias."""
    reads = ("modelEvaluations.get", "modelEvaluations.list", "models.get", "models.list", "models.update")
    title, message = f"Approves {account.plan.name}", f"Looks at versions of {account.plan.name} and approves them"
    return Role("deploy", title, message, tuple(f"aiplatform.{one}" for one in reads))


def launches(parts: Sequence[Part]) -> bool:
    """Whether the pipeline makes jobs, which run as the same account."""
    return any(isinstance(part.runs, Command) and part.runs.image == IMAGE for part in parts)


def _jobs(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part.runs, Command) and part.runs.image == IMAGE:
            custom = (CUSTOM_JOB.type,) in part.runs.words
            kind = "customJobs" if custom else "hyperparameterTuningJobs"
            yield from (f"{kind}.{verb}" for verb in ("cancel", "create", "get"))


def _experiment(parts: Sequence[Part]) -> Iterator[str]:
    if any(part.name == RECORD for part in parts):
        yield from (f"contexts.{verb}" for verb in ("addContextChildren", "create", "get"))


def _registry(account: Account) -> Iterator[str]:
    if account.registered is not None:
        # A version that a try before this one has made is looked for first: models.listVersions asks for models.list.
        yield from ("models.get", "models.list", "models.update", "models.upload", "modelEvaluations.import")
    if any(map(reads_registry, all_jobs(account.plan))):
        yield from ("models.get", "models.list")
