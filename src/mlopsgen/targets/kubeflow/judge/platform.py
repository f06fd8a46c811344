"""Rules for the second document of a package: what Kubernetes does for each executor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.nearest import nearest
from mlopsgen.targets.documents import Document, Path, dig, maps
from mlopsgen.targets.ir.judge.folder import mapping, repeated
from mlopsgen.targets.ir.judge.program import Program
from mlopsgen.targets.kubeflow.judge.cluster import Cluster
from mlopsgen.targets.kubeflow.judge.pods import known_key, named_in_readme, tolerated
from mlopsgen.targets.kubeflow.judge.scalars import KEY
from mlopsgen.targets.kubeflow.judge.tables import TABLE
from mlopsgen.targets.rules import rule

PROTO = "kubernetes_executor_config.proto of kfp"
_EXECUTORS = ("platforms", "kubernetes", "deploymentSpec", "executors")
_NAMED = {
    "secretAsEnv": "secretName",
    "secretAsVolume": "secretName",
    "imagePullSecret": "secretName",
    "configMapAsEnv": "configMapName",
    "configMapAsVolume": "configMapName",
    "pvcMount": "constant",
}
_VOLUMES = ("secretAsVolume", "configMapAsVolume", "pvcMount", "genericEphemeralVolume", "emptyDirMounts")


def _executors(document: Document) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    for label, executor in mapping(document.at(_EXECUTORS)).items():
        yield label, (*_EXECUTORS, label), mapping(executor)


@rule("platform-shape", PROTO)
def shape(c: Cluster) -> Iterator[Diagnostic]:
    """Every key is one of the executor's configuration; a package has one such document."""
    files = Counter(d.file for d in c.folder.platforms)
    for document in c.folder.platforms:
        yield from repeated(document)
        yield from TABLE.check(document, "PlatformSpec", document.data)
        for name in mapping(document.at(("platforms",))):
            if name != "kubernetes":
                message = f"Kubeflow Pipelines reads `kubernetes` alone, here stands `{name}`"
                yield document.finding("MG433", message, ("platforms", name))
        kubernetes = document.at(("platforms", "kubernetes"))
        if isinstance(kubernetes, dict) and not kubernetes.keys() & {"deploymentSpec", "pipelineConfig"}:
            yield document.finding("MG432", "`kubernetes` needs `deploymentSpec`", ("platforms", "kubernetes"))
        if files[document.file] > 1:
            yield document.finding("MG436", "a package has a pipeline and one document about its platform")


MOST_CHARACTERS = 2**20
"""A cluster's store takes 1.5 MiB in one request (etcd, --max-request-bytes), and a run's own state comes on top."""


@rule("pipeline-size", "kubeflow/pipelines, argocompiler: a workflow holds the components of its pipeline")
def size(c: Cluster) -> Iterator[Diagnostic]:
    """The workflow that the backend makes of a pipeline is taken by the cluster."""
    for document in c.folder.pipelines:
        if document.size > MOST_CHARACTERS:
            message = f"{document.size} characters: the workflow that is made of them may be more than a cluster takes"
            hint = "put long texts into files of `code.path`, or make two pipelines"
            yield document.finding("MG437", message, hint=hint, severity=Severity.WARNING)


@rule("platform-executors", PROTO)
def executors(c: Cluster) -> Iterator[Diagnostic]:
    """It speaks of executors that the pipeline has."""
    for program in c.programs:
        for label, path, _ in _executors(program.platform) if program.platform else ():
            if program.platform and label not in program.executors:
                near = nearest(label, program.executors)
                hint = f"did you mean `{near}`?" if near else None
                message = f"the pipeline has no executor `{label}`"
                yield program.platform.finding("MG434", message, path, hint)


