"""What accounts and groups may do in a real cluster: all that a run needs, and nothing that it must not.

Argo's executor reports with workflowtaskresults (argo-workflows, docs/workflow-rbac.md); the launcher of Kubeflow
Pipelines reads its ConfigMap and the Secret of the store (pipelines, backend/src/v2/config); our steps make, read and
delete objects with the runtime's own code, which runs here with the account's token.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.kubernetes import Cluster as RuntimeCluster
from mlopsgen.runtime.problems import Failed
from tests.judges.cluster import Cluster, Right
from tests.targets.corpus import Files

from .manifests import Node, applied, bundles

pytestmark = pytest.mark.slow

RBAC = "rbac.authorization.k8s.io"
ARGO = "argoproj.io"
PIPELINES = "pipelines.kubeflow.org"
RUN_NEEDS = (
    Right("create", "workflowtaskresults", ARGO),
    Right("patch", "workflowtaskresults", ARGO),
    Right("get", "configmaps", name="kfp-launcher"),
)
NOBODY = (
    *(Right(verb, "secrets") for verb in ("get", "list", "watch", "create", "delete")),
    Right("get", "secrets", name="somebody-elses"),
    *(Right(verb, "pods") for verb in ("create", "patch", "delete", "deletecollection")),
    *(Right("create", "pods", subresource=door) for door in ("exec", "attach", "portforward", "eviction")),
    *(Right(verb, "configmaps") for verb in ("list", "create", "update", "delete")),
    Right("update", "configmaps", name="kfp-launcher"),
    *(Right(verb, "serviceaccounts") for verb in ("create", "impersonate")),
    Right("create", "serviceaccounts", subresource="token"),
    *(Right(verb, "roles", RBAC) for verb in ("create", "update", "escalate", "bind")),
    *(Right(verb, "rolebindings", RBAC) for verb in ("create", "delete")),
    *(Right(verb, "workflows", ARGO) for verb in ("create", "patch", "delete")),
    *(Right(verb, "persistentvolumeclaims") for verb in ("create", "delete")),
    *(Right(verb, "experiments", "kubeflow.org") for verb in ("list", "patch", "deletecollection")),
    *(Right(verb, "trainjobs", "trainer.kubeflow.org") for verb in ("list", "patch", "deletecollection")),
    Right("delete", "networkpolicies", "networking.k8s.io"),
    Right("get", "nodes"),
    Right("list", "namespaces"),
)
"""What neither an account nor a group of a bundle may do."""
DEPLOY = (
    Right("create", "pipelines", PIPELINES),
    Right("create", "pipelines", PIPELINES, subresource="versions"),
    Right("create", "jobs", PIPELINES),
    Right("terminate", "runs", PIPELINES),
)
INVOKE = (Right("create", "runs", PIPELINES), Right("get", "runs", PIPELINES), Right("list", "pipelines", PIPELINES))
ONLY_DEPLOY = (Right("delete", "pipelines", PIPELINES), Right("create", "pipelines", PIPELINES), *DEPLOY[2:])


@dataclass(frozen=True)
class Granted:
    """The rights of one bundle, in a namespace of their own."""

    project: str
    namespace: str
    documents: tuple[Node, ...]
    objects: tuple[Node, ...]

    def of(self, kind: str) -> Iterator[Node]:
        return (document for document in self.documents if document["kind"] == kind)

    def subjects(self, kind: str) -> dict[str, str]:
        """Holder → role."""
        held = ((one, binding["roleRef"]["name"]) for binding in self.of("RoleBinding") for one in binding["subjects"])
        return {one["name"]: role for one, role in held if one["kind"] == kind}

    def secrets(self) -> list[str]:
        rules = [rule for role in self.of("Role") for rule in role["rules"]]
        return [name for rule in rules if "secrets" in rule["resources"] for name in rule["resourceNames"]]


@cache
def granted() -> tuple[Granted, ...]:
    """Each set of rights once: bundles of many specs have the same."""
    seen: dict[str, Granted] = {}
    for project, files in bundles():
        rights = [one for _, one in applied(files) if one["kind"] in ("Role", "RoleBinding", "ServiceAccount")]
        if rights:
            seen.setdefault(json.dumps(rights, sort_keys=True), _granted(project, f"rights-{len(seen)}", rights, files))
    return tuple(seen.values())


def _granted(project: str, namespace: str, rights: list[Node], files: Files) -> Granted:
    made = [json.loads(text) for file, text in files.items() if file.startswith("manifests/") and file[-5:] == ".json"]
    return Granted(project, namespace, tuple(map(moved(namespace), rights)), tuple(map(moved(namespace), made)))


def moved(namespace: str) -> Any:
    """The same in another namespace, with all that names it."""

    def move(document: Node) -> Node:
        before = json.dumps(document["metadata"]["namespace"])
        text = json.dumps(document).replace(f'"namespace": {before}', f'"namespace": {json.dumps(namespace)}')
        found: Node = json.loads(text)
        return found

    return move


@pytest.fixture
def give(cluster: Cluster) -> Any:
    """Puts rights into the cluster, and waits until it knows them."""

    def given(rights: Granted) -> Granted:
        cluster.namespace(rights.namespace)
        for document in rights.documents:
            assert cluster.apply(document, rehearsal=False) is None
        for role in rights.of("Role"):
            for _ in range(100):
                if known(cluster, rights, role):
                    break
                time.sleep(0.1)
        return rights

    return given


def known(cluster: Cluster, rights: Granted, role: Node) -> bool:
    """Whether whoever holds a role has its first right already."""
    holders = {kind: held for kind in ("ServiceAccount", "Group") for held in rights.subjects(kind).items()}
    first = role["rules"][0]
    resource, _, inner = first["resources"][0].partition("/")
    asked = Right(first["verbs"][0], resource, first["apiGroups"][0], (first.get("resourceNames") or [""])[0], inner)
    for kind, (name, held) in holders.items():
        if held == role["metadata"]["name"]:
            return may(cluster, rights.namespace, kind, name, asked)
    return True


def may(cluster: Cluster, namespace: str, kind: str, name: str, right: Right) -> bool:
    if kind == "ServiceAccount":
        return cluster.may(name, namespace, right)
    return cluster.user_may("somebody", (name,), namespace, right)


def missing(cluster: Cluster, rights: Granted) -> list[str]:
    """What a run cannot do."""
    secrets = tuple(Right("get", "secrets", name=name) for name in rights.secrets())
    accounts = rights.subjects("ServiceAccount")
    return [
        f"{name} may not {right}"
        for name in accounts
        for right in (*RUN_NEEDS, *secrets)
        if not cluster.may(name, rights.namespace, right)
    ]


def too_much(cluster: Cluster, rights: Granted) -> list[str]:
    """What somebody may do that nobody must."""
    holders = [("ServiceAccount", one["metadata"]["name"]) for one in rights.of("ServiceAccount")]
    holders += [("Group", name) for name in rights.subjects("Group")]
    return [
        f"{name} may {right}"
        for kind, name in holders
        for right in NOBODY
        if may(cluster, rights.namespace, kind, name, right)
    ]


def test_there_are_rights_of_every_kind() -> None:
    assert any(one.secrets() for one in granted())
    assert any(one.subjects("Group") for one in granted())
    assert {one["kind"] for rights in granted() for one in rights.objects} == {"Experiment", "TrainJob"}


def test_a_run_may_do_what_argo_and_the_launcher_do(cluster: Cluster, give: Any) -> None:
    assert [line for rights in granted() for line in missing(cluster, give(rights))] == []


def test_nobody_may_do_what_a_run_does_not_need(cluster: Cluster, give: Any) -> None:
    assert [f"{one.project}: {line}" for one in granted() for line in too_much(cluster, give(one))] == []


def test_trials_and_nodes_may_do_nothing(cluster: Cluster, give: Any) -> None:
    workers = [
        (give(rights), account["metadata"]["name"])
        for rights in granted()
        for account in rights.of("ServiceAccount")
        if not account["automountServiceAccountToken"]
    ]
    assert workers
    rights_of_run = (*RUN_NEEDS, Right("get", "pods"), Right("create", "experiments", "kubeflow.org"))
    assert [n for rights, n in workers for right in rights_of_run if cluster.may(n, rights.namespace, right)] == []


def test_no_account_may_do_anything_in_another_namespace(cluster: Cluster, give: Any) -> None:
    accounts = [(give(rights).namespace, name) for rights in granted() for name in rights.subjects("ServiceAccount")]
    elsewhere = (*RUN_NEEDS, Right("get", "pods"), Right("list", "pods"))
    assert [name for home, name in accounts for right in elsewhere if _elsewhere(cluster, home, name, right)] == []


def test_groups_may_start_runs_and_only_some_may_change_pipelines(cluster: Cluster, give: Any) -> None:
    for rights in granted():
        for group, role in rights.subjects("Group").items():
            give(rights)
            wanted = DEPLOY if role.endswith("-deploy") else INVOKE
            unwanted = () if role.endswith("-deploy") else ONLY_DEPLOY
            assert [str(r) for r in wanted if not may(cluster, rights.namespace, "Group", group, r)] == []
            assert [str(r) for r in unwanted if may(cluster, rights.namespace, "Group", group, r)] == []


def test_a_step_makes_reads_and_deletes_its_objects_as_the_account_of_its_run(
    cluster: Cluster, give: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBERNETES_API", cluster.address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    tried = []
    for rights in granted():
        # Where a spec names an account of its own, the cluster's administrator gives it the rights.
        for name, document in ((n, d) for n in rights.subjects("ServiceAccount") for d in rights.objects):
            mine = RuntimeCluster(signed_in(cluster, give(rights), name, tmp_path / rights.namespace), pause=0)
            mine.create(document)
            assert mine.read(document)["metadata"]["uid"]
            mine.delete(document)
            tried.append(document["kind"])
    assert {*tried} == {"Experiment", "TrainJob"}


def test_a_role_that_lacks_or_has_a_right_more_is_seen(
    cluster: Cluster, give: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault of each test above, in a role of ours."""
    monkeypatch.setenv("KUBERNETES_API", cluster.address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    rights = next(one for one in granted() if one.objects and any(one.of("Role")))
    (name,) = rights.subjects("ServiceAccount")

    def broken(namespace: str, change: Any) -> Granted:
        documents = tuple(map(moved(namespace), deepcopy(rights.documents)))
        objects = tuple(map(moved(namespace), rights.objects))
        found = replace(rights, namespace=namespace, documents=documents, objects=objects)
        change(next(found.of("Role"))["rules"])
        given: Granted = give(found)
        return given

    less = broken("less", lambda rules: rules[0]["verbs"].remove("patch"))
    assert missing(cluster, less) == [f"{name} may not patch argoproj.io/workflowtaskresults"]
    more = broken("more", lambda rules: rules.append({"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}))
    assert too_much(cluster, more) == [f"{name} may list secrets"]
    without = broken("without", lambda rules: rules[-1]["verbs"].remove("delete"))
    mine = RuntimeCluster(signed_in(cluster, without, name, tmp_path / "without"), pause=0)
    mine.create(without.objects[0])
    with pytest.raises(Failed, match=r"cannot be deleted: .*forbidden"):
        mine.delete(without.objects[0])


def signed_in(cluster: Cluster, rights: Granted, account: str, folder: Path) -> Path:
    """What Kubernetes puts into a pod of an account: its token, and whom to trust."""
    path = f"/api/v1/namespaces/{rights.namespace}/serviceaccounts/{account}/token"
    code, said = cluster.call(
        "POST", path, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    )
    assert code == 201, said
    folder.mkdir(exist_ok=True)
    (folder / "token").write_text(said["status"]["token"])
    (folder / "ca.crt").write_bytes(cluster.certificate.read_bytes())
    return folder


def _elsewhere(cluster: Cluster, home: str, name: str, right: Right) -> bool:
    user = f"system:serviceaccount:{home}:{name}"
    return cluster.user_may(user, ("system:serviceaccounts",), "default", right)
