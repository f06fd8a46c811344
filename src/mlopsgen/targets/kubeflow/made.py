"""Objects that steps make in the cluster, before they are printed: each lies in a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlopsgen.records import dataclass
from mlopsgen.targets.kubeflow.pods import Pod


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One axis, in Katib's words: every number is a text there."""

    name: str
    type: str
    space: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """An Experiment."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    metric: str
    direction: str
    goal: float | None
    algorithm: str
    settings: tuple[Mapping[str, str], ...]
    early_stopping: bool
    trials: int | None
    parallel: int
    failures: int | None
    parameters: tuple[Parameter, ...]
    pod: Pod
    deadline: int | None
    retries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """A TrainJob."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    runtime: str
    count: int
    per_node: int | None
    deadline: int | None
    pod: Pod


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """One such file, and the ConfigMap that holds it."""

    path: str
    """In the folder of manifests."""
    template: str
    config_map: str
    body: Search | Nodes
