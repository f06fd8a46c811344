"""What each release of Kubeflow's parts has: the first one that knows a field, and what its own store is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Piece: TypeAlias = Literal["pipelines", "katib", "trainer"]
Release: TypeAlias = tuple[int, int]

TITLES: Mapping[str, str] = {
    "pipelines": "Kubeflow Pipelines",
    "katib": "Katib",
    "trainer": "Kubeflow Trainer",
    "kserve": "KServe",
    "keda": "KEDA",
}
COLLECTED: Final = "inputArtifacts of a loop"
SCHEDULED_AT: Final = "`run.scheduled_at`"
SINCE: Mapping[Piece, Mapping[str, Release]] = {
    # kubeflow/pipelines, kubernetes_platform/proto/kubernetes_executor_config.proto by its tags: the server reads the
    # document strictly, so a field that it does not know refuses the upload. What we write into Secrets', claims'
    # and ConfigMaps' entries (…NameParameter) came later than the entries.
    "pipelines": {
        "podMetadata": (2, 1),
        "activeDeadlineSeconds": (2, 1),
        "tolerations": (2, 1),
        "imagePullPolicy": (2, 1),
        "configMapAsEnv": (2, 1),
        "fieldPathAsEnv": (2, 1),
        "genericEphemeralVolume": (2, 2),
        "nodeAffinity": (2, 2),
        "podAffinity": (2, 2),
        "enabledSharedMemory": (2, 3),
        "emptyDirMounts": (2, 3),
        "iteratorPolicy": (2, 4),
        "retryPolicy": (2, 5),
        "secretAsEnv": (2, 5),
        "pvcMount": (2, 5),
        "configMapAsVolume": (2, 5),
        "imagePullSecret": (2, 5),
        COLLECTED: (2, 14),
        "securityContext": (2, 16),
        "resourceTtlOnCompletion": (2, 17),
        # v2/cmd/driver/main.go: before, the placeholder stays as it is, and is empty in 2.16.
        SCHEDULED_AT: (2, 17),
    },
    # katib, pkg/apis/controller/experiments/v1beta1/experiment_types.go by its tags.
    "katib": {"distribution": (0, 18)},
    # trainer, pkg/apis/trainer/v1alpha1/trainjob_types.go by its tags: 2.1 says the first as podTemplateOverrides.
    "trainer": {"runtimePatches": (2, 2), "activeDeadlineSeconds": (2, 2)},
}
STORE: Final = (2, 16)
"""The release whose own store is the Service `seaweedfs`; before, it is `minio-service`."""

ISOLATED: Final = (2, 15)
"""The release whose store knows namespaces apart (kubeflow/pipelines, pipelines-profile-controller/sync.py)."""


def release(version: str) -> Release:
    """A version as numbers, which can be compared."""
    first, _, second = version.partition(".")
    return int(first), int(second)


def release_text(version: Release) -> str:
    """A release as people write it."""
    return ".".join(map(str, version))
