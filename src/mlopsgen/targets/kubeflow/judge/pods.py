"""Rules for what runs in pods: containers, volumes, variables, amounts, and what they may do to their node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents import Path, dig, items, maps
from mlopsgen.targets.ir.judge.folder import mapping
from mlopsgen.targets.ir.judge.frame import amount
from mlopsgen.targets.ir.judge.images import image
from mlopsgen.targets.ir.judge.placeholders import calls_shell, unset, unset_variable
from mlopsgen.targets.kubeflow.judge.cluster import Cluster, Object
from mlopsgen.targets.kubeflow.judge.rights import unknown_account
from mlopsgen.targets.rules import rule

POD = "Kubernetes API, PodSpec"
STANDARD = "Kubernetes, Pod Security Standards"


@rule("pod-references", POD)
def references(c: Cluster) -> Iterator[Diagnostic]:
    """A pod's account, claims and settings are made by a manifest; its mounts name its volumes."""
    for item, path, pod in c.pods():
        account = pod.get("serviceAccountName")
        if isinstance(account, str) and unknown_account(c, account):
            message = f"no manifest makes the account `{account}`"
            yield item.document.finding("MG434", message, (*path, "serviceAccountName"))
        volumes = [v.get("name") for _, v in maps(pod.get("volumes"))]
        yield from _twice(item, (*path, "volumes"), volumes, "volume")
        for i, volume in maps(pod.get("volumes")):
            yield from _volume(c, item, (*path, "volumes", i), volume)
        # A patch mounts volumes of the runtime too; one that brings volumes means its own.
        if volumes or item.kind != "TrainJob":
            yield from _mounts(item, path, pod, volumes)


def _volume(c: Cluster, item: Object, path: Path, volume: dict[str, Any]) -> Iterator[Diagnostic]:
    for kind, key, of in (
        ("PersistentVolumeClaim", "claimName", "persistentVolumeClaim"),
        ("ConfigMap", "name", "configMap"),
    ):
        name, known = dig(volume, (of, key)), {*c.names(kind), *c.generated} if of == "configMap" else c.known_claims()
        if isinstance(name, str) and known and name not in known:
            yield item.document.finding("MG434", f"no manifest makes the {kind} `{name}`", (*path, of, key))


def _mounts(item: Object, path: Path, pod: dict[str, Any], volumes: list[Any]) -> Iterator[Diagnostic]:
    for where, container in _containers(pod):
        seen: set[Any] = set()
        for i, mount in maps(container.get("volumeMounts")):
            place = (*path, *where, "volumeMounts", i)
            if "name" in mount and mount["name"] not in volumes:
                yield item.document.finding("MG434", f"the pod has no volume `{mount['name']}`", (*place, "name"))
            if isinstance(mount.get("mountPath"), str) and mount["mountPath"] in seen:
                message = f"two volumes are mounted at `{mount['mountPath']}`"
                yield item.document.finding("MG436", message, (*place, "mountPath"))
            seen.add(str(mount.get("mountPath")))


