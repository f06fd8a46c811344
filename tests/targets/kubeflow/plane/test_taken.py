"""A real API server takes every object that a spec becomes, field for field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.judges.cluster import Cluster
from tests.targets.corpus import NOTHING, projects

from .conftest import STRICT
from .manifests import Made, applied, bundles, objects, of_kind, pods, trial

pytestmark = pytest.mark.slow
KINDS = sorted(
    {
        *("ConfigMap", "Experiment", "NetworkPolicy", "PersistentVolumeClaim", "Pod", "Role", "RoleBinding"),
        *("ServiceAccount", "TrainJob"),
    }
)


def test_every_kind_is_asked_about() -> None:
    assert sorted({made.kind for made in objects()}) == KINDS


def test_the_server_is_asked_about_every_spec_that_becomes_a_bundle() -> None:
    assert {project.name for project in projects()} - {name for name, _ in bundles()} == NOTHING


def test_a_variable_that_the_store_and_the_step_need_is_there_once() -> None:
    """The API refuses a TrainJob that names a variable twice: its CRD has `env` as a map by name."""
    twice = []
    for made, pod in every_pod():
        names = [one["name"] for container in pod["spec"]["containers"] for one in container.get("env", ())]
        twice += [(str(made), name) for name in names if names.count(name) > 1]
    assert twice == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_server_takes_every_object_of_a_kind(cluster: Cluster, kind: str) -> None:
    refusals = [(str(made), cluster.apply(made.document)) for made in of_kind(kind)]
    assert [refusal for refusal in refusals if refusal[1]] == []


def test_the_server_takes_the_job_of_every_trial(cluster: Cluster) -> None:
    searches = of_kind("Experiment")
    refusals = [(str(m), cluster.apply(trial(m.document), namespace=namespace(m))) for m in searches]
    assert [refusal for refusal in refusals if refusal[1]] == []


def test_the_server_takes_every_pod(cluster: Cluster) -> None:
    refusals = [(str(made), cluster.apply(pod, namespace=namespace(made))) for made, pod in every_pod()]
    assert [refusal for refusal in refusals if refusal[1]] == []


def test_a_pod_that_claims_the_restricted_standard_keeps_to_it(cluster: Cluster) -> None:
    claimed = [(made, pod) for made, pod in every_pod() if claims(pod)]
    refusals = [(str(made), cluster.apply(pod, namespace=STRICT)) for made, pod in claimed]
    assert [refusal for refusal in refusals if refusal[1]] == []


def test_a_whole_bundle_is_kept_and_taken_again(cluster: Cluster) -> None:
    """The README has its folder applied again after each compile: immutable objects must not change meanwhile."""
    for project, files in bundles():
        if project in ("schedule-adherence", "script"):
            for _ in range(2):
                said = [cluster.apply(document, rehearsal=False) for _, document in applied(files)]
                assert [why for why in said if why] == []


def every_pod() -> list[tuple[Made, dict[str, Any]]]:
    """Every pod that an object becomes, each once."""
    found = [(made, pod) for made in objects() for pod in pods(made.document)]
    return list({json.dumps(pod, sort_keys=True): (made, pod) for made, pod in found}.values())


def claims(pod: Mapping[str, Any]) -> bool:
    """Whether a pod says that it needs no root: then it means the standard, and has to keep to all of it."""
    parts = (pod["spec"], *pod["spec"]["containers"])
    return any(part.get("securityContext", {}).get("runAsNonRoot") for part in parts)


def namespace(made: Made) -> str:
    return str(made.document["metadata"]["namespace"])
