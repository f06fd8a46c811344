"""Native keys of a step that belong to the document of the platform, which is the second one of the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlopsgen.render.job import Merge, Patch
from mlopsgen.targets.ir.through import EXECUTOR

FILE = "pipeline.yaml"
PLATFORM = frozenset(
    {
        "secretAsVolume",
        "secretAsEnv",
        "pvcMount",
        "nodeSelector",
        "podMetadata",
        "imagePullSecret",
        "imagePullPolicy",
        "configMapAsVolume",
        "configMapAsEnv",
        "activeDeadlineSeconds",
        "fieldPathAsEnv",
        "tolerations",
        "genericEphemeralVolume",
        "nodeAffinity",
        "podAffinity",
        "enabledSharedMemory",
        "emptyDirMounts",
        "securityContext",
    }
)
"""Fields of KubernetesExecutorConfig (kfp.kubernetes, kubernetes_executor_config.proto)."""


def of_two_documents(patches: Iterable[Patch]) -> Iterator[Patch]:
    """The same keys at their places in a file of two documents."""
    for patch in patches:
        if not isinstance(patch.change, Merge) or patch.file != FILE:
            yield patch
            continue
        step = patch.at.rpartition("/")[2]
        theirs = {key: value for key, value in patch.change.value.items() if key in PLATFORM}
        ours = {key: value for key, value in patch.change.value.items() if key not in PLATFORM}
        if ours:
            yield Patch(FILE, f"/0{patch.at}", Merge(ours), patch.origin)
        if theirs:
            label = step if any(key in EXECUTOR for key in ours) else f"exec-{step}"
            at = f"/1/platforms/kubernetes/deploymentSpec/executors/{label}"
            yield Patch(FILE, at, Merge(theirs), patch.origin)