def _containers(pod: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    for key in ("initContainers", "containers"):
        for i, container in maps(pod.get(key)):
            yield (key, i), container


def _twice(item: Object, path: Path, names: list[Any], what: str) -> Iterator[Diagnostic]:
    for i, name in enumerate(names):
        if isinstance(name, str) and name in names[:i]:
            yield item.document.finding("MG436", f"two are called `{name}`: each {what} has its own name", (*path, i))


@rule("pod-containers", POD)
def containers(c: Cluster) -> Iterator[Diagnostic]:
    """Containers have names of their own, pinned images, and variables that are set once."""
    for item, path, pod in c.pods():
        names = [container.get("name") for _, container in maps(pod.get("containers"))]
        yield from _twice(item, (*path, "containers"), names, "container")
        for where, container in _containers(pod):
            place = (*path, *where)
            if "image" not in container and item.kind != "TrainJob":
                yield item.document.finding("MG432", "a container needs `image`", place)
            yield from _container(c, item, place, container)
    for item in c.of("TrainJob"):
        trainer = mapping(item.get("spec", "trainer"))
        yield from _container(c, item, ("spec", "trainer"), trainer, "resourcesPerNode")


def _container(
    c: Cluster, item: Object, path: Path, container: dict[str, Any], resources: str = "resources"
) -> Iterator[Diagnostic]:
    yield from image(item.document, (*path, "image"), container.get("image"))
    variables = [str(v.get("name")) for _, v in maps(container.get("env"))]
    yield from _twice(item, (*path, "env"), variables, "variable")
    for i, variable in maps(container.get("env")):
        yield from _value(c, item, (*path, "env", i), variable, set(variables[:i]))
    yield from _arguments(item, path, container, set(variables))
    yield from _amounts(item, (*path, resources), mapping(container.get(resources)))


def _value(c: Cluster, item: Object, path: Path, variable: dict[str, Any], before: set[Any]) -> Iterator[Diagnostic]:
    secret = dig(variable, ("valueFrom", "secretKeyRef", "name"))
    if isinstance(secret, str):
        yield from named_in_readme(c, item.document, (*path, "valueFrom", "secretKeyRef", "name"), secret)
    settings = dig(variable, ("valueFrom", "configMapKeyRef"))
    yield from known_key(c, item.document, (*path, "valueFrom", "configMapKeyRef"), settings, ("name", "key"))
    for name in unset(variable.get("value"), before):
        yield unset_variable(item.document.finding, name, (*path, "value"))


def named_in_readme(c: Cluster, document: Any, path: Path, secret: str) -> Iterator[Diagnostic]:
    """A Secret that a bundle of ours needs is one its README asks for."""
    readme = c.readme()
    if c.folder.ours and readme is not None and f"`{secret}`" not in readme:
        message = f"README.md does not say that the Secret `{secret}` must be there"
        yield document.finding("MG434", message, path)


def known_key(c: Cluster, document: Any, path: Path, reference: Any, keys: tuple[str, str]) -> Iterator[Diagnostic]:
    """A ConfigMap that is read is made by a manifest, and has that key."""
    name, key = (mapping(reference).get(k) for k in keys)
    known = {**{name: set(mapping(o.data.get("data"))) for name, o in c.names("ConfigMap").items()}, **c.generated}
    if not isinstance(name, str) or not known:
        return
    if name not in known:
        yield document.finding("MG434", f"no manifest makes the ConfigMap `{name}`", (*path, keys[0]))
    elif isinstance(key, str) and key not in known[name]:
        yield document.finding("MG434", f"the ConfigMap `{name}` has no `{key}`", (*path, keys[1]))


def _arguments(item: Object, path: Path, container: dict[str, Any], known: set[Any]) -> Iterator[Diagnostic]:
    if calls_shell(container):
        return
    for key in ("command", "args"):
        for i, text in enumerate(items(container.get(key))):
            for name in unset(text, known):
                yield unset_variable(item.document.finding, name, (*path, key, i))


def _amounts(item: Object, path: Path, resources: dict[str, Any]) -> Iterator[Diagnostic]:
    limits = mapping(resources.get("limits"))
    for name, request in mapping(resources.get("requests")).items():
        least, most = amount(request), amount(limits.get(name))
        if least is None or most is None:
            continue
        if least > most:
            message = f"{request} of {name} is asked for, and {limits[name]} allowed"
            yield item.document.finding("MG433", message, (*path, "requests", name))
        elif "/" in name and least != most:
            message = f"{name} is asked for as it is allowed: whole, and as much"
            yield item.document.finding("MG433", message, (*path, "requests", name))


@rule("pod-security", STANDARD)
def security(c: Cluster) -> Iterator[Diagnostic]:
    """No pod gets at its node."""
    for item, path, pod in c.pods():
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if pod.get(key) is True:
                yield item.document.finding("MG442", f"`{key}` opens the node", (*path, key))
        for i, volume in maps(pod.get("volumes")):
            if "hostPath" in volume:
                message = "a folder of the node: use a claim or an emptyDir"
                yield item.document.finding("MG442", message, (*path, "volumes", i, "hostPath"))
        for where, container in _containers(pod):
            allowed = mapping(container.get("securityContext"))
            for key in ("privileged", "allowPrivilegeEscalation"):
                if allowed.get(key) is True:
                    place = (*path, *where, "securityContext", key)
                    yield item.document.finding("MG442", f"`{key}` opens the node", place)
            if items(dig(allowed, ("capabilities", "add"))):
                place = (*path, *where, "securityContext", "capabilities", "add")
                message = "capabilities that a training does not need"
                yield item.document.finding("MG442", message, place, severity=Severity.WARNING)


@rule("pod-pull-secrets", "a bundle's README names what must be there before")
def pull_secrets(c: Cluster) -> Iterator[Diagnostic]:
    """Secrets for pulling images are named in the README."""
    for item in c.of("ServiceAccount"):
        for i, secret in maps(item.data.get("imagePullSecrets")):
            if isinstance(secret.get("name"), str):
                path = ("imagePullSecrets", i, "name")
                yield from named_in_readme(c, item.document, path, secret["name"])


@rule("pod-jobs", "Kubernetes API, JobSpec: restartPolicy is OnFailure or Never")
def jobs(c: Cluster) -> Iterator[Diagnostic]:
    """The pod of a job ends."""
    for item, path, pod in c.pods():
        if item.kind in ("Job", "CronJob", "Experiment"):
            policy = pod.get("restartPolicy")
            if policy is None:
                yield item.document.finding("MG432", "a job's pod says `restartPolicy`: Never or OnFailure", path)
            elif policy == "Always":
                message = "a job's pod ends: Never or OnFailure"
                yield item.document.finding("MG433", message, (*path, "restartPolicy"))


@rule("pod-tolerations", POD + ", Toleration")
def tolerations(c: Cluster) -> Iterator[Diagnostic]:
    """A toleration that takes any value names none."""
    for item, path, pod in c.pods():
        yield from tolerated(item.document, (*path, "tolerations"), pod.get("tolerations"))


def tolerated(document: Any, path: Path, entries: Any) -> Iterator[Diagnostic]:
    """What is wrong in a list of tolerations."""
    for i, one in maps(entries):
        if one.get("operator") == "Exists" and one.get("value"):
            message = "`Exists` takes any value: leave `value` out, or say Equal"
            yield document.finding("MG433", message, (*path, i, "value"))
        elif one.get("operator") in (None, "Equal") and "key" not in one and "tolerationJson" not in one:
            yield document.finding("MG432", "a toleration without `key` has the operator Exists", (*path, i))
