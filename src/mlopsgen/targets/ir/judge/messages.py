"""PipelineSpec as a table: every message of an IR document that compilers write, from pipeline_spec.proto of kfp."""

from __future__ import annotations

import re

from mlopsgen.targets.ir.judge.shape import Scalar, Table, is_text, matching

PLACEHOLDER = r"\{\{\$\.inputs\.parameters\[.+\]\}\}"
TYPES = ("NUMBER_DOUBLE", "NUMBER_INTEGER", "STRING", "BOOLEAN", "LIST", "STRUCT", "TASK_FINAL_STATUS", "TASK_CONFIG")
NAME = r"[a-z0-9][a-z0-9-]{0,127}"
COMPLETED = "ALL_UPSTREAM_TASKS_COMPLETED"
_TYPE = "=" + " ".join(TYPES)
_ROOT = r"[a-z][a-z0-9+.-]*://\S+|/\S+|\{\{.+\}\}"

_TITLE = re.compile(r"[A-Za-z][\w.]*")

SCALARS = {
    "name": matching("a name of at most 128 lower-case letters, digits and -", NAME),
    "version": matching("a version of the schema that is read today (2.1.0)", r"2\.[01]\.0"),
    "root": matching("an address such as gs://bucket/folder", _ROOT),
    "cpu": matching("an amount of CPU such as 4 or 500m", rf"(?!0+m?$)\d+(?:\.\d+)?m?|{PLACEHOLDER}"),
    "memory": matching(
        "an amount of memory such as 16G or 16Gi", rf"(?!0)\d+(?:\.\d+)?(?:[EPTGMK]i?|m)?|{PLACEHOLDER}"
    ),
    "devices": matching("a number of devices above 0", rf"0*[1-9]\d*|{PLACEHOLDER}"),
    "cores": Scalar("a number above 0", lambda v: not isinstance(v, bool | str | list | dict), lambda v: v > 0),
    "factor": Scalar("a number, not negative", lambda v: not isinstance(v, bool | str | list | dict), lambda v: v >= 0),
    "filled": Scalar("text that is not empty", is_text, lambda v: bool(v.strip())),
    "variable": matching("the name of a variable", r"[-._a-zA-Z][-._a-zA-Z0-9]*"),
    "title": Scalar(
        "a type of artifacts such as system.Model", is_text, lambda v: bool(_TITLE.fullmatch(v)) and _known(v)
    ),
}
_SYSTEM = {
    *("Artifact", "Dataset", "Model", "Metrics", "ClassificationMetrics", "SlicedClassificationMetrics"),
    *("HTML", "Markdown", "Container", "Pipeline", "Run"),
}


def _known(title: str) -> bool:
    return not title.startswith("system.") or title.removeprefix("system.") in _SYSTEM


_DEFINED = {"artifactType!": "ArtifactType", "isArtifactList": "bool", "description": "text"}
_SELECTOR = {"producerSubtask!": "text", "outputParameterKey!": "text"}

