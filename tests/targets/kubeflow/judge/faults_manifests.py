"""Faults in plain manifests: accounts, rights, claims, network, the kustomization that lists them."""

from __future__ import annotations

from tests.targets.ir.judge.seed import Faults, Seeded, place

faults = Faults()

for _kind in ("ServiceAccount", "Role", "RoleBinding", "PersistentVolumeClaim", "NetworkPolicy", "ConfigMap"):
    faults.renames(_kind, {"/metadata": "meta", "/metadata.name": "title", "/metadata.namespace": "nameSpace"})
    faults.retypes(
        _kind,
        [
            ("/metadata.name", "Schedule_Adherence"),
            ("/metadata.name", 5),
            ("/metadata.name", "a" * 254),
            ("/metadata.namespace", "ML"),
        ],
        *(431, 433, 437),
    )
    faults.deletes(_kind, "/metadata", "/metadata.name", codes=(432, 434))

faults.retypes("Role", [("/apiVersion", "rbac.authorization.k8s.io/v2"), ("/apiVersion", 1)], 433, 431, 443)
faults.retypes("RoleBinding", [("/apiVersion", "rbac.authorization.k8s.io/v1beta1")], 433, 443)
faults.retypes("NetworkPolicy", [("/apiVersion", "extensions/v1beta1")], 433, 443)
faults.retypes("ServiceAccount", [("/kind", "ServiceAcount"), ("/apiVersion", "v2")], 433)
faults.deletes("Role", "/kind", "/apiVersion")
faults.deletes("RoleBinding", "/kind", "/apiVersion")

faults.renames(
    "ServiceAccount",
    {
        "/imagePullSecrets": "imagePullSecret",
        "imagePullSecrets.[].name": "secretName",
        "/automountServiceAccountToken": "automountToken",
        "/metadata.labels": "label",
    },
)
faults.renames(
    "Role",
    {
        "/rules": "rule",
        "rules.[].apiGroups": "apiGroup",
        "rules.[].resources": "resource",
        "rules.[].verbs": "verb",
        "rules.[].resourceNames": "names",
    },
)
faults.renames(
    "RoleBinding",
    {
        "/roleRef": "role",
        "/subjects": "subject",
        "roleRef.name": "role",
        "roleRef.apiGroup": "apiVersion",
        "subjects.[].kind": "type",
        "subjects.[].name": "account",
    },
)
faults.renames(
    "PersistentVolumeClaim",
    {
        "/spec": "specification",
        "spec.accessModes": "accessMode",
        "spec.storageClassName": "storageClass",
        "spec.resources": "resource",
        "resources.requests": "request",
        "requests.storage": "size",
    },
)
faults.renames(
    "NetworkPolicy",
    {
        "/spec": "specification",
        "spec.podSelector": "selector",
        "podSelector.matchLabels": "labels",
        "spec.policyTypes": "types",
        "spec.egress": "outgoing",
        "egress.[].to": "destinations",
        "egress.[].ports": "port",
        "ports.[].port": "number",
        "ipBlock.cidr": "range",
    },
)
faults.renames(
    "Kustomization",
    {"/resources": "resource", "/namespace": "nameSpace", "/labels": "commonLabel", "labels.[].pairs": "labels"},
)
faults.renames("ConfigMap", {"/data": "content"})

