"""What Kubeflow Pipelines does its own way, asked by targets/ir."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlopsgen.plan.steps import AnyJob, FromSource, Plan, Register, Retries, Secret, Source, Tune
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref, Text
from mlopsgen.targets.addresses import Live
from mlopsgen.targets.ir.api import Hidden, Limit, Verdict
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.native import Resources
from mlopsgen.targets.ir.parts import Part
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.image import image_uri
from mlopsgen.targets.kubeflow.names import annotations_of, labels_of, pod_annotations
from mlopsgen.targets.kubeflow.nodes import SHARED_MEMORY, placed, resources_of
from mlopsgen.targets.kubeflow.options import KubeflowOptions
from mlopsgen.targets.kubeflow.sources import address, other_bucket
from mlopsgen.targets.kubeflow.storage import (
    VOLUME,
    Storage,
    as_variables,
    claim_of,
    mount,
    mounted,
    opens_store,
    reads_registry,
)
from mlopsgen.targets.kubeflow.training import katib, trainer
from mlopsgen.targets.kubeflow.training.loops import trial_time
from mlopsgen.targets.kubeflow.training.registry import register_part, registry_keys, registry_uri

QUEUE = 86_400
"""Seconds that a pod may wait for a node: the limit of a step counts from its start, Argo's from its making."""
WEEK, YEAR = 7 * 86_400, 365 * 86_400


