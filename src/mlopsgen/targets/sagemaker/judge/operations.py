"""Which API call a step of a pipeline makes, and where the pipeline differs from the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Operation:
    """The call behind a step type."""

    create: str
    """Operation whose input shape the arguments follow."""
    describes: tuple[str, ...]
    """Shapes whose members `Steps.<name>.…` may name."""
    given: frozenset[str] = frozenset()
    """Required members that the pipeline fills by itself."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Members, at any depth, that the service refuses in a step, and why."""


_UNKNOWN = "the service answers `Unknown Argument member` (aws/sagemaker-python-sdk issue 4994)"
_VERSIONED = "a step registers into a group: versions have no name of their own"
_PACKAGE = {
    "AdditionalModelDataSources": _UNKNOWN,
    "ModelPackageName": _VERSIONED,
    "ClientToken": "the pipeline sets its own",
}
_CHECK = frozenset({"ProcessingJobName"})

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "Processing": Operation(
            "CreateProcessingJob", ("DescribeProcessingJobResponse",), frozenset({"ProcessingJobName"})
        ),
        "Training": Operation("CreateTrainingJob", ("DescribeTrainingJobResponse",), frozenset({"TrainingJobName"})),
        "Tuning": Operation(
            "CreateHyperParameterTuningJob",
            ("DescribeHyperParameterTuningJobResponse", "ListTrainingJobsForHyperParameterTuningJobResponse"),
            frozenset({"HyperParameterTuningJobName"}),
        ),
        "Transform": Operation(
            "CreateTransformJob", ("DescribeTransformJobResponse",), frozenset({"TransformJobName"})
        ),
        "Model": Operation(
            "CreateModel", ("DescribeModelOutput",), frozenset({"ModelName"}), {"AdditionalModelDataSources": _UNKNOWN}
        ),
        "RegisterModel": Operation("CreateModelPackage", ("DescribeModelPackageOutput",), frozenset(), _PACKAGE),
        "EndpointConfig": Operation(
            "CreateEndpointConfig", ("DescribeEndpointConfigOutput",), frozenset({"EndpointConfigName"})
        ),
        "Endpoint": Operation("CreateEndpoint", ("DescribeEndpointOutput",), frozenset({"EndpointName"})),
        "InferenceComponent": Operation(
            "CreateInferenceComponent", ("DescribeInferenceComponentOutput",), frozenset({"InferenceComponentName"})
        ),
        "AutoML": Operation("CreateAutoMLJob", ("DescribeAutoMLJobResponse",), frozenset({"AutoMLJobName"})),
        "QualityCheck": Operation(
            "CreateProcessingJob", ("QualityCheckStepMetadata", "DescribeProcessingJobResponse"), _CHECK
        ),
        "ClarifyCheck": Operation(
            "CreateProcessingJob", ("ClarifyCheckStepMetadata", "DescribeProcessingJobResponse"), _CHECK
        ),
    }
)
"""Step types whose arguments are an API call of SageMaker itself."""

OTHERS = frozenset(
    {
        *("Condition", "Fail", "Lambda", "Callback", "EMR", "EMRServerless", "ForEach", "Lineage", "Cleanup"),
        *("Athena", "Job", "HubContent", "BedrockCustomModel", "BedrockCustomModelDeployment"),
        *("BedrockProvisionedModelThroughput", "BedrockModelImport"),
    }
)
"""Step types whose arguments are something else, as PipelineExecutionStepMetadata names them."""

ANSWERS: Mapping[str, str] = {"Condition": "ConditionStepMetadata", "Fail": "FailStepMetadata"}
"""Shapes of what a step without a call of its own leaves behind."""

TYPES = frozenset(OPERATIONS) | OTHERS

RETRIES = frozenset({*OPERATIONS, "EMR", "EMRServerless"}) - {"Endpoint", "EndpointConfig"}
"""Step types that take RetryPolicies."""

CACHED = frozenset(
    {"Processing", "Training", "Tuning", "AutoML", "Transform", "ClarifyCheck", "QualityCheck"}
    | {"EMR", "EMRServerless", "Lambda", "Callback"}
)
"""Step types that take CacheConfig: developer guide, "Caching pipeline steps"."""
