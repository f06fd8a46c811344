"""The judge `mlopsgen` of a Kubeflow bundle: every rule, in the order they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.ir.judge.folder import missing, read_folder
from mlopsgen.targets.ir.judge.linter import lint
from mlopsgen.targets.kubeflow.judge import manifests, platform, pods, rights, runs, searches
from mlopsgen.targets.kubeflow.judge.cluster import Cluster
from mlopsgen.targets.rules import Rule

NEEDED = ("pipeline.yaml", "README.md")
CLUSTER_RULES: tuple[Rule[Cluster], ...] = (
    *(manifests.kinds, manifests.shape, manifests.label_keys, manifests.names, manifests.kustomizations),
    *(manifests.claims, manifests.secrets, rights.rules, rights.bindings, rights.held, rights.network),
    *(pods.references, pods.containers, pods.security, pods.pull_secrets, pods.jobs, pods.tolerations),
    *(searches.objective, searches.counts, searches.algorithm, searches.space, searches.trials),
    searches.trial_jobs,
    *(runs.shape, runs.clocks, runs.references),
    *(platform.shape, platform.executors, platform.names, platform.places),
)


def judge(bundle: Path) -> Iterator[Diagnostic]:
    """Every finding of every rule."""
    folder = read_folder(bundle)
    yield from missing(folder, NEEDED)
    yield from lint(folder)
    for cluster_rule in CLUSTER_RULES:
        yield from cluster_rule(Cluster(folder))
