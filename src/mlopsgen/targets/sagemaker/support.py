"""What SageMaker does itself, what the runtime does inside it, and what cannot be had there."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.targets.api import Support
from mlopsgen.targets.support import support

_NATIVE: Mapping[str, str] = {
    "parameters": "parameters of the pipeline: String, Integer, Float, Boolean",
    "code": "an image in ECR, built from `image/`",
    "code.image": "named in every step",
    "data.sources.local": "S3, under the digest of the files",
    "data.sources.remote": "S3",
    "data.sources.several": "inputs of Processing jobs, channels of Training jobs",
    "data.sources.sharded": "S3DataDistributionType ShardedByS3Key",
    "data.prepare": "a Processing step",
    "data.residency": "one region: everything is made there",
    "steps": "Processing steps",
    "steps.when": "Condition steps",
    "steps.after": "DependsOn",
    "steps.retries": "RetryPolicies: faults of the service and missing capacity, not an error of the command",
    "steps.timeout": "StoppingCondition",
    "steps.cache": "CacheConfig; never for data that may change under its name, the champion, or spot training",
    "steps.env": "Environment",
    "steps.image": "a Processing step; the image has to lie in ECR",
    "steps.resources": "the cheapest machine that fits, or `machines`",
    "steps.resources.gpu": "g4dn, g5, g6, g6e, p3, p4d, p5 machines",
    "training.run": "a Training step",
    "training.spot": "EnableManagedSpotTraining with checkpoints in S3",
    "tuning.grid": "a Tuning step; intervals become their points",
    "tuning.random": "a Tuning step",
    "tuning.bayesian": "a Tuning step",
    "tuning.hyperband": "a Tuning step; needs a param such as `epochs`",
    "tuning.early_stopping": "TrainingJobEarlyStoppingType",
    "tuning.stop_at": "TuningJobCompletionCriteria",
    "tuning.timeout": "ResourceLimits.MaxRuntimeInSeconds",
    "tuning.keep": "every trial's model stays in the run's prefix",
    "tuning.refit": "a Training step with the best trial's TunedHyperParameters",
    "evaluation.run": "a Processing step",
    "gates.on_gate_failure": "a Condition step; Fail, or a version that is registered as Rejected",
    "tracking.native": "SageMaker Experiments: PipelineExperimentConfig",
    "tracking.mlflow": "the launcher of every job, and the role's permission on a SageMaker MLflow server",
    "registry": "RegisterModel: package group, ModelMetrics, metadata, model card",
    "registry.approval": "ModelApprovalStatus",
    "triggers.schedule": "EventBridge Scheduler with its time zone",
    "triggers.new_data": "an EventBridge rule on the bucket, which has to send its events there",
    "triggers.invoke": "StartPipelineExecution, allowed by a managed policy",
    "deployment.batch.schedule": "EventBridge Scheduler, which tells the job the scheduled time",
    "governance.encryption": "KMS keys of volumes, outputs, uploaded data, a new repository",
    "governance.network": "VpcConfig of every job; encrypted traffic between machines",
    "governance.access": "managed policies attached to the roles named",
    "governance.audit": "CloudTrail's event history of 90 days; a longer trail is the account's",
    "governance.retention": "the README's commands for the account's log groups; the bucket's lifecycle rule is yours",
    "targets.steps": "merged into the step's Arguments",
    "targets.patches": "of every emitted JSON and YAML file",
}
_EMULATED: Mapping[str, str] = {
    "deployment.batch": "a pipeline of one Processing job: parts, bad records, `_SUCCESS`, a lock in S3",
    "parameters.values": "EnumValues of strings; numbers and bounds by a Condition step that fails the run",
    "parameters.list": "a String that holds JSON",
    "data.checks": "the runtime, in the container of the step that reads the data",
    "data.split": "the runtime, in a Processing step",
    "steps.always": "a pipeline of its own, started by EventBridge when a run has ended",
    "steps.secrets": "the launcher fetches them from Secrets Manager; the role may read those names alone",
    "training.framework": "the runtime, in a Training step",
    "training.distributed": "torchrun over the machines of a Training job; mpi and tensorflow are refused",
    "training.start_from": "the launcher fetches the champion's files from the registry",
    "evaluation.task": "the runtime, in a Processing step",
    "evaluation.explain": "the runtime, in the evaluation's container",
    "evaluation.test_set": "the runtime counts in the bucket",
    "gates.threshold": "the runtime judges in the evaluation's container; a Condition step reads the result",
    "gates.champion": "the same, on the newest approved version in stage Production",
    "gates.group": "the runtime, in the evaluation's container",
}
_REFUSED: Mapping[str, str] = {
    "data.sources.table": "export it to S3 first",
    "tuning.max_failures": "a search of SageMaker has no such end",
    "governance.lineage": "OpenLineage events are not emitted yet; SageMaker keeps its own lineage of every run",
}

SUPPORT: Mapping[str, Support] = support(_NATIVE, _EMULATED, _REFUSED)
