"""What the server refuses of objects such as ours, in its own words: who asks it knows that it looks."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.judges.cluster import Cluster
from tests.judges.faults import GONE, Change, changed

from .conftest import STRICT
from .manifests import of_kind, trial
from .test_taken import claims, every_pod

pytestmark = pytest.mark.slow

CONTAINER = "spec.template.spec.containers.0"
PATCH = "spec.runtimePatches.0.trainingRuntimeSpec.template.spec.replicatedJobs.0.template.spec.template.spec"
FAULTS: dict[str, list[tuple[Change, str]]] = {
    "ServiceAccount": [
        (("automountServiceAccountToken", "yes"), "automountServiceAccountToken"),
        (("annotation", {}), "annotation: field not declared"),
        (("metadata.labels", {"team": "a b"}), "a valid label must be"),
    ],
    "Role": [
        (("rules.0.verbs", GONE), "rules[0].verbs: Required value"),
        (("rules.0.verb", ["get"]), "verb: field not declared"),
        (("rules.0.resources", []), "resource rules must supply at least one resource"),
    ],
    "RoleBinding": [
        (("roleRef.kind", "Rolle"), "roleRef.kind"),
        (("roleRef.apiGroup", "rbac"), "roleRef.apiGroup"),
        (("subjects.0.kind", "Account"), "subjects[0].kind"),
        (("subject", []), "subject: field not declared"),
    ],
    "NetworkPolicy": [
        (("spec.egress.4.to.0.ipBlock.cidr", "10.0.0.0/33"), "ipBlock.cidr"),
        (("spec.egress.0.ports.0.port", 70000), "port"),
        (("spec.policyTypes", ["Outgoing"]), "policyTypes"),
        (("spec.egres", []), "egres: field not declared"),
    ],
    "PersistentVolumeClaim": [
        (("spec.resources.requests.storage", "20 gigs"), "quantities must match"),
        (("spec.accessModes", ["ReadWriteAlways"]), "accessModes"),
        (("spec.storageClass", "fast"), "storageClass: field not declared"),
    ],
    "ConfigMap": [
        (("metadata.name", "kfp-DIGEST"), "a lowercase RFC 1123 subdomain"),
        (("data.a/b", "x"), "a valid config key"),
        (("data.count", 5), "data.count"),
    ],
    "Pod": [
        (("spec.containers.0.volumeMounts", [{"name": "no", "mountPath": "/x"}]), "volumeMounts[0].name: Not found"),
        (("spec.restartPolicy", "Sometimes"), "restartPolicy"),
        (("spec.containers.0.securityContexts", {}), "securityContexts: field not declared"),
    ],
    "Job": [
        (("spec.template.spec.restartPolicy", "Always"), "restartPolicy"),
        ((f"{CONTAINER}.resources", {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}), "less than or equal to cpu"),
        ((f"{CONTAINER}.resources", {"limits": {"memory": "4 GB"}}), "quantities must match"),
        ((f"{CONTAINER}.env", [{"name": "A", "value": 5}]), "value"),
        ((f"{CONTAINER}.env", [{"name": "a b=", "value": "x"}]), "env[0].name"),
        (("spec.activeDeadlineSecond", 60), "activeDeadlineSecond: field not declared"),
    ],
    "TrainJob": [
        (("spec.trainer.numNodes", "two"), "numNodes"),
        (("spec.trainer.nodes", 2), "nodes: field not declared"),
        (("spec.runtimeRef.name", GONE), "runtimeRef.name"),
        ((f"{PATCH}.serviceAccount", "x"), "serviceAccount: field not declared"),
    ],
}


def good(kind: str) -> dict[str, Any]:
    """The object of that kind that says most."""
    made = of_kind("Experiment" if kind == "Job" else kind)
    documents = (trial(one.document) | {"metadata": {"name": "one"}} if kind == "Job" else one.document for one in made)
    return deepcopy(max(documents, key=lambda document: len(str(document))))


@pytest.mark.parametrize("kind", FAULTS)
def test_the_server_refuses_each_fault_of_a_kind(cluster: Cluster, kind: str) -> None:
    assert cluster.apply(good(kind)) is None
    said = {words: cluster.apply(changed(good(kind), change)) for change, words in FAULTS[kind]}
    assert {words: why for words, why in said.items() if why is None or words not in why} == {}


def test_an_immutable_map_cannot_be_changed_once_it_is_there(cluster: Cluster) -> None:
    kept = next(deepcopy(made.document) for made in of_kind("ConfigMap") if made.document.get("immutable"))
    kept["metadata"]["name"] += "-kept"
    assert cluster.apply(kept, rehearsal=False) is None
    assert "immutable" in str(cluster.apply(kept | {"data": {"object.json": "{}"}}))


def test_a_pod_that_claims_nothing_is_refused_where_the_standard_is_asked_for(cluster: Cluster) -> None:
    pods = [deepcopy(pod) for _, pod in every_pod()]
    for part in (part for pod in pods for part in (pod["spec"], *pod["spec"]["containers"])):
        part.pop("securityContext", None)
    assert not any(claims(pod) for pod in pods)
    assert [
        why for pod in pods if "violates PodSecurity" not in (why := str(cluster.apply(pod, namespace=STRICT)))
    ] == []
