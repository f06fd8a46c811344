"""What the cluster's releases know: a field that came later is a finding, and the README says what is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .made import SPEC, made, refused

SEARCH = {"metric": "accuracy", "strategy": "random", "trials": 4, "search": {"rate": {"float": [0.1, 0.9]}}}
TUNED = {"run": "train.py", "tuning": SEARCH}
LOG = {"rate": {"float": [0.1, 0.9], "scale": "log"}}
TIMED = {"run": "train.py", "params": {"at": "${run.scheduled_at}"}}
SEVERAL = {"run": "train.py", "distributed": "torchrun", "resources": {"nodes": 2}}


@pytest.mark.parametrize(
    ("part", "before", "first", "spec", "place"),
    [
        ("pipelines", "2.16", "2.17", {"governance": {"retention": "30d"}}, "governance.retention"),
        ("pipelines", "2.13", "2.14", {"training": TUNED}, "training.tuning"),
        ("pipelines", "2.4", "2.5", {"training": {"run": "train.py", "retries": 2}}, "training.retries"),
        ("pipelines", "2.4", "2.5", {"training": {"run": "train.py", "secrets": {"K": "db"}}}, "training.secrets"),
        ("pipelines", "2.16", "2.17", {"training": TIMED}, "training"),
        (
            "katib",
            "0.17",
            "0.18",
            {"training": {"run": "train.py", "tuning": {**SEARCH, "strategy": "bayesian", "search": LOG}}},
            "training.tuning.search",
        ),
        ("trainer", "2.1", "2.2", {"training": SEVERAL}, "training.resources.nodes"),
    ],
)
def test_a_field_that_the_cluster_does_not_know_yet_is_refused_where_it_is_asked_for(
    tmp_path: Path, part: str, before: str, first: str, spec: dict[str, Any], place: str
) -> None:
    """The versions are the first tags of kubeflow/pipelines, katib and trainer whose sources have the field."""
    assert refused(tmp_path, spec, versions={part: before}) == [("MG301", place)]
    assert made(tmp_path, spec, versions={part: first}).files


def test_a_native_key_that_the_cluster_does_not_know_yet_is_refused(tmp_path: Path) -> None:
    steps = {"training": {"securityContext": {"runAsUser": 10001}}}
    assert refused(tmp_path, steps=steps, versions={"pipelines": "2.15"}) == [
        ("MG301", "targets.kubeflow.steps.training.securityContext")
    ]
    assert made(tmp_path, steps=steps).files


def test_every_bundle_needs_labels_of_pods(tmp_path: Path) -> None:
    assert refused(tmp_path, versions={"pipelines": "2.0"}) == [("MG301", "targets.kubeflow.versions.pipelines")]


def test_the_readme_says_which_releases_a_bundle_needs(tmp_path: Path) -> None:
    bundle = made(tmp_path, {"training": TUNED}, search="katib", versions={"pipelines": "2.16"})
    assert "| Kubeflow Pipelines | 2.16 | 2.5 |" in bundle.readme
    assert "| Katib | 0.19 | 0.19 |" in bundle.readme
    assert "Trainer" not in bundle.readme
    assert "| Kubeflow Trainer | 2.3 | 2.2 |" in made(tmp_path, {"training": SEVERAL}).readme


def test_versions_of_what_is_not_emitted_are_no_matter(tmp_path: Path) -> None:
    notes = [one.spec_path for one in made(tmp_path, versions={"kserve": "0.19"}).found if one.severity == "note"]
    assert ("targets", "kubeflow", "versions", "kserve") in notes
    assert SPEC["name"] == "payers"
