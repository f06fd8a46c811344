"""Rules for rights: roles, bindings, network."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.nearest import nearest
from mlopsgen.targets.documents import Path, dig, items, maps
from mlopsgen.targets.ir.judge.folder import words
from mlopsgen.targets.kubeflow.judge.cluster import Cluster, Object
from mlopsgen.targets.rules import rule

RBAC = "Kubernetes, Role Based Access Control Good Practices"
_STRONG = {"bind", "escalate", "impersonate"}
_DOORS = {
    *("pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers", "serviceaccounts/token"),
    *("nodes/proxy", "certificatesigningrequests/approval"),
}
_GIVING = {"roles", "rolebindings", "clusterroles", "clusterrolebindings"}
_WRITES = {"create", "update", "patch", "delete", "deletecollection"}
_WIDE = {"cluster-admin", "admin", "edit", "system:aggregate-to-admin"}
_EVERYBODY = {"system:authenticated", "system:unauthenticated", "system:anonymous", "system:serviceaccounts"}
_OF_KUBEFLOW = {"default-editor", "default-viewer", "pipeline-runner"}
"""Accounts that Kubeflow makes in every profile."""


@rule("rbac-rules", RBAC)
def rules(c: Cluster) -> Iterator[Diagnostic]:
    """A rule names what it allows; nothing lets its holder become somebody else."""
    for item in c.of("Role", "ClusterRole"):
        for i, allowed in maps(item.data.get("rules")):
            path: Path = ("rules", i)
            yield from _wide(item, path, allowed)
            yield from _opens(item, path, allowed)
            yield from _complete(item, path, allowed)


def _wide(item: Object, path: Path, allowed: dict[str, Any]) -> Iterator[Diagnostic]:
    for key in ("verbs", "resources", "apiGroups", "nonResourceURLs"):
        if any(str(value).startswith("*") or str(value).endswith("/*") for value in items(allowed.get(key))):
            message = f"`*` among {key} allows what nobody has asked for: name each"
            yield item.document.finding("MG442", message, (*path, key))
    if "secrets" in items(allowed.get("resources")):
        verbs = set(words(allowed.get("verbs")))
        if verbs & {"list", "watch"}:
            message = "who may list secrets reads all of them, whatever resourceNames says"
            yield item.document.finding("MG442", message, (*path, "verbs"))
        elif not allowed.get("resourceNames"):
            message = "this opens every Secret of the namespace: name those that are needed in resourceNames"
            yield item.document.finding("MG442", message, (*path, "resources"))


def _opens(item: Object, path: Path, allowed: dict[str, Any]) -> Iterator[Diagnostic]:
    verbs, resources = set(words(allowed.get("verbs"))), set(words(allowed.get("resources")))
    for verb in sorted(verbs & _STRONG):
        message = f"`{verb}` lets its holder take other rights"
        yield item.document.finding("MG442", message, (*path, "verbs"))
    for resource in sorted(resources & _DOORS):
        message = f"`{resource}` lets its holder into what runs as somebody else"
        yield item.document.finding("MG442", message, (*path, "resources"))
    if resources & _GIVING and verbs & _WRITES:
        yield item.document.finding("MG442", "who may write roles has every right", (*path, "resources"))


def _complete(item: Object, path: Path, allowed: dict[str, Any]) -> Iterator[Diagnostic]:
    needed = ("verbs",) if "nonResourceURLs" in allowed else ("apiGroups", "resources", "verbs")
    for key in needed:
        if key not in allowed and key != "verbs":
            yield item.document.finding("MG432", f"a rule needs `{key}`", path)
        elif allowed.get(key) == []:
            yield item.document.finding("MG432", f"`{key}` is empty: the rule allows nothing", (*path, key))


@rule("rbac-bindings", RBAC + "; Kubernetes API, RoleBinding")
def bindings(c: Cluster) -> Iterator[Diagnostic]:
    """A binding ties a role of the bundle to an account of the bundle."""
    for item in c.of("RoleBinding", "ClusterRoleBinding"):
        yield from _role(c, item)
        if item.kind == "ClusterRoleBinding" and c.folder.ours:
            yield item.document.finding("MG442", "this gives rights in every namespace", ("kind",))
        if item.data.get("subjects") == []:
            yield item.document.finding("MG432", "`subjects` is empty: nobody holds the role", ("subjects",))
        for i, subject in maps(item.data.get("subjects")):
            yield from _subject(c, item, ("subjects", i), subject)


def _role(c: Cluster, item: Object) -> Iterator[Diagnostic]:
    kind, name = item.get("roleRef", "kind"), item.get("roleRef", "name")
    path = ("roleRef", "name")
    if isinstance(name, str) and name in _WIDE:
        yield item.document.finding("MG442", f"`{name}` allows far more than one pipeline", path)
    known = c.names(str(kind))
    if isinstance(name, str) and name not in known and (kind == "Role" or c.folder.ours):
        near = nearest(name, known)
        if c.names("Role") or c.names("ClusterRole"):
            hint = f"did you mean `{near}`?" if near else None
            yield item.document.finding("MG434", f"no manifest makes the {kind} `{name}`", path, hint)


def _subject(c: Cluster, item: Object, path: Path, subject: dict[str, Any]) -> Iterator[Diagnostic]:
    kind, name = subject.get("kind"), subject.get("name")
    if isinstance(name, str) and name in _EVERYBODY:
        yield item.document.finding("MG442", f"`{name}` is everybody", (*path, "name"))
    elif kind in ("User", "Group") and subject.get("apiGroup") != "rbac.authorization.k8s.io":
        yield item.document.finding("MG433", f"a {kind} needs `apiGroup: rbac.authorization.k8s.io`", path)
    if kind != "ServiceAccount":
        return
    if "namespace" not in subject:
        yield item.document.finding("MG432", "a ServiceAccount needs its `namespace`", path)
    if name == "default":
        message = "`default` is the account of every pod that names none"
        yield item.document.finding("MG442", message, (*path, "name"))
    elif unknown_account(c, name, subject.get("namespace")):
        near = nearest(str(name), c.names("ServiceAccount"))
        hint = f"did you mean `{near}`?" if near else None
        yield item.document.finding("MG434", f"no manifest makes the account `{name}` there", (*path, "name"), hint)


def unknown_account(c: Cluster, name: object, namespace: object = None) -> bool:
    """Whether an account is none of the bundle's, which makes some, nor one that Kubeflow makes."""
    known = {(item.name, item.namespace) for item in c.of("ServiceAccount")}
    if not known or not isinstance(name, str) or name in _OF_KUBEFLOW:
        return False
    return not any(name == one and namespace in (None, space) for one, space in known)


