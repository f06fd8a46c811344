"""Which API call a step of a pipeline makes, and where the pipeline differs from the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mlopsgen.targets.documents.document import Path, maps
from mlopsgen.targets.sagemaker.judge.definition import Definition, Reference, Step, function


@dataclass(frozen=True, slots=True)
class Operation:
    """The call behind a step type."""

    create: str
    """Operation whose input shape the arguments follow."""
    describes: tuple[str, ...]
    """Shapes whose members `Steps.<name>.…` may name."""
    present: frozenset[str] = frozenset()
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


_KINDS = {
    "string": "String",
    "integer": "Integer",
    "long": "Integer",
    "float": "Float",
    "double": "Float",
    "boolean": "Boolean",
    "timestamp": "String",
}
_OUTPUTS = ("Lambda", "Callback")


class NoSuchProperty(Exception):
    """The answer of the step has nothing there."""


class Answers:
    """What the references of one definition give."""

    def __init__(self, definition: Definition, model: Any) -> None:
        self.definition, self.model = definition, model

    def kind(self, value: Any, path: Path) -> str | None:
        """The type that a function gives: String, Integer, Float, Boolean, Structure; None when unknown."""
        if function(value) == "Std:Join":
            return "String"
        if function(value) != "Get" or not isinstance(value["Get"], str):
            return None
        reference = Reference(path, value["Get"])
        if reference.root == "Parameters":
            return self.definition.kind(reference.name) if reference.name in self.definition.parameters else None
        if reference.root == "Execution":
            return "String"
        step = self.definition.by_name.get(reference.name)
        if step is None or reference.root != "Steps":
            return None
        try:
            return self.property(step, reference)
        except NoSuchProperty:
            return None

    def property(self, step: Step, reference: Reference) -> str | None:
        """The type of a step's property, None where the step type says nothing; NoSuchProperty where it has none."""
        parts = reference.parts[2:]
        if step.type in _OUTPUTS:
            return _output_parameter(step, parts)
        if step.type in ANSWERS:
            return _walk(self.model.shape_for(ANSWERS[step.type]), parts)
        if step.type not in OPERATIONS or parts[:1] == ("PropertyFiles",):
            return None
        problems: list[str] = []
        for name in OPERATIONS[step.type].describes:
            try:
                return _walk(self.model.shape_for(name), parts)
            except NoSuchProperty as error:
                problems.append(str(error))
        raise NoSuchProperty(problems[0])


def _walk(shape: Any, parts: tuple[str | int, ...]) -> str:
    for part in parts:
        if shape.type_name == "structure":
            if part not in shape.members:
                raise NoSuchProperty(f"{shape.name} has no `{part}`")
            shape = shape.members[part]
        elif shape.type_name == "list":
            shape = shape.member
        elif shape.type_name == "map" and isinstance(part, str):
            shape = shape.value
        else:
            raise NoSuchProperty(f"{shape.name} has nothing inside, `{part}` follows it")
    return _KINDS.get(shape.type_name, "Structure")


def _output_parameter(step: Step, parts: tuple[str | int, ...]) -> str | None:
    if len(parts) != 2 or parts[0] != "OutputParameters":
        raise NoSuchProperty(f"a {step.type} step gives `OutputParameters['name']` alone")
    for _, output in maps(step.data.get("OutputParameters")):
        if output.get("OutputName") == parts[1]:
            return str(output.get("OutputType", "String"))
    raise NoSuchProperty(f"the step declares no output `{parts[1]}`")
