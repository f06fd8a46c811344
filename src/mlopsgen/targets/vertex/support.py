"""What Vertex AI does itself, what the runtime does inside it, and what cannot be had there."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.targets.api import Support
from mlopsgen.targets.support import support

_NATIVE: Mapping[str, str] = {
    "deployment.batch.schedule": "a Schedule with its time zone, one run at a time",
    "parameters": "parameters of the pipeline: STRING, NUMBER_INTEGER, NUMBER_DOUBLE, BOOLEAN",
    "code": "an image in Artifact Registry, built from `image/`",
    "code.image": "named in every task",
    "data.sources.local": "Cloud Storage, under the digest of the files",
    "data.sources.remote": "Cloud Storage",
    "data.sources.several": "an importer for each",
    "data.prepare": "a container task",
    "data.residency": "one region: everything is made there",
    "steps": "container tasks",
    "steps.when": "conditions of the pipeline",
    "steps.after": "dependentTasks",
    "steps.always": "an exit handler",
    "steps.retries": "retryPolicy; inside a custom job the launcher runs the command again",
    "steps.cache": "cachingOptions; never for data that may change under its name, the champion, or secrets",
    "steps.env": "environment of the container",
    "steps.image": "a container task",
    "steps.resources": "cpu and memory limits; a custom job for what a container cannot say, or for `machines`",
    "steps.resources.gpu": "accelerators t4, p4, v100, p100, l4, a100, a100-80gb, h100; h200 and b200 in a custom job",
    "training.run": "a container task, or a custom job",
    "training.spot": "a custom job with the strategy SPOT",
    "tuning.grid": "up to 12 trials a loop of the pipeline, more of them a HyperparameterTuningJob",
    "tuning.random": "as a grid; a HyperparameterTuningJob takes no seed",
    "tuning.bayesian": "a HyperparameterTuningJob",
    "tuning.early_stopping": "medianAutomatedStoppingSpec, for scripts that report while they run",
    "tuning.timeout": "studyStoppingConfig.maximumRuntimeConstraint",
    "tuning.keep": "every trial's model stays under the run's root",
    "evaluation.run": "a container task",
    "gates.on_gate_failure": "conditions of the pipeline; a task that fails the run, or a version that is never used",
    "tracking.native": "ML Metadata keeps every run with its parameters and metrics; a task adds it to the experiment",
    "tracking.mlflow": "the launcher records each step; scripts find the server in their environment",
    "registry.approval": "the alias `champion`, which a person gives or the registration",
    "triggers.schedule": "a Schedule with its time zone",
    "triggers.new_data": "Eventarc tells Workflows of new objects, which starts the pipeline",
    "triggers.invoke": "CreatePipelineJob, allowed by a role of its own",
    "governance.encryption": "encryptionSpec of runs, jobs and models; the bucket's and the repositories' key",
    "governance.network": "runs and jobs peered with the network; the README cuts the peering off from the internet",
    "governance.access": "custom roles for those named",
    "governance.audit": "Cloud Audit Logs' admin activity, 400 days; a longer sink is the organization's",
    "governance.retention": "a lifecycle rule of the bucket",
    "targets.steps": "merged into the task and its executor",
    "targets.patches": "of every emitted JSON and YAML file",
}
_EMULATED: Mapping[str, str] = {
    "deployment.batch": "a pipeline of one task: parts, bad records, `_SUCCESS`, a lock in Cloud Storage",
    "parameters.values": "a condition before everything else fails the run",
    "parameters.list": "a STRING that holds JSON",
    "data.sources.table": "BigQuery extracts it to Parquet before the first step; other warehouses are refused",
    "data.checks": "the runtime, in the container of the step that reads the data",
    "data.split": "the runtime, in a container task",
    "steps.timeout": "the launcher ends the command; a custom job has its own timeout too",
    "steps.secrets": "the launcher fetches them from Secret Manager; the account may read those alone",
    "training.framework": "the runtime, in a container task",
    "training.distributed": "torchrun and tensorflow over the machines of a custom job; mpi is refused",
    "training.start_from": "the launcher fetches the champion's files from the Model Registry",
    "tuning.max_failures": "maxFailedTrialCount of a HyperparameterTuningJob; in a loop the step that picks the best",
    "tuning.refit": "one more task with the best trial's params",
    "evaluation.task": "the runtime, in a container task",
    "evaluation.explain": "the runtime, in the evaluation's container",
    "evaluation.test_set": "the runtime counts in the bucket",
    "gates.threshold": "the runtime judges in the evaluation's container; a condition reads the result",
    "gates.champion": "the same, on the version with the alias `champion`",
    "gates.group": "the runtime, in the evaluation's container",
    "registry": "the runtime uploads the version by UploadModel, with its evaluation; no launcher knows modelId",
}
_REFUSED: Mapping[str, str] = {
    "data.sources.sharded": "every machine of a step sees all files, through Cloud Storage as a folder",
    "tuning.hyperband": "`strategy: bayesian` with `early_stopping`",
    "tuning.stop_at": "a search of Vertex AI does not end at a goal",
    "governance.lineage": "OpenLineage events are not emitted yet; ML Metadata keeps the lineage of every run",
}

SUPPORT: Mapping[str, Support] = support(_NATIVE, _EMULATED, _REFUSED)
