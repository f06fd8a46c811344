"""Request bodies of Vertex AI as a table: what a client may send, from google.cloud.aiplatform.v1."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from mlopsgen.spec.cron import cron_problem, timezone_problem
from mlopsgen.targets.ir.judge.shape import Scalar, Table, is_number, is_text, matching

ACCELERATORS = (
    *("NVIDIA_TESLA_K80", "NVIDIA_TESLA_P100", "NVIDIA_TESLA_V100", "NVIDIA_TESLA_P4", "NVIDIA_TESLA_T4"),
    *("NVIDIA_TESLA_A100", "NVIDIA_A100_80GB", "NVIDIA_L4", "NVIDIA_H100_80GB", "NVIDIA_H100_MEGA_80GB"),
    *("NVIDIA_H200_141GB", "NVIDIA_B200", "NVIDIA_GB200", "NVIDIA_RTX_PRO_6000", "TPU_V2", "TPU_V3"),
    *("TPU_V4_POD", "TPU_V5_LITEPOD"),
)
PROJECT = r"[a-z][a-z0-9-]{4,28}[a-z0-9]|\d+"
ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{4,28}[a-z0-9]@(?P<project>[a-z0-9.:-]+)\.iam\.gserviceaccount\.com")
_OF_GOOGLE = re.compile(r"\d+-compute@developer\.gserviceaccount\.com|[a-z0-9-]+@appspot\.gserviceaccount\.com")
_HOLE = re.compile(r"\{\{\$.*\}\}|\$\{.*\}", re.DOTALL)


def clock_problem(text: str) -> str | None:
    """What is wrong with `TZ=Europe/Paris 0 2 * * 1`; None when nothing is."""
    zone, line = "UTC", text
    if text.startswith(("TZ=", "CRON_TZ=")):
        zone, _, line = text.partition("=")[2].partition(" ")
    return timezone_problem(zone) or cron_problem(line)


def _is_moment(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_account(value: str) -> bool:
    return (ACCOUNT.fullmatch(value) or _OF_GOOGLE.fullmatch(value)) is not None


SCALARS = {
    "display": matching("a name of 1 to 128 characters", r"(?s:.{1,128})"),
    "label": matching("a label's value: at most 63 small letters, digits, `-` and `_`", r"[a-z0-9_-]{0,63}"),
    "gs": matching("a place in Cloud Storage: gs://bucket/folder", r"gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](?:/\S*)?"),
    "account": Scalar("the e-mail of a service account", is_text, _is_account),
    "network": matching(
        "projects/NUMBER/global/networks/NAME", r"projects/[^/]+/global/networks/[a-z]([a-z0-9-]*[a-z0-9])?"
    ),
    "key": matching(
        "projects/…/locations/…/keyRings/…/cryptoKeys/…",
        r"projects/[^/]+/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]{1,63}/cryptoKeys/[A-Za-z0-9_-]{1,63}",
    ),
    "template": matching(
        "the address of a template in Artifact Registry",
        r"https://[a-z0-9-]+-kfp\.pkg\.dev/[^/]+/[^/]+/[^/]+/\S+|gs://\S+",
    ),
    "parent": matching("projects/PROJECT/locations/REGION", rf"projects/(?:{PROJECT})/locations/[a-z]+-[a-z]+\d+"),
    "moment": Scalar("a moment such as 2026-12-01T00:00:00Z", is_text, _is_moment),
    "machine": matching("a type of machines such as n2-standard-8", r"[a-z][a-z0-9]{0,7}(?:-[a-z0-9]+)+"),
    "disk": Scalar("100 to 64000 GiB", is_number, lambda v: 100 <= v <= 64000),
    "variable": matching("the name of a variable", r"[A-Za-z_][A-Za-z0-9_]*"),
    "parameter": matching("letters, digits, `_` and `-`", r"[A-Za-z_][A-Za-z0-9_-]*"),
    "filled": Scalar("text that is not empty", is_text, lambda v: bool(v.strip())),
}
_RANGE = {"minValue!": "number", "maxValue!": "number", "defaultValue": "number"}
_STOPPING = {"useElapsedDuration": "bool"}

MESSAGES = {
    "PipelineJob": {
        "displayName": "display",
        "labels": "{label}",
        "pipelineSpec": "object",
        "runtimeConfig!": "RuntimeConfig",
        "encryptionSpec": "Encryption",
        "serviceAccount": "account",
        "network": "network",
        "reservedIpRanges": "[text]",
        "pscInterfaceConfig": "object",
        "templateUri": "template",
        "preflightValidations": "bool",
    },
    "RuntimeConfig": {
        "gcsOutputDirectory!": "gs",
        "parameterValues": "object",
        "failurePolicy": "=PIPELINE_FAILURE_POLICY_FAIL_SLOW PIPELINE_FAILURE_POLICY_FAIL_FAST",
        "inputArtifacts": "object",
    },
    "Encryption": {"kmsKeyName!": "key"},
    "Schedule": {
        "displayName!": "display",
        "cron!": "text",
        "createPipelineJobRequest": "CreateRun",
        "createNotebookExecutionJobRequest": "object",
        "startTime": "moment",
        "endTime": "moment",
        "maxRunCount": "positive",
        "maxConcurrentRunCount!": "positive",
        "maxConcurrentActiveRunCount": "positive",
        "allowQueueing": "bool",
    },
    "CreateRun": {"parent!": "parent", "pipelineJob!": "PipelineJob", "pipelineJobId": "text"},
    "CustomJob": {
        "displayName!": "display",
        "jobSpec!": "JobSpec",
        "labels": "{label}",
        "encryptionSpec": "Encryption",
    },
    "HyperparameterTuningJob": {
        "displayName!": "display",
        "studySpec!": "StudySpec",
        "maxTrialCount!": "positive",
        "parallelTrialCount!": "positive",
        "maxFailedTrialCount": "count",
        "trialJobSpec!": "JobSpec",
        "labels": "{label}",
        "encryptionSpec": "Encryption",
    },
    "StudySpec": {
        "metrics!": "[Metric]",
        "parameters!": "[SearchParameter]",
        "algorithm": "=ALGORITHM_UNSPECIFIED GRID_SEARCH RANDOM_SEARCH",
        "observationNoise": "=OBSERVATION_NOISE_UNSPECIFIED LOW HIGH",
        "measurementSelectionType": "=LAST_MEASUREMENT BEST_MEASUREMENT",
        "decayCurveStoppingSpec": "Stopping",
        "medianAutomatedStoppingSpec": "Stopping",
        "convexAutomatedStoppingSpec": "object",
        "studyStoppingConfig": "object",
    },
    "Stopping": _STOPPING,
    "Metric": {"metricId!": "filled", "goal!": "=MAXIMIZE MINIMIZE", "safetyConfig": "object"},
    "SearchParameter": {
        "parameterId!": "parameter",
        "doubleValueSpec": "DoubleRange",
        "integerValueSpec": "IntegerRange",
        "categoricalValueSpec": "Choices",
        "discreteValueSpec": "Numbers",
        "scaleType": "=UNIT_LINEAR_SCALE UNIT_LOG_SCALE UNIT_REVERSE_LOG_SCALE",
        "conditionalParameterSpecs": "[object]",
    },
    "DoubleRange": _RANGE,
    "IntegerRange": {"minValue!": "int", "maxValue!": "int", "defaultValue": "int"},
    "Choices": {"values!": "[text]", "defaultValue": "text"},
    "Numbers": {"values!": "[number]", "defaultValue": "number"},
    "JobSpec": {
        "workerPoolSpecs!": "[WorkerPool]",
        "scheduling": "Scheduling",
        "serviceAccount": "account",
        "network": "network",
        "baseOutputDirectory": "OutputDirectory",
        "reservedIpRanges": "[text]",
        "pscInterfaceConfig": "object",
        **dict.fromkeys(("tensorboard", "experiment", "experimentRun", "persistentResourceId"), "text"),
        "protectedArtifactLocationId": "text",
        **dict.fromkeys(("enableWebAccess", "enableDashboardAccess"), "bool"),
        "models": "[text]",
    },
    "OutputDirectory": {"outputUriPrefix!": "gs"},
    "Scheduling": {
        "timeout": "duration",
        "restartJobOnWorkerRestart": "bool",
        "strategy": "=ON_DEMAND LOW_COST STANDARD SPOT FLEX_START",
        "disableRetries": "bool",
        "maxWaitDuration": "duration",
    },
    "WorkerPool": {
        "machineSpec!": "Machine",
        "replicaCount": "positive",
        "containerSpec": "Container",
        "pythonPackageSpec": "object",
        "diskSpec": "Disk",
        **dict.fromkeys(("nfsMounts", "lustreMounts"), "[object]"),
    },
    "Machine": {
        "machineType!": "machine",
        "acceleratorType": "=" + " ".join(ACCELERATORS),
        "acceleratorCount": "positive",
        **dict.fromkeys(("tpuTopology", "gpuPartitionSize"), "text"),
        "reservationAffinity": "object",
    },
    "Disk": {"bootDiskType": "=pd-ssd pd-standard hyperdisk-balanced", "bootDiskSizeGb": "disk"},
    "Container": {"imageUri!": "filled", "command": "[text]", "args": "[text]", "env": "[Variable]"},
    "Variable": {"name!": "variable", "value!": "text"},
}
_KINDS = ("doubleValueSpec", "integerValueSpec", "categoricalValueSpec", "discreteValueSpec")
ONE_OF = {
    "Schedule": ((("createPipelineJobRequest", "createNotebookExecutionJobRequest"), True),),
    "SearchParameter": ((_KINDS, True),),
    "WorkerPool": ((("containerSpec", "pythonPackageSpec"), True),),
    "StudySpec": ((("decayCurveStoppingSpec", "medianAutomatedStoppingSpec", "convexAutomatedStoppingSpec"), False),),
}
OUTPUT_ONLY = {
    *("name", "createTime", "startTime", "endTime", "updateTime", "state", "error", "jobDetail", "scheduleName"),
    *("templateMetadata", "trials", "nextRunTime", "startedRunCount", "webAccessUris", "lastPauseTime"),
}
TABLE = Table(MESSAGES, ONE_OF, SCALARS, lambda value: isinstance(value, str) and _HOLE.search(value) is not None)
BODIES = ("PipelineJob", "Schedule", "HyperparameterTuningJob", "CustomJob")
