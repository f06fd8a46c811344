"""What Vertex AI says its own way: addresses, resources, and jobs that a container cannot say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mlopsgen.plan.steps import AnyJob, LocalData, Register, Retries, Secret, Source, Tune
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref, Text
from mlopsgen.targets.addresses import Live, by_default, under
from mlopsgen.targets.ir.api import Hidden, Limit, Verdict
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.native import Accelerator, Resources, cpu_text, memory_text
from mlopsgen.targets.ir.parts import Part
from mlopsgen.targets.launcher import flag_words, plain
from mlopsgen.targets.vertex import machines
from mlopsgen.targets.vertex.account import Account
from mlopsgen.targets.vertex.tables import extracting, is_table
from mlopsgen.targets.vertex.training.custom import custom_job, wants_custom_job
from mlopsgen.targets.vertex.training.registration import recording, registering
from mlopsgen.targets.vertex.training.tuning import searched_by_service, tuning_job

GCS = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(?:/(.*))?", re.DOTALL)
SECRETS = "gcp-secretmanager://"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_SECRET = re.compile(r"gcp-secretmanager://[a-z][a-z0-9-]{4,28}[a-z0-9]/[A-Za-z0-9_-]{1,255}(?:/[A-Za-z0-9_-]+)?")


@dataclass(frozen=True, slots=True)
class OnVertex:
    """Vertex AI as a place that runs PipelineSpec."""

    account: Account
    recorded: bool = True
    """Whether runs are its experiment's."""

    @property
    def name(self) -> str:
        """The target's name."""
        return "vertex"

    @property
    def title(self) -> str:
        """The platform's name for people."""
        return "Vertex AI"

    def image(self, context: Context) -> str:
        """The image of every step."""
        return self.account.image

    def default_root(self, context: Context) -> str:
        """Where runs keep their artifacts."""
        return f"{self.account.home.prefix}/runs"

    def forbidden(self) -> Mapping[str, str]:
        """Text that a job expands (aiplatform v1, EnvVar.value); no escape is sure to be one."""
        return {"$(": "it stands for a variable of the container", "$$": "it stands for one dollar there"}

    def source(self, context: Context, source: Source) -> str | Text | Ref | None:
        """The address that a source is imported from."""
        if source.local is not None:
            return f"{local_uri(self.account, source.local)}/"
        if is_table(self.account.plan, source):
            return source.uri
        uri = by_default(self.account.plan, source.uri)
        head = uri.parts[0] if isinstance(uri, Text) else uri
        if isinstance(head, str) and GCS.match(head) is None:
            message = f"`{head}` of source `{source.name}` cannot be read by a job of Vertex AI"
            context.error(
                "MG313", message, source.origin, hint="copy or export it to Cloud Storage: `gs://bucket/prefix/`"
            )
        return source.uri

    def extracted(self, context: Context, source: Source) -> Part | None:
        """BigQuery writes a table into files."""
        project = self.account.home.project
        return extracting(context, project, source) if is_table(self.account.plan, source) else None

    def mounted(self, uri: Text) -> Text | None:
        """Every bucket is there under /gcs; an address whose bucket only the run knows is not."""
        head, *rest = uri.parts
        if not isinstance(head, str) or not GCS.fullmatch(head) or "/" not in head.removeprefix("gs://"):
            return None
        return Text((f"/gcs/{head.removeprefix('gs://')}", *rest))

    def registry_uri(self, context: Context, model: str) -> str:
        """The registry of a model as the runtime's adapter takes it."""
        home = self.account.home
        return f"vertex://{home.region}/{home.project}/{model}"

    def state_uri(self, context: Context, path: str) -> str:
        """Small state between runs."""
        return f"{self.account.home.prefix}/state/{path}"

    def live_uri(self, context: Context, uri: Live) -> Live:
        """A relative one lies under the product's own prefix of the bucket."""
        return under(self.account.home.prefix, uri)

    def resources(self, context: Context, job: AnyJob) -> Resources:
        """What the container asks for; the machine that fits is the service's to choose."""
        resources = job.resources
        kind = machines.catalogue().kind_of(resources.gpu)
        accelerator = None
        if resources.gpu is not None and kind is not None and kind in machines.ACCELERATORS:
            accelerator = Accelerator(type=machines.ACCELERATORS[kind], count=resources.gpu.count)
        return Resources(
            cpu_limit=cpu_text(resources.cpu) if resources.cpu else None,
            memory_limit=memory_text(resources.memory) if resources.memory else None,
            accelerator=accelerator,
        )

    def environment(self, context: Context, job: AnyJob) -> tuple[tuple[str, str], ...]:
        """Where MLflow is, for those that record there."""
        tracking = self.account.plan.tracking
        if tracking.mlflow is None or job.image is not None:
            return ()
        return (("MLFLOW_TRACKING_URI", tracking.mlflow), ("MLFLOW_EXPERIMENT_NAME", tracking.experiment))

    def secrets(self, context: Context, job: AnyJob, secrets: Sequence[Secret]) -> Hidden:
        """The launcher fetches them from Secret Manager."""
        return Hidden(flags=tuple(self._secret(context, secret) for secret in secrets))

    def _secret(self, context: Context, secret: Secret) -> str:
        uri = secret_uri(self.account, secret.name)
        if _SECRET.fullmatch(uri) is None:
            message = f"`{secret.name}` is no secret of Google's Secret Manager"
            hint = f"its bare name there, or `{SECRETS}<project>/<name>`"
            context.error("MG312", message, secret.origin, hint=hint)
        return next(flag_words(plain, secret=[f"{secret.variable}={uri}"]))

    def limit(self, context: Context, job: AnyJob, seconds: int) -> Limit:
        """A task of a pipeline has no limit of its own."""
        return Limit()

    def longest_backoff(self, job: AnyJob, retries: Retries) -> int:
        """The longest wait between two tries; more is not taken (pipeline_spec.proto, RetryPolicy)."""
        return 3600

    def settings(self, context: Context, job: AnyJob) -> Mapping[str, Any]:
        """There is no second document on Vertex AI."""
        return {}

    def replace(self, context: Context, job: AnyJob, part: Part) -> Sequence[Part]:
        """A container, or a custom job where a container cannot say what is asked for."""
        return (custom_job(context, self.account, job, part) if wants_custom_job(self.account, job) else part,)

    def searches(self, context: Context, job: Tune) -> bool:
        """Whether a tuning job does it, and not a loop of the pipeline."""
        return searched_by_service(context, self.account, job)

    def search(self, context: Context, job: Tune, trial: Part) -> Sequence[Part]:
        """A tuning job, and the step that hands on its best trial."""
        return tuple(tuning_job(context, self.account, job, trial))

    def beside(self, context: Context) -> Sequence[Part]:
        """A task that makes the run one of its experiment's."""
        return recording(self.account) if self.recorded else ()

    def register(self, context: Context, step: Register, verdict: Verdict, name: str) -> Sequence[Part]:
        """A version in the Model Registry."""
        return (registering(context, self.account, step, verdict, name),)


def local_uri(account: Account, local: LocalData) -> str:
    """Where a source that lies beside the spec is copied to: under its digest, so it never changes."""
    return f"{account.home.prefix}/data/{local.digest}"


def secret_uri(account: Account, name: str) -> str:
    """A secret as the launcher finds it; a bare name is one of the product's own project."""
    return f"{SECRETS}{account.home.project}/{name}" if _NAME.fullmatch(name) else name
