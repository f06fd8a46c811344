"""What pods that we write ourselves give up: all that Kubernetes' standard `restricted` asks for.

kubernetes.io/docs/concepts/security/pod-security-standards. The user stands at the container: Katib puts one of its own
beside a trial's, and gives it the same where it is told to (katib, pkg/webhook/v1beta1/pod/inject_webhook.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mlopsgen.plan.steps import Image
from mlopsgen.targets.image import NON_ROOT

USER: Final = f"{NON_ROOT}:{NON_ROOT}"
"""With a group: a user alone would be in root's, and could not write to a volume that belongs to its own."""
POD: Final[Mapping[str, Any]] = {"seccompProfile": {"type": "RuntimeDefault"}}


def pod_security(*, writes: bool = False) -> Mapping[str, Any]:
    """A pod's `securityContext`; with `writes` its volumes belong to the image's group."""
    return {**POD, **({"fsGroup": int(NON_ROOT)} if writes else {})}


def container_security(image: Image) -> Mapping[str, Any]:
    """A container's `securityContext`; what user an image of the spec's own has, nobody knows."""
    if image.prebuilt is not None:
        return {"allowPrivilegeEscalation": False}
    return {
        "runAsNonRoot": True,
        "runAsUser": int(NON_ROOT),
        "runAsGroup": int(NON_ROOT),
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
