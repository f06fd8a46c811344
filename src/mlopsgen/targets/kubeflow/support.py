"""What Kubeflow does itself, what the runtime does inside it, and what cannot be had there."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.targets.api import Support
from mlopsgen.targets.support import support

_NATIVE: Mapping[str, str] = {
    "parameters": "inputs of the pipeline: STRING, NUMBER_INTEGER, NUMBER_DOUBLE, BOOLEAN",
    "code": "an image in your registry, built from `image/`",
    "code.image": "named in every container",
    "data.sources.local": "the storage, under the digest of the files",
    "data.sources.remote": "importers of s3://, minio:// and gs://; volumes: pvc://claim/path",
    "data.sources.several": "an importer for each",
    "data.prepare": "a container",
    "data.residency": "the storage's `region`",
    "steps": "containers",
    "steps.when": "conditions",
    "steps.after": "dependentTasks",
    "steps.always": "an exit handler",
    "steps.retries": "retryPolicy",
    "steps.timeout": "activeDeadlineSeconds of the pod",
    "steps.cache": "cachingOptions; never for data that may change under its name, or the champion",
    "steps.env": "env",
    "steps.secrets": "secretKeyRef: `<secret>/<key>`, or `<secret>` with the variable's name as key",
    "steps.image": "a container of that image",
    "steps.resources": "requests and limits; `machines` name instance types or labels of nodes",
    "steps.resources.gpu": "limits of nvidia.com/gpu, and a label of nodes with that kind",
    "training.run": "a container",
    "training.distributed": "a TrainJob of Kubeflow Trainer, made by a step: torchrun, and mpi with a runtime for it",
    "training.spot": "a node selector and a toleration for the cloud's spot nodes",
    "tuning.bayesian": "Katib: tpe",
    "tuning.early_stopping": "Katib: medianstop",
    "tuning.stop_at": "Katib: objective.goal",
    "tuning.max_failures": "Katib: maxFailedTrialCount; a loop's `select` counts them",
    "evaluation.run": "a container",
    "gates.on_gate_failure": "conditions; a container that fails, or a version that is never approved",
    "tracking.native": "runs, parameters, artifacts and metrics of Kubeflow Pipelines",
    "tracking.mlflow": "the launcher records each step; scripts find the server in their environment",
    "triggers.schedule": "recurring runs, in the time zone of the installation",
    "triggers.invoke": "the API of Kubeflow Pipelines; `governance.access.invoke` lets groups call it",
    "deployment.batch.schedule": "a recurring run, one at a time, which tells the job the scheduled time",
    "governance.network": "a NetworkPolicy",
    "governance.access": "Roles for groups: Kubeflow Pipelines asks the cluster who may",
    "governance.audit": "the cluster's own audit log",
    "targets.steps": "merged into the step's task, its executor, or its part of Kubernetes' document",
    "targets.patches": "of every emitted JSON and YAML file",
}
_EMULATED: Mapping[str, str] = {
    "parameters.values": "a condition around everything, which fails the run",
    "parameters.list": "a STRING that holds JSON",
    "data.checks": "the runtime, in the container of the step that reads the data",
    "data.split": "the runtime, in a container",
    "training.framework": "the runtime, in a container",
    "training.start_from": "the launcher fetches the champion's files from the registry",
    "tuning.grid": "a ParallelFor over the trials; Katib where `search: katib`, or more is asked than a loop does",
    "tuning.random": "a ParallelFor over the trials; Katib where `search: katib`, or more is asked than a loop does",
    "tuning.timeout": "the step that waits for Katib ends the search",
    "tuning.keep": "a loop's artifacts stay; Katib's trials keep none, and it says so",
    "tuning.refit": "one more container",
    "evaluation.task": "the runtime, in a container",
    "evaluation.explain": "the runtime, in the evaluation's container",
    "evaluation.test_set": "the runtime counts in the storage",
    "gates.threshold": "the runtime judges in the evaluation's container; a condition reads the result",
    "gates.champion": "the same, on the version that the registry calls its champion",
    "gates.group": "the runtime, in the evaluation's container",
    "registry": "the runtime adds versions: to the storage, Kubeflow Model Registry or MLflow",
    "registry.approval": "a version that is not the champion yet; the README says how a person makes it so",
    "deployment.batch": "a pipeline of one task: parts, bad records, `_SUCCESS`, a lock in the storage",
    "governance.retention": "resourceTtlOnCompletion for runs; the store's lifecycle rule is a command of the README",
}
_REFUSED: Mapping[str, str] = {
    "deployment.batch.nodes": "one pod scores: `workers` share its processors",
    "tuning.hyperband": "`strategy: bayesian`: Katib's hyperband hangs behind its first bracket",
    "data.sources.sharded": "every node of a step gets the whole source: artifacts are not split",
    "data.sources.table": "export it to the store first",
    "triggers.new_data": "nothing in a cluster tells when files arrive in a store",
    "governance.encryption": "the store's and the volumes' own: set your key there",
    "governance.lineage": "OpenLineage events are not emitted yet; ML Metadata keeps a lineage of every run",
}

SUPPORT: Mapping[str, Support] = support(_NATIVE, _EMULATED, _REFUSED)
