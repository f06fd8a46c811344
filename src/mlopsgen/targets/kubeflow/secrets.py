"""Secrets of steps: values of Secrets of the namespace, as variables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mlopsgen.plan.steps import Secret
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.kubeflow.options import SUBDOMAIN
from mlopsgen.targets.kubeflow.storage import secret_as_env

_NAME = re.compile(rf"({SUBDOMAIN})(?:/([A-Za-z0-9._-]+))?")


def named(secret: Secret) -> tuple[str, str] | None:
    """The Secret and its key: `<secret>/<key>`; `<secret>` alone has the variable's name as its key."""
    found = _NAME.fullmatch(secret.name)
    return (found[1], found[2] or secret.variable) if found and len(found[1]) <= 253 else None


def as_variables(context: Context, secrets: Sequence[Secret]) -> Mapping[str, Any]:
    """Secrets as the platform's document has them; those of another platform's store are findings."""
    found: dict[str, list[tuple[str, str]]] = {}
    for secret in secrets:
        known = named(secret)
        if known is None:
            context.error(
                "MG312",
                f"`{secret.name}` is no Secret of Kubernetes",
                secret.origin,
                hint="`<secret>`, or `<secret>/<key>`; other stores come into the cluster as Secrets",
            )
            continue
        found.setdefault(known[0], []).append((known[1], secret.variable))
    return {"secretAsEnv": [secret_as_env(name, tuple(keys)) for name, keys in found.items()]} if found else {}
