"""Objects that steps make in the cluster: each lies in a file of its own, which a ConfigMap brings to its step."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlopsgen.plan.steps import AnyJob
from mlopsgen.targets.ir.commands import RUNTIME
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.parts import Command, Part, Word, flag, word
from mlopsgen.targets.kubeflow.confinement import container_security, pod_security
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.names import annotations_of, labels_of, pod_annotations
from mlopsgen.targets.kubeflow.nodes import placed
from mlopsgen.targets.kubeflow.pods import OBJECTS, Object, Pod, amounts, environment, mounts, volumes

FILE = "object.json"


def config_map(context: Context, kind: str, step: str, body: object) -> str:
    """The ConfigMap's name: another content is another ConfigMap, so a run keeps the one it was compiled with."""
    content = repr((body, sorted(map(repr, context.options.patches))))
    return f"{context.plan.name}-{step}-{kind}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def pod_of(context: Context, facts: Facts, job: AnyJob, part: Part, args: tuple[str, ...]) -> Pod:
    """A part's container as a pod of its own; it may do nothing in the cluster."""
    assert isinstance(part.runs, Command)
    artifacts = facts.storage.artifacts
    secrets = [*part.platform.get("secretAsEnv", ()), *artifacts.keys()]
    reading = replace(part, platform={**part.platform, "secretAsEnv": secrets})
    return Pod(
        image=part.runs.image,
        command=tuple(str(one[0]) for one in RUNTIME),
        args=args,
        env=environment(reading, tuple(artifacts.environment())),
        resources=amounts(part.runs.resources),
        placement=placed(context, job).pod(),
        service_account=facts.worker_account,
        pull_secrets=tuple({"name": name} for name in facts.options.pull_secrets),
        volumes=volumes(part),
        mounts=mounts(part),
        labels=dict(labels_of(context.plan)),
        annotations={**dict(annotations_of(context.plan)), **dict(pod_annotations())},
        security=pod_security(writes=bool(part.platform.get("pvcMount"))),
        confined=container_security(context.plan.image),
    )


def making(context: Context, facts: Facts, part: Part, item: Object, words: tuple[Word, ...]) -> Part:
    """The step that makes an object, waits for it and deletes it; its own container needs next to nothing."""
    folder = f"{OBJECTS}/{item.config_map}"
    volume: Mapping[str, Any] = {
        "configMapName": item.config_map,
        "configMapNameParameter": {"runtimeValue": {"constant": item.config_map}},
        "mountPath": folder,
        "optional": False,
    }
    artifacts = facts.storage.artifacts
    facts.objects.append(item)
    return replace(
        part,
        runs=Command(
            image=context.image,
            words=(*RUNTIME, word("cluster"), flag("object", f"{folder}/{FILE}"), *words),
            entry=len(RUNTIME),
            env=tuple(artifacts.environment()),
        ),
        platform={
            "configMapAsVolume": [volume],
            **({"secretAsEnv": list(artifacts.keys())} if artifacts.keys() else {}),
        },
    )
