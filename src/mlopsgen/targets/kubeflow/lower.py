"""A plan in Kubeflow's terms: one pipeline, what it needs in its namespace, and what has to be said about them.

Native keys of a step that belong to the document of the platform go to the second document of pipeline.yaml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.plan.steps import Plan
from mlopsgen.render.job import Merge, Patch
from mlopsgen.targets.image import requirement_findings
from mlopsgen.targets.ir import lower as ir
from mlopsgen.targets.ir.lower import EXECUTOR
from mlopsgen.targets.ir.native import Container, Pipeline
from mlopsgen.targets.kubeflow.checks import check_plan
from mlopsgen.targets.kubeflow.cluster import around
from mlopsgen.targets.kubeflow.guide import copier, guide_of, provider
from mlopsgen.targets.kubeflow.image import extra_requirements
from mlopsgen.targets.kubeflow.native import KubeflowNative
from mlopsgen.targets.kubeflow.options import KubeflowOptions
from mlopsgen.targets.kubeflow.recurring_runs import recurring_runs
from mlopsgen.targets.kubeflow.serving.batch import scoring_pipelines
from mlopsgen.targets.kubeflow.training.loops import check_loops
from mlopsgen.targets.kubeflow.training.platform import platform_of
from mlopsgen.targets.kubeflow.versions import check_versions, needs, told_time
from mlopsgen.targets.uploads import uploads


def lower(plan: Plan, options: KubeflowOptions) -> tuple[KubeflowNative, tuple[Diagnostic, ...]]:
    """The whole bundle before it is printed, with everything that is wrong about it: whoever compiles decides."""
    platform = platform_of(plan, options)
    lowered = ir.lower(plan, options, platform)
    context = lowered.context
    check_plan(context, platform)
    scored = tuple(scoring_pipelines(context, platform, platform))
    every = (lowered, *(one.lowered for one in scored))
    parts = tuple(part for one in every for part in one.parts)
    needed = needs(context, platform, parts)
    check_versions(context, platform, needed)
    check_loops(context, platform, lowered.parts)
    env = tuple(platform.storage.artifacts.launcher())
    pod, kept = platform.pod(context), plan.governance.retention
    pipelines = tuple(_finished(one.pipeline, pod, env, kept) for one in every)
    files = (FILE, *(one.file for one in scored))
    clocks = (*recurring_runs(context, platform), *(one.recurring for one in scored if one.recurring is not None))
    with context.finishing():
        guide = guide_of(context, platform, pipelines, needed, scored=scored)
    native = KubeflowNative(
        pipelines=dict(zip(files, pipelines, strict=True)),
        around=around(plan, platform, timed=any(map(told_time, parts))),
        objects=tuple(platform.objects),
        recurring=clocks,
        provider=provider(platform),
        uploads=tuple(uploads(plan, platform.storage.data)),
        copier=copier(context, platform),
        guide=guide,
        image=plan.image,
        requirements=extra_requirements(plan, options, platform.storage),
        patches=tuple(of_two_documents(patch for one in every for patch in one.patches)),
    )
    stale = requirement_findings(plan.image, native.requirements)
    return native, tuple(dict.fromkeys((*context.findings, *stale)))


def _finished(
    pipeline: Pipeline, pod: Mapping[str, Any], env: tuple[tuple[str, str], ...], retention: int | None
) -> Pipeline:
    """Every pod has the product's labels and finds the store, and runs are cleaned up when their time has come."""
    executors = tuple(
        replace(one, body=_with_store(one.body, env), platform={**pod, **one.platform})
        if isinstance(one.body, Container)
        else one
        for one in pipeline.executors
    )
    kept = {"resourceTtlOnCompletion": retention} if retention else {}
    return replace(pipeline, executors=executors, platform=kept)


def _with_store(container: Container, env: tuple[tuple[str, str], ...]) -> Container:
    """KFP's launcher runs in every container, and reads and writes the store there."""
    return replace(container, env=tuple({**dict(env), **dict(container.env)}.items()))


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
        if not isinstance(patch.change, Merge):
            yield patch
            continue
        step = patch.at.rpartition("/")[2]
        theirs = {key: value for key, value in patch.change.value.items() if key in PLATFORM}
        ours = {key: value for key, value in patch.change.value.items() if key not in PLATFORM}
        if ours:
            yield Patch(patch.file, f"/0{patch.at}", Merge(ours), patch.origin)
        if theirs:
            label = step if any(key in EXECUTOR for key in ours) else f"exec-{step}"
            at = f"/1/platforms/kubernetes/deploymentSpec/executors/{label}"
            yield Patch(patch.file, at, Merge(theirs), patch.origin)
