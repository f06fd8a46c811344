"""Rules for manifests: kinds and versions, keys and types, names, what one says of another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.targets.documents import items, walk
from mlopsgen.targets.ir.judge.folder import mapping, repeated
from mlopsgen.targets.ir.judge.frame import amount
from mlopsgen.targets.kubeflow.judge.cluster import Cluster, Object
from mlopsgen.targets.kubeflow.judge.scalars import KEY
from mlopsgen.targets.kubeflow.judge.tables import TABLE
from mlopsgen.targets.rules import rule

API = "Kubernetes API reference"
VERSIONS = {
    **dict.fromkeys(("ServiceAccount", "PersistentVolumeClaim", "ConfigMap", "Secret", "Namespace", "Pod"), "v1"),
    **dict.fromkeys(("Service", "LimitRange", "ResourceQuota", "Event", "PersistentVolume"), "v1"),
    **dict.fromkeys(("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"), "rbac.authorization.k8s.io/v1"),
    "NetworkPolicy": "networking.k8s.io/v1",
    **dict.fromkeys(("Job", "CronJob"), "batch/v1"),
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet"), "apps/v1"),
    "Experiment": "kubeflow.org/v1beta1",
    "TrainJob": "trainer.kubeflow.org/v1alpha1",
    "Kustomization": "kustomize.config.k8s.io/v1beta1",
}
RETIRED = {
    *("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2", "batch/v1beta1", "policy/v1beta1"),
    *("rbac.authorization.k8s.io/v1beta1", "rbac.authorization.k8s.io/v1alpha1", "kubeflow.org/v1alpha3"),
    "networking.k8s.io/v1beta1",
}
_CLOSED = ("v1", "apps/v1", "batch/v1", "rbac.authorization.k8s.io/v1", "networking.k8s.io/v1")
"""Groups of which every kind that a bundle may hold is known."""
_WITHOUT_NAMESPACE = ("ClusterRole", "ClusterRoleBinding", "Namespace", "PersistentVolume")


@rule("k8s-kinds", API + "; the deprecation guide says what is gone")
def kinds(c: Cluster) -> Iterator[Diagnostic]:
    """A manifest says its kind and a version of the API that is served."""
    for item in (*c.objects, *c.kustomizations):
        kind, version = str(item.data.get("kind")), str(item.data.get("apiVersion"))
        listed = item in c.kustomizations
        for key in ("kind", "apiVersion"):
            if item.data.get(key) is None and not listed:
                yield item.document.finding("MG432", f"a manifest needs `{key}`")
        if version in RETIRED:
            yield item.document.finding("MG443", f"`{version}` is no longer served", ("apiVersion",))
        elif kind in VERSIONS and "apiVersion" in item.data and version != VERSIONS[kind]:
            code = "MG443" if kind == "TrainJob" and version.startswith("kubeflow.org/") else "MG433"
            message = f"`{kind}` is of `{VERSIONS[kind]}`, not of `{version}`"
            yield item.document.finding(code, message, ("apiVersion",))
        elif kind not in VERSIONS and version in _CLOSED:
            near = nearest(kind, VERSIONS)
            hint = f"did you mean `{near}`?" if near else None
            yield item.document.finding("MG433", f"`{version}` has no kind `{kind}`", ("kind",), hint)


@rule("k8s-shape", API + "; the schemas of Katib and Trainer")
def shape(c: Cluster) -> Iterator[Diagnostic]:
    """Every key is one of its kind, and stands once."""
    for item in (*c.objects, *c.kustomizations):
        yield from repeated(item.document)
        kind = "Kustomization" if item in c.kustomizations else item.kind
        if kind in TABLE.messages and kind in VERSIONS:
            yield from TABLE.check(item.document, kind, item.document.data)
        elif "metadata" in item.data:
            yield from TABLE.check(item.document, "Meta", item.data["metadata"], ("metadata",))
        named = isinstance(item.data.get("metadata"), dict) and (item.name or item.get("metadata", "generateName"))
        if item not in c.kustomizations and not named and "metadata" in item.data:
            yield item.document.finding("MG432", "`metadata` needs `name`", ("metadata",))


@rule("k8s-label-keys", API + ", labels and annotations")
def label_keys(c: Cluster) -> Iterator[Diagnostic]:
    """Keys of labels and annotations are a name, with a domain before it or none."""
    for item in c.objects:
        for path, value in walk(item.data):
            if path and path[-1] in ("labels", "annotations", "matchLabels", "nodeSelector"):
                for key in mapping(value):
                    if not KEY.fullmatch(key):
                        yield item.document.finding("MG433", f"`{key}` is no key of a label", (*path, key))


@rule("k8s-names", "two manifests of one kind and name are one object: the later one wins")
def names(c: Cluster) -> Iterator[Diagnostic]:
    """Every object is there once, and in the one namespace of the bundle."""
    seen: set[tuple[str, str, str]] = set()
    spaces = Counter(item.namespace for item in c.objects if item.namespace)
    usual = spaces.most_common(1)[0][0] if spaces else ""
    for item in c.objects:
        if item.kind in _WITHOUT_NAMESPACE:
            if item.namespace:
                message = f"a {item.kind} is in no namespace"
                yield item.document.finding("MG433", message, ("metadata", "namespace"))
            continue
        key = (item.kind, item.name, item.namespace)
        if key in seen and item.name:
            message = f"there is a {item.kind} `{item.name}` already"
            yield item.document.finding("MG436", message, ("metadata", "name"))
        seen.add(key)
        if c.folder.ours and not item.namespace and usual:
            message = f"everything else is in the namespace `{usual}`, this is in none"
            yield item.document.finding("MG432", message, ("metadata",))


@rule("k8s-kustomization", "kustomize, reference of kustomization.yaml")
def kustomizations(c: Cluster) -> Iterator[Diagnostic]:
    """What a kustomization lists is there, pinned when it is elsewhere, and nothing beside it is forgotten."""
    for item in c.kustomizations:
        folder = PurePosixPath(item.document.file).parent
        names = items(item.get("resources"))
        for i, name in enumerate(names):
            if isinstance(name, str):
                yield from _resource(c, item, i, name, names[:i])
        yield from _generated(c, item)
        kept = set(_in_config_maps(item))
        for other in c.objects if c.folder.ours else ():
            file = PurePosixPath(other.document.file)
            listed = file.name in names or file.name in kept
            if file.parent == folder and not listed and "resources" in item.data:
                yield other.document.finding("MG434", f"`{item.document.file}` does not list this file")
            namespace = item.data.get("namespace")
            if namespace and other.namespace and namespace != other.namespace and file.name in names:
                message = f"the kustomization moves all into `{namespace}`, here stands `{other.namespace}`"
                yield other.document.finding("MG433", message, ("metadata", "namespace"))


def _generated(c: Cluster, item: Object) -> Iterator[Diagnostic]:
    """The files that a ConfigMap is made of are there."""
    folder = c.folder.root / PurePosixPath(item.document.file).parent
    for i, generator in enumerate(items(item.get("configMapGenerator"))):
        for j, entry in enumerate(items(mapping(generator).get("files"))):
            name = str(entry).rpartition("=")[2]
            if not (folder / name).exists():
                path = ("configMapGenerator", i, "files", j)
                yield item.document.finding("MG434", f"there is no `{name}`", path)


def _in_config_maps(item: Object) -> Iterator[str]:
    for generator in items(item.get("configMapGenerator")):
        yield from (str(entry).rpartition("=")[2] for entry in items(mapping(generator).get("files")))


def _resource(c: Cluster, item: Object, i: int, name: str, before: list[object]) -> Iterator[Diagnostic]:
    path = ("resources", i)
    if name in before:
        yield item.document.finding("MG436", f"`{name}` is listed twice", path)
    if "://" in name or name.startswith("github.com/"):
        if "ref=" not in name or name.endswith(("ref=main", "ref=master", "ref=HEAD")):
            yield item.document.finding("MG445", f"`{name}` is not pinned: say a version as `ref`", path)
    elif not (c.folder.root / PurePosixPath(item.document.file).parent / name).exists():
        yield item.document.finding("MG434", f"there is no `{name}`", path)


@rule("k8s-secrets", "a Secret in a file is a secret no longer")
def secrets(c: Cluster) -> Iterator[Diagnostic]:
    """No manifest holds a Secret's value."""
    for item in c.of("Secret"):
        for key in ("data", "stringData"):
            if item.data.get(key):
                hint = "make it in the cluster, or with an external secret"
                yield item.document.finding("MG433", "the value of a Secret stands in this file", (key,), hint)


@rule("k8s-claims", API + ", PersistentVolumeClaimSpec")
def claims(c: Cluster) -> Iterator[Diagnostic]:
    """A claim says how it is used, and asks for something."""
    for item in c.of("PersistentVolumeClaim"):
        size = item.get("spec", "resources", "requests", "storage")
        if amount(size) == 0:
            message = "a claim for nothing"
            yield item.document.finding("MG433", message, ("spec", "resources", "requests", "storage"))
        if item.get("spec", "accessModes") == []:
            yield item.document.finding("MG432", "`accessModes` is empty", ("spec", "accessModes"))
