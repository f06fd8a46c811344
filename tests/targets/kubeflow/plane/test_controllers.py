"""What Kubernetes' own controllers make of what is emitted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.judges.cluster import Cluster
from tests.judges.plane import plane

from .manifests import of_kind, trial

pytestmark = pytest.mark.slow


def test_the_job_of_a_trial_becomes_a_pod_that_waits_for_a_node(tmp_path: Path) -> None:
    made = of_kind("Experiment")[0]
    with plane(tmp_path, controllers=True) as cluster:
        cluster.namespace("ml")
        assert cluster.apply(trial(made.document), namespace="ml", rehearsal=False) is None
        pod = waiting(cluster, "ml")
        assert pod["metadata"]["ownerReferences"][0]["name"] == trial(made.document)["metadata"]["name"]
        wanted = trial(made.document)["spec"]["template"]["spec"]
        assert pod["spec"]["containers"][0]["args"] == wanted["containers"][0]["args"]


def waiting(cluster: Cluster, namespace: str) -> Any:
    """The pod of a namespace, once the scheduler has looked at it."""
    for _ in range(600):
        for pod in cluster.call("GET", f"/api/v1/namespaces/{namespace}/pods")[1]["items"]:
            if any(one.get("reason") == "Unschedulable" for one in pod["status"].get("conditions", ())):
                return pod
        time.sleep(0.1)
    raise AssertionError("no pod waits")