@dataclass(frozen=True, slots=True)
class Kubeflow(Facts):
    """The platform `kubeflow`."""

    @property
    def name(self) -> str:
        """The target's name."""
        return "kubeflow"

    @property
    def title(self) -> str:
        """The platform's name for people."""
        return "Kubeflow Pipelines"

    def image(self, context: Context) -> str:
        """The image that the product's steps run in."""
        return self.image_name

    def default_root(self, context: Context) -> str | None:
        """Where runs keep their artifacts."""
        return self.storage.runs

    def forbidden(self) -> Mapping[str, str]:
        """What Kubernetes, Argo and Katib would evaluate inside a pipeline.

        Kubernetes has an escape, `$$(`, but nobody knows how often it reads a word: where KFP's driver is a pod,
        a step's command is an argument of it first (kubeflow/pipelines, argocompiler/container.go, `--container`).
        """
        return {
            "$(": "Kubernetes puts a variable of the container there",
            "$$": "Kubernetes makes one dollar of two",
            # Argo trims what is between the braces and knows more names than a list would hold: pod.name, retries
            # (argo-workflows, util/template/simple_template.go).
            "{{": "Argo Workflows fills in what is between two braces",
            "${trialParameters": "Katib knows it as a trial's value",
            "${trialSpec": "Katib knows it as a trial's fact",
        }

    def source(self, context: Context, source: Source) -> str | Text | Ref | None:
        """A source's address; one on a volume is a text, since `mounted` knows its folder."""
        return address(context, self.storage, source)

    def extracted(self, context: Context, source: Source) -> Part | None:
        """No table is: `source` refuses them."""
        return None

    def mounted(self, uri: Text) -> Text | None:
        """The folder of an address on a volume."""
        first, *rest = uri.parts
        return Text((mounted(first), *rest)) if isinstance(first, str) and VOLUME.match(first) else None

    def registry_uri(self, context: Context, model: str) -> str:
        """The versions of one model."""
        return registry_uri(self.plan, self.storage, model)

    def state_uri(self, context: Context, path: str) -> str:
        """Small files that runs share."""
        return self.storage.state(path)

    def live_uri(self, context: Context, uri: Live) -> Live:
        """A relative one lies under the product's own prefix of the storage; a volume is a folder."""
        return self.storage.live(uri)

    def resources(self, context: Context, job: AnyJob) -> Resources:
        """Requests and limits of the step's container."""
        return resources_of(context, job)

    def environment(self, context: Context, job: AnyJob) -> tuple[tuple[str, str], ...]:
        """Where the tracking server and the store are, for those that speak to them."""
        return tuple(self._environment(job))

    def _environment(self, job: AnyJob) -> Iterator[tuple[str, str]]:
        tracking = self.plan.tracking
        if tracking.mlflow is not None and job.image is None:
            yield "MLFLOW_TRACKING_URI", tracking.mlflow
            yield "MLFLOW_EXPERIMENT_NAME", tracking.experiment
        if opens_store(job):
            yield from self.storage.environment()

    def secrets(self, context: Context, job: AnyJob, secrets: Sequence[Secret]) -> Hidden:
        """Values of Secrets as variables: the cluster itself puts them there."""
        return Hidden(platform=as_variables(context, secrets))

    def limit(self, context: Context, job: AnyJob, seconds: int) -> Limit:
        """The pod's own deadline; a trial of a loop that takes too long has failed, and the search goes on."""
        if isinstance(job, Tune) and job.image is None and not katib.by_katib(job, self.options):
            return Limit(launcher=True, platform={"activeDeadlineSeconds": str(trial_time(job))})
        return Limit(launcher=False, platform={"activeDeadlineSeconds": str(seconds)})

    def longest_backoff(self, job: AnyJob, retries: Retries) -> int:
        """The time of all tries and the waits between them, counted from the first one's start.

        Argo makes no try after it, and ends the one that is under way (argo-workflows,
        workflow/controller/operator.go, processNodeRetries).
        """
        once = trial_time(job) if isinstance(job, Tune) and not katib.by_katib(job, self.options) else job.timeout
        tries = (retries.attempts + 1) * ((once or WEEK) + QUEUE)
        waits = retries.backoff * ((1 << retries.attempts) - 1)
        return tries + min(waits, YEAR)

    def settings(self, context: Context, job: AnyJob) -> Mapping[str, Any]:
        """Nodes, volumes and keys of the store."""
        claims = dict.fromkeys(self._claims(context, job))
        keyed = opens_store(job) or other_bucket(context, self.storage, job)
        keys = (*(self.storage.keys() if keyed else ()), *self._tokens(job))
        return {
            **placed(context, job).platform(),
            **({"emptyDirMounts": [dict(SHARED_MEMORY)]} if job.resources.gpu else {}),
            **({"pvcMount": [mount(claim) for claim in claims]} if claims else {}),
            **({"secretAsEnv": list(keys)} if keys else {}),
        }

    def pod(self, context: Context) -> dict[str, Any]:
        """What every pod of the product has: labels, and what images are pulled with."""
        keys: dict[str, Any] = {
            "podMetadata": {
                "labels": dict(labels_of(context.plan)),
                "annotations": {**dict(annotations_of(context.plan)), **dict(pod_annotations())},
            }
        }
        if self.options.pull_secrets:
            keys["imagePullSecret"] = [
                {"secretName": name, "secretNameParameter": {"runtimeValue": {"constant": name}}}
                for name in self.options.pull_secrets
            ]
        return keys

    def _tokens(self, job: AnyJob) -> tuple[Mapping[str, Any], ...]:
        return registry_keys(self.options) if reads_registry(job) else ()

    def _claims(self, context: Context, job: AnyJob) -> Iterator[str]:
        """The volumes that a step reads from or keeps state on."""
        if self.storage.claim and opens_store(job):
            yield self.storage.claim
        yield from claims_of(context, job, self.storage)
        yield from self.storage.live_claims(job)

    def replace(self, context: Context, job: AnyJob, part: Part) -> Sequence[Part]:
        """Training over several nodes is a TrainJob."""
        return trainer.replaced(context, self, job, part)

    def searches(self, context: Context, job: Tune) -> bool:
        """Whether Katib does the search."""
        return katib.by_katib(job, self.options)

    def search(self, context: Context, job: Tune, trial: Part) -> Sequence[Part]:
        """An Experiment of Katib, then one training with the best trial's params."""
        return katib.searched(context, self, job, trial)

    def beside(self, context: Context) -> Sequence[Part]:
        """Nothing."""
        return ()

    def register(self, context: Context, step: Register, verdict: Verdict, name: str) -> Sequence[Part]:
        """A container of the runtime adds the version."""
        return (register_part(context, self, step, verdict, name),)


def claims_of(context: Context, job: AnyJob, storage: Storage) -> Iterator[str]:
    """The volumes that a step's sources lie on."""
    for item in job.inputs:
        if isinstance(item.source, FromSource):
            claim = claim_of(context.sources[item.source.source], storage)
            if claim is not None:
                yield claim


def platform_of(plan: Plan, options: KubeflowOptions) -> Kubeflow:
    """The platform of one plan."""
    storage = Storage(plan.name, options)
    return Kubeflow(plan, options, storage, image_uri(plan, options, storage))
