"""The judge `mlopsgen` of a Kubeflow bundle: every rule, in the order they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.ir.judge.folder import Folder, read_folder
from mlopsgen.targets.ir.judge.linter import RULES as IR_RULES
from mlopsgen.targets.kubeflow.judge import manifests, platform, pods, rights, runs, searches
from mlopsgen.targets.kubeflow.judge.cluster import Cluster
from mlopsgen.targets.rules import Rule, RuleSet, by_rules

CLUSTER_RULES: tuple[Rule[Cluster], ...] = (
    *(manifests.kinds, manifests.shape, manifests.label_keys, manifests.names, manifests.kustomizations),
    *(manifests.claims, manifests.secrets, rights.rules, rights.bindings, rights.held, rights.network),
    *(pods.references, pods.containers, pods.security, pods.pull_secrets, pods.jobs, pods.tolerations),
    *(searches.objective, searches.counts, searches.algorithm, searches.space, searches.trials),
    searches.trial_jobs,
    *(runs.shape, runs.clocks, runs.references),
    *(platform.shape, platform.size, platform.executors, platform.names, platform.places),
)
RULES: tuple[RuleSet[Folder, Any], ...] = (
    *IR_RULES,
    RuleSet(lambda folder: (Cluster(folder),), CLUSTER_RULES),
)


def judge(bundle: Path) -> Iterator[Diagnostic]:
    """Every finding of every rule."""
    folder = read_folder(bundle)
    yield from folder.broken
    yield from (finding for _, finding in by_rules(folder, RULES))