@rule("rbac-held", "a role that nobody holds is a binding that was forgotten")
def held(c: Cluster) -> Iterator[Diagnostic]:
    """Every role of a bundle of ours is held."""
    bound = {str(item.get("roleRef", "name")) for item in c.of("RoleBinding", "ClusterRoleBinding")}
    for item in c.of("Role") if c.folder.ours else ():
        if item.name not in bound:
            message = f"nobody holds the role `{item.name}`"
            yield item.document.finding("MG434", message, ("metadata",), severity=Severity.WARNING)


@rule("network", "Kubernetes, Network Policies")
def network(c: Cluster) -> Iterator[Diagnostic]:
    """A policy closes what it is about: no rule lets everything through, none is without effect."""
    for item in c.of("NetworkPolicy"):
        types = items(item.get("spec", "policyTypes"))
        for key, side, peer in (("ingress", "Ingress", "from"), ("egress", "Egress", "to")):
            opened = items(item.get("spec", key))
            if opened and types and side not in types:
                message = f"these rules have no effect: policyTypes does not name {side}"
                yield item.document.finding("MG433", message, ("spec", key))
            for i, allowed in maps(opened):
                path = ("spec", key, i)
                if not allowed.get(peer) and not allowed.get("ports"):
                    yield item.document.finding("MG442", "this rule lets everything through", path)
                yield from _ranges(item, path, peer, allowed)


def _ranges(item: Object, path: Path, peer: str, allowed: dict[str, Any]) -> Iterator[Diagnostic]:
    for i, one in maps(allowed.get(peer)):
        place = (*path, peer, i, "ipBlock")
        cidr = _network(dig(one, ("ipBlock", "cidr")))
        if cidr is None:
            continue
        excepted = items(dig(one, ("ipBlock", "except")))
        if cidr.prefixlen == 0 and not excepted and not allowed.get("ports"):
            yield item.document.finding("MG442", "this lets everything through, to anybody", (*place, "cidr"))
        for j, text in enumerate(excepted):
            inner = _network(text)
            if inner is not None and not (inner.version == cidr.version and _within(inner, cidr)):
                yield item.document.finding("MG433", f"`{text}` is not within {cidr}", (*place, "except", j))


def _within(inner: Any, outer: Any) -> bool:
    return bool(inner.subnet_of(outer))


def _network(text: Any) -> Any:
    try:
        return ipaddress.ip_network(text) if isinstance(text, str) else None
    except ValueError:
        return None