MESSAGES = {
    "PipelineSpec": {
        "pipelineInfo!": "PipelineInfo",
        "deploymentSpec!": "Deployment",
        "sdkVersion": "text",
        "schemaVersion!": "version",
        "components!": "{Component}",
        "root!": "Component",
        "defaultPipelineRoot": "root",
    },
    "PipelineInfo": {"name!": "name", "displayName": "text", "description": "text"},
    "Component": {
        "inputDefinitions": "Inputs",
        "outputDefinitions": "Outputs",
        "dag": "Dag",
        "executorLabel": "text",
        "singlePlatformSpecs": "[object]",
        "taskConfigPassthroughs": "[object]",
    },
    "Inputs": {"artifacts": "{InputArtifact}", "parameters": "{InputParameter}"},
    "InputArtifact": {**_DEFINED, "isOptional": "bool"},
    "InputParameter": {
        "parameterType!": _TYPE,
        "defaultValue": "any",
        "isOptional": "bool",
        "description": "text",
        "literals": "[any]",
    },
    "Outputs": {"artifacts": "{OutputArtifact}", "parameters": "{OutputParameter}"},
    "OutputArtifact": {**_DEFINED, "properties": "object", "customProperties": "object", "metadata": "object"},
    "OutputParameter": {"parameterType!": _TYPE, "description": "text"},
    "ArtifactType": {
        "schemaTitle": "title",
        "schemaUri": "text",
        "instanceSchema": "text",
        "schemaVersion": "text",
    },
    "Dag": {"tasks!": "{Task}", "outputs": "DagOutputs"},
    "DagOutputs": {"artifacts": "{DagArtifact}", "parameters": "{DagParameter}"},
    "DagArtifact": {"artifactSelectors!": "[ArtifactSelector]"},
    "ArtifactSelector": {"producerSubtask!": "text", "outputArtifactKey!": "text"},
    "DagParameter": {"valueFromParameter": "ParameterSelector", "valueFromOneof": "ParameterSelectors"},
    "ParameterSelector": _SELECTOR,
    "ParameterSelectors": {"parameterSelectors!": "[ParameterSelector]"},
    "Task": {
        "taskInfo!": "TaskInfo",
        "inputs": "TaskInputs",
        "dependentTasks": "[text]",
        "cachingOptions": "Caching",
        "componentRef!": "ComponentRef",
        "triggerPolicy": "Trigger",
        "artifactIterator": "ArtifactIterator",
        "parameterIterator": "ParameterIterator",
        "retryPolicy": "Retry",
        "iteratorPolicy": "IteratorPolicy",
    },
    "TaskInfo": {"name!": "filled"},
    "ComponentRef": {"name!": "text"},
    "Caching": {"enableCache": "bool", "cacheKey": "text"},
    "Trigger": {"condition": "text", "strategy": f"=ALL_UPSTREAM_TASKS_SUCCEEDED {COMPLETED}"},
    "Retry": {
        "maxRetryCount!": "count",
        "backoffDuration": "duration",
        "backoffFactor": "factor",
        "backoffMaxDuration": "duration",
    },
    "IteratorPolicy": {"parallelismLimit": "count"},
    "ArtifactIterator": {"items!": "ArtifactItems", "itemInput!": "text"},
    "ArtifactItems": {"inputArtifact!": "text"},
    "ParameterIterator": {"items!": "ParameterItems", "itemInput!": "text"},
    "ParameterItems": {"raw": "text", "inputParameter": "text"},
    "TaskInputs": {"parameters": "{TaskParameter}", "artifacts": "{TaskArtifact}"},
    "TaskParameter": {
        "taskOutputParameter": "TaskOutputParameter",
        "runtimeValue": "Value",
        "componentInputParameter": "text",
        "taskFinalStatus": "FinalStatus",
        "parameterExpressionSelector": "text",
    },
    "TaskArtifact": {"taskOutputArtifact": "TaskOutputArtifact", "componentInputArtifact": "text"},
    "TaskOutputArtifact": {"producerTask!": "text", "outputArtifactKey!": "text"},
    "TaskOutputParameter": {"producerTask!": "text", "outputParameterKey!": "text"},
    "FinalStatus": {"producerTask!": "text"},
    "Value": {"constant": "any", "runtimeParameter": "text", "constantValue": "object"},
    "Deployment": {"executors!": "{Executor}"},
    "Executor": {"container": "Container", "importer": "Importer", "resolver": "object", "customJob": "CustomJob"},
    "CustomJob": {"customJob!": "object"},
    "Container": {
        "image!": "filled",
        "command": "[text]",
        "args": "[text]",
        "lifecycle": "object",
        "resources": "Resources",
        "env": "[Variable]",
    },
    "Variable": {"name!": "variable", "value": "text"},
    "Resources": {
        "cpuLimit": "cores",
        "memoryLimit": "cores",
        "cpuRequest": "cores",
        "memoryRequest": "cores",
        "resourceCpuLimit": "cpu",
        "resourceMemoryLimit": "memory",
        "resourceCpuRequest": "cpu",
        "resourceMemoryRequest": "memory",
        "accelerator": "Accelerator",
    },
    "Accelerator": {
        "type": "text",
        "count": "positive",
        "resourceType": "text",
        "resourceCount": "devices",
    },
    "Importer": {
        "artifactUri!": "Value",
        "typeSchema!": "ArtifactType",
        "properties": "object",
        "customProperties": "object",
        "reimport": "bool",
        "metadata": "object",
        "downloadToWorkspace": "bool",
    },
}
_SOURCES = ("taskOutputParameter", "runtimeValue", "componentInputParameter", "taskFinalStatus")
ONE_OF = {
    "Component": ((("dag", "executorLabel"), True),),
    "ArtifactType": ((("schemaTitle", "schemaUri", "instanceSchema"), True),),
    "Task": ((("artifactIterator", "parameterIterator"), False),),
    "ParameterItems": ((("raw", "inputParameter"), True),),
    "TaskParameter": ((_SOURCES, True),),
    "TaskArtifact": ((("taskOutputArtifact", "componentInputArtifact"), True),),
    "Value": ((("constant", "runtimeParameter", "constantValue"), True),),
    "DagParameter": ((("valueFromParameter", "valueFromOneof"), True),),
    "Executor": ((("container", "importer", "resolver", "customJob"), True),),
}

TABLE = Table(MESSAGES, ONE_OF, SCALARS)
