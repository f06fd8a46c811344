"""What Azure ML does itself, what the runtime does inside it, and what cannot be had there."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.targets.api import Support
from mlopsgen.targets.support import support

_NATIVE: Mapping[str, str] = {
    "parameters": "inputs of the pipeline job, typed by the components that read them; booleans are text",
    "parameters.values": "min, max and enum of component inputs",
    "code": "an environment, built by Azure ML from `image/`",
    "code.image": "an environment that names it",
    "data.sources.local": "a data asset under the digest of the files",
    "data.sources.remote": "a datastore, blob storage or a data lake",
    "data.sources.several": "inputs of the pipeline job",
    "data.prepare": "a command node",
    "data.residency": "one region: everything is made there",
    "steps": "command nodes with a component each",
    "steps.timeout": "limits.timeout; of a trial: limits.trial_timeout",
    "steps.cache": "is_deterministic; never for data that may change under its name, or the champion",
    "steps.env": "environment_variables; for a trial the command sets them",
    "steps.image": "a component with an environment of its own",
    "steps.resources": "a cluster of the cheapest machine that fits, `machines`, or `compute` that exists",
    "steps.resources.gpu": "NCasT4_v3, NVads_A10_v5, NC and ND with A100 and H100",
    "training.run": "a command node",
    "training.distributed": "distribution: pytorch, mpi, tensorflow",
    "training.spot": "a cluster of tier low_priority",
    "tuning.grid": "a sweep node; intervals become their points",
    "tuning.random": "a sweep node",
    "tuning.bayesian": "a sweep node",
    "tuning.early_stopping": "median_stopping, by what training logs to MLflow on the way",
    "tuning.timeout": "limits.timeout of the sweep",
    "tuning.keep": "every trial's outputs stay with its run",
    "evaluation.run": "a command node",
    "tracking.native": "MLflow of the workspace; the launcher logs metrics.json",
    "deployment.batch.nodes": "distribution: pytorch, with one process on each machine",
    "deployment.batch.schedule": "a schedule, whose trigger time the job is told",
    "triggers.schedule": "schedules with the Windows name of the time zone",
    "triggers.invoke": "the jobs API with the job that a schedule keeps, allowed by a role of the product's own",
    "governance.network": "clusters in a subnet, without public addresses",
    "governance.access": "role assignments",
    "governance.retention": "the datastore is yours, so its lifecycle rule is a command of the README",
    "governance.audit": "diagnostic settings into Log Analytics; without it the activity log of 90 days",
    "targets.steps": "merged into the step's node",
    "targets.patches": "of every emitted YAML and JSON file",
}
_EMULATED: Mapping[str, str] = {
    "deployment.batch": "a pipeline job of one command node: parts, bad records, `_SUCCESS`, a lock in the output",
    "parameters.list": "text that holds JSON",
    "data.checks": "the runtime, in the container of the step that reads the data",
    "data.split": "the runtime, in a command node",
    "steps.when": "the launcher ends the step at once; its node is green",
    "steps.after": "an output of the other step as an input that is not read",
    "steps.always": "a second pipeline job, started by Event Grid and a Logic App when a run has ended",
    "steps.retries": "the launcher runs the command again: nodes of a pipeline have no retries",
    "steps.secrets": "the launcher fetches them from Key Vault; the identity may read those names alone",
    "training.framework": "the runtime, in a command node",
    "training.start_from": "the launcher fetches the champion's files from the registry",
    "tuning.refit": "a command node that reads the best trial's params from an output of the sweep",
    "evaluation.task": "the runtime, in a command node",
    "evaluation.explain": "the runtime, in the evaluation's container",
    "evaluation.test_set": "the runtime counts in the datastore, by conditional writes",
    "gates.threshold": "the runtime judges in the evaluation's container; the registration reads the result",
    "gates.champion": "the same, on the version with the tag alias=champion",
    "gates.group": "the runtime, in the evaluation's container",
    "gates.on_gate_failure": "the registration ends well without a version, fails, or registers one as rejected",
    "tracking.mlflow": "the launcher of every job; what decides a sweep is logged to the workspace too",
    "registry": "the runtime registers a version with metrics, data version and card as its tags and properties",
    "registry.approval": "a tag: alias=champion at once, or when a person says so",
    "triggers.new_data": "Event Grid and a Logic App, which starts the job that a schedule keeps",
}
_REFUSED: Mapping[str, str] = {
    "data.sources.sharded": "every machine gets all files",
    "data.sources.table": "export it to the datastore first",
    "tuning.hyperband": "Azure ML samples at random, in a grid or by bayesian sampling",
    "tuning.stop_at": "a sweep does not end at a goal",
    "tuning.max_failures": "a sweep does not end after failed trials",
    "deployment.batch.files": "tables alone: csv, parquet and jsonl",
    "deployment.batch.image": "an image with a server of its own speaks a protocol of its own",
    "governance.encryption": "the key of a workspace is chosen when it is made",
    "governance.lineage": "OpenLineage events are not emitted yet; Azure ML keeps inputs and outputs of every run",
}

SUPPORT: Mapping[str, Support] = support(_NATIVE, _EMULATED, _REFUSED)