@rule("platform-names", PROTO)
def names(c: Cluster) -> Iterator[Diagnostic]:
    """What is named is there: claims, settings, Secrets; said in two ways, it is the same."""
    for program in c.programs:
        for _, path, executor in _executors(program.platform) if program.platform else ():
            for key, name in _NAMED.items():
                for i, source in maps(executor.get(key)):
                    yield from _source(c, program, (*path, key, i), source, name)


def _source(c: Cluster, p: Program, path: Path, source: dict[str, Any], key: str) -> Iterator[Diagnostic]:
    document = p.platform or p.document
    parameter = "pvcNameParameter" if key == "constant" else f"{key}Parameter"
    dynamic = mapping(source.get(parameter))
    constant = dig(dynamic, ("runtimeValue", "constant"))
    key_of = source.get(key, constant)
    if isinstance(key_of, str) and isinstance(constant, str) and key_of != constant:
        message = f"`{key}` says `{key_of}`, `{parameter}` says `{constant}`"
        yield document.finding("MG433", message, (*path, parameter))
    passed = dynamic.get("componentInputParameter", source.get("componentInputParameter"))
    if isinstance(passed, str) and passed not in _inputs_around(p, path[4]):
        yield document.finding("MG434", f"nothing called `{passed}` is passed to this task", (*path, parameter))
    if not isinstance(key_of, str):
        return
    if key == "secretName":
        yield from named_in_readme(c, document, (*path, key), key_of)
    elif key == "constant":
        known = c.known_claims()
        if known and key_of not in known:
            yield document.finding("MG434", f"no manifest makes the claim `{key_of}`", (*path, key))
    else:
        keys = [entry.get("configMapKey") for _, entry in maps(source.get("keyToEnv"))] or [None]
        for choice in keys:
            yield from known_key(c, document, path, {key: key_of, "key": choice}, (key, "key"))


def _inputs_around(p: Program, label: str | int) -> set[str]:
    """Inputs of the dags in which tasks of this executor lie."""
    return {
        name
        for task in p.tasks
        if task.runs is not None and task.runs.executor == label
        for name in task.around.inputs("parameters")
    }


@rule("platform-places", "Kubernetes API, Container: each place is mounted once, each variable set once")
def places(c: Cluster) -> Iterator[Diagnostic]:
    """No two volumes at one place, no variable from two sources, no toleration that contradicts itself."""
    for program in c.programs:
        for label, path, executor in _executors(program.platform) if program.platform else ():
            document = program.platform or program.document
            mounted = [(p, v.get("mountPath")) for p, v in _entries(executor, _VOLUMES)]
            yield from _twice(document, path, mounted, "mounted at")
            yield from _twice(document, path, list(_variables(program, label, executor)), "set as")
            yield from tolerated(document, (*path, "tolerations"), executor.get("tolerations"))
            for key in ("labels", "annotations"):
                for name in mapping(dig(executor, ("podMetadata", key))):
                    if not KEY.fullmatch(name):
                        place = (*path, "podMetadata", key, name)
                        yield document.finding("MG433", f"`{name}` is no key of a label", place)


def _entries(executor: dict[str, Any], keys: tuple[str, ...]) -> Iterator[tuple[Path, dict[str, Any]]]:
    for key in keys:
        for i, entry in maps(executor.get(key)):
            yield (key, i), entry


def _variables(p: Program, label: str, executor: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    for _, variable in maps(dig(p.executors.get(label), ("container", "env"))):
        yield (), variable.get("name")
    for path, source in _entries(executor, ("secretAsEnv", "configMapAsEnv")):
        for i, entry in maps(source.get("keyToEnv")):
            yield (*path, "keyToEnv", i, "envVar"), entry.get("envVar")
    for path, field in _entries(executor, ("fieldPathAsEnv",)):
        yield (*path, "name"), field.get("name")


def _twice(document: Document, path: Path, entries: list[tuple[Path, Any]], what: str) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for place, name in entries:
        if isinstance(name, str) and name in seen:
            yield document.finding("MG436", f"something else is {what} `{name}` already", (*path, *place))
        seen.add(str(name))
