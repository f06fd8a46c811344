"""All tables of a Kubeflow bundle in one: objects of Kubernetes, Katib and Trainer, and a package's second document."""

from __future__ import annotations

from mlopsgen.targets.ir.judge.shape import Table
from mlopsgen.targets.kubeflow.judge.core import CORE, EFFECT, MODES
from mlopsgen.targets.kubeflow.judge.katib import KATIB, TRAINER
from mlopsgen.targets.kubeflow.judge.scalars import SCALARS

_PARAMETER = "object"
PLATFORM = {
    "PlatformSpec": {"platforms!": "Platforms"},
    "Platforms": {"kubernetes!": "SinglePlatform"},
    "SinglePlatform": {
        "deploymentSpec": "PlatformDeployment",
        "pipelineConfig": "object",
        "platform": "text",
        "config": "object",
    },
    "PlatformDeployment": {"executors!": "{ExecutorConfig}"},
    "ExecutorConfig": {
        "secretAsVolume": "[SecretAsVolume]",
        "secretAsEnv": "[SecretAsEnv]",
        "pvcMount": "[PvcMount]",
        "nodeSelector": "NodeSelector",
        "podMetadata": "PodLabels",
        "imagePullSecret": "[PullSecret]",
        "imagePullPolicy": "=Always IfNotPresent Never",
        "configMapAsVolume": "[ConfigMapAsVolume]",
        "configMapAsEnv": "[ConfigMapAsEnv]",
        "activeDeadlineSeconds": "positive",
        "fieldPathAsEnv": "[FieldPathAsEnv]",
        "tolerations": "[PodToleration]",
        "genericEphemeralVolume": "[Ephemeral]",
        "nodeAffinity": "[object]",
        "podAffinity": "[object]",
        "enabledSharedMemory": "SharedMemory",
        "emptyDirMounts": "[EmptyDirMount]",
        "securityContext": "RunAs",
    },
    "SecretAsVolume": {
        "secretName": "name",
        "secretNameParameter": _PARAMETER,
        "mountPath!": "path",
        "optional": "bool",
    },
    "SecretAsEnv": {
        "secretName": "name",
        "secretNameParameter": _PARAMETER,
        "keyToEnv!": "[SecretKey]",
        "optional": "bool",
    },
    "SecretKey": {"secretKey!": "data-key", "envVar!": "variable"},
    "PvcMount": {
        "constant": "name",
        "taskOutputParameter": "object",
        "componentInputParameter": "text",
        "pvcNameParameter": _PARAMETER,
        "mountPath!": "path",
        "subPath": "text",
    },
    "NodeSelector": {"labels": "{label}", "nodeSelectorJson": _PARAMETER},
    "PodLabels": {"labels": "{label}", "annotations": "{text}"},
    "PullSecret": {"secretName": "name", "secretNameParameter": _PARAMETER},
    "ConfigMapAsVolume": {
        "configMapName": "name",
        "configMapNameParameter": _PARAMETER,
        "mountPath!": "path",
        "optional": "bool",
    },
    "ConfigMapAsEnv": {
        "configMapName": "name",
        "configMapNameParameter": _PARAMETER,
        "keyToEnv!": "[ConfigMapKey]",
        "optional": "bool",
    },
    "ConfigMapKey": {"configMapKey!": "data-key", "envVar!": "variable"},
    "FieldPathAsEnv": {"name!": "variable", "fieldPath!": "field-path"},
    "PodToleration": {
        "key": "text",
        "operator": "=Exists Equal",
        "value": "label",
        "effect": EFFECT,
        "tolerationSeconds": "int",
        "tolerationJson": _PARAMETER,
    },
    "Ephemeral": {
        "volumeName!": "dns-label",
        "mountPath!": "path",
        "accessModes!": MODES,
        "size!": "quantity",
        "defaultStorageClass": "bool",
        "storageClassName": "text",
        "metadata": "PodLabels",
    },
    "SharedMemory": {"volumeName": "dns-label", "size": "quantity"},
    "EmptyDirMount": {
        "volumeName!": "dns-label",
        "mountPath!": "path",
        "medium": "=Memory",
        "sizeLimit": "quantity",
    },
    "RunAs": {"runAsUser": "count", "runAsGroup": "count", "runAsNonRoot": "bool"},
}


_SOURCES = ("value", "valueFrom")
_VOLUMES = tuple(key for key in CORE["Volume"] if key != "name!")
ONE_OF = {
    "EnvVar": ((_SOURCES, False),),
    "EnvSource": ((("secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef", "fileKeyRef"), True),),
    "Volume": ((_VOLUMES, True),),
    "Peer": ((("ipBlock", "podSelector"), False), (("ipBlock", "namespaceSelector"), False)),
    "TrialTemplate": ((("trialSpec", "configMap"), True),),
    "PvcMount": ((("constant", "taskOutputParameter", "componentInputParameter"), False),),
}

TABLE = Table({**CORE, **KATIB, **TRAINER, **PLATFORM}, ONE_OF, SCALARS)