faults.retypes(
    "ServiceAccount",
    [("/imagePullSecrets", "registry-login"), ("/automountServiceAccountToken", "true"), ("/metadata.labels.*", 5)],
)
faults.retypes(
    "ServiceAccount", [("/metadata.labels.*", "no spaces, please"), ("/metadata.labels.*", "l" * 64)], 433, 437
)
faults.retypes(
    "Role",
    [
        ("/rules", {}),
        ("rules.[].verbs", "get"),
        ("rules.[].verbs", ["reed"]),
        ("rules.[].resources", []),
        ("rules.[].resources", ["Experiments"]),
        ("rules.[].verbs", []),
        ("rules.[].resourceNames", "one"),
    ],
    *(431, 433, 432),
)
faults.retypes(
    "Role",
    [
        ("rules.[].verbs", ["*"]),
        ("rules.[].resources", ["*"]),
        ("rules.[].apiGroups", ["*"]),
        ("rules.[]", {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}),
        ("rules.[]", {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["x"], "verbs": ["list"]}),
        ("rules.[]", {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}),
        ("rules.[]", {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["escalate"]}),
        ("rules.[]", {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"]}),
        ("rules.[]", {"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]}),
        ("rules.[]", {"nonResourceURLs": ["*"], "verbs": ["get"]}),
        ("/kind", "ClusterRole"),
    ],
    *(442, 433),
    kind="semantics",
)
faults.retypes(
    "RoleBinding",
    [
        ("roleRef.name", "cluster-admin"),
        ("roleRef.kind", "ClusterRole"),
        ("/kind", "ClusterRoleBinding"),
        ("subjects.[].kind", "Group"),
        ("subjects.[].name", "default"),
        ("subjects.[]", {"kind": "Group", "name": "system:authenticated", "apiGroup": "rbac.authorization.k8s.io"}),
    ],
    *(442, 434, 433),
    kind="semantics",
)
faults.retypes(
    "RoleBinding",
    [
        ("roleRef.kind", "role"),
        ("roleRef.apiGroup", "rbac"),
        ("/subjects", {}),
        ("/subjects", []),
        ("subjects.[].namespace", "other"),
        ("subjects.[].kind", "Account"),
    ],
    *(431, 433, 432, 434),
)
faults.deletes("RoleBinding", "roleRef.apiGroup", "/roleRef", "/subjects", "subjects.[].name", "subjects.[].namespace")
faults.dangles("RoleBinding", "roleRef.name", "subjects.[].name")
faults.deletes("Role", "rules.[].verbs", "/rules", "rules.[].resources", "rules.[].apiGroups")
faults.retypes(
    "PersistentVolumeClaim",
    [
        ("requests.storage", "50 GB"),
        ("requests.storage", "-1Gi"),
        ("requests.storage", 0),
        ("spec.accessModes", "ReadWriteMany"),
        ("spec.accessModes", ["ReadWriteAll"]),
        ("spec.accessModes", []),
        ("spec.storageClassName", 3),
    ],
    *(431, 433, 432),
)
faults.deletes("PersistentVolumeClaim", "spec.accessModes", "requests.storage", "spec.resources", "/spec")
faults.retypes(
    "NetworkPolicy",
    [
        ("spec.policyTypes", ["ingress"]),
        ("spec.policyTypes", "Egress"),
        ("ports.[].port", "53/udp"),
        ("ports.[].port", 70000),
        ("ports.[].protocol", "udp"),
        ("ipBlock.cidr", "10.0.0.0/40"),
        ("ipBlock.cidr", "ten"),
        ("ipBlock.except", ["192.168.0.0/16"]),
        ("spec.podSelector", "all"),
        ("podSelector.matchLabels.*", "not ours"),
    ],
)
faults.retypes(
    "NetworkPolicy",
    [
        ("spec.egress", [{}]),
        ("spec.ingress", [{}]),
        ("egress.[]", {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}),
        ("spec.policyTypes", ["Ingress"]),
    ],
    *(442, 433),
    kind="semantics",
)
faults.deletes("NetworkPolicy", "spec.podSelector", "ipBlock.cidr", "/spec")
faults.dangles("Kustomization", "resources.[]")
faults.retypes(
    "Kustomization",
    [
        ("/resources", "rbac.yaml"),
        ("/resources", {}),
        ("/namespace", "other"),
        ("/apiVersion", "kustomize.config.k8s.io/v1beta2"),
        ("resources.[]", "../../secrets.yaml"),
        ("labels.[].pairs.*", 5),
    ],
    *(431, 433, 434),
)
faults.retypes("Kustomization", [("resources.[]", "https://example.com/base?ref=main")], 445, kind="semantics")


@faults("dangle", 436)
def file_listed_twice(b: Seeded) -> None:
    resources = b.one("Kustomization")["resources"]
    resources.append(resources[0])


@faults("dangle", 434)
def file_that_nobody_lists(b: Seeded) -> None:
    b.one("Kustomization")["resources"].pop()


@faults("dangle", 436)
def two_objects_of_one_name(b: Seeded) -> None:
    for value in b.files.values():
        if isinstance(value, list) and any(isinstance(d, dict) and d.get("kind") == "Role" for d in value):
            value.append(next(d for d in value if d["kind"] == "Role"))


@faults("dangle", 434)
def role_that_nobody_holds(b: Seeded) -> None:
    for value in b.files.values():
        if isinstance(value, list):
            value[:] = [d for d in value if not (isinstance(d, dict) and d.get("kind") == "RoleBinding")]


@faults("dangle", 434)
def pull_secret_that_the_readme_does_not_name(b: Seeded) -> None:
    holder, key = place(b.named("ServiceAccount"), "imagePullSecrets.[].name")
    holder[key] += "x"


@faults("semantics", 433)
def label_with_a_bad_key(b: Seeded) -> None:
    b.one("ServiceAccount")["metadata"]["labels"]["part of"] = "schedule-adherence"


@faults("semantics", 433)
def secret_with_its_value(b: Seeded) -> None:
    name = next(n for n, v in b.files.items() if isinstance(v, list) and n.endswith("storage.yaml"))
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "tracking", "namespace": "ml"}}
    b.files[name].append({**secret, "stringData": {"token": "hunter2hunter2"}})


@faults("semantics", 433)
def password_in_a_config_map(b: Seeded) -> None:
    holder, key = place(b.named("ConfigMap"), "data.*")
    holder[key] = "AKIA" + "IOSFODNN7ABCDEFG"


faults.retypes("ConfigMap", [("data.*", 5), ("data.*", {"a": 1}), ("/data", [])])
