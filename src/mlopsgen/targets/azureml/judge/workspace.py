"""Rules for what files of a bundle name of each other: environments, data, clusters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.nearest import nearest
from mlopsgen.targets.azureml.judge.arm.template import Template
from mlopsgen.targets.azureml.judge.folder import COMPONENT, COMPUTE, DATA, ENVIRONMENT, PIPELINE, TEMPLATE, Folder
from mlopsgen.targets.azureml.judge.pipeline import a_map, pipelines
from mlopsgen.targets.documents import Document, Path, maps, walk
from mlopsgen.targets.rules import rule

_REFERENCE = re.compile(r"azureml:(?P<name>[^/:@\s]+)(?::(?P<version>[^:@\s]+)|@(?P<label>[^:@\s]+))?")
_ASSETS = "Azure ML documentation, core YAML syntax: referencing assets, azureml:<name>:<version>"


def references(folder: Folder, kind: str) -> Iterator[tuple[Document, Path, str]]:
    """Every short reference to an environment, data asset or cluster, with its place."""
    for document in (*folder.of(PIPELINE), *folder.of(COMPONENT)):
        for path, value in walk(document.data):
            if isinstance(value, str) and path and _points_at(path) == kind:
                yield document, path, value


def _points_at(path: Path) -> str | None:
    if path[-1] in ("compute", "default_compute"):
        return COMPUTE
    if path[-1] == "environment":
        return ENVIRONMENT
    return DATA if path[-1] == "path" and "inputs" in path else None


@rule("made-here", _ASSETS)
def made_here(folder: Folder) -> Iterator[Diagnostic]:
    """What a bundle makes is named as it is made; what it does not make is named as nothing close to it."""
    for kind in (ENVIRONMENT, DATA):
        versions = {str(a_map(d.data).get("name")): str(a_map(d.data).get("version")) for d in folder.of(kind)}
        for document, path, text in references(folder, kind):
            match = _REFERENCE.fullmatch(text)
            if match is not None:
                yield from _asset(folder, document, path, match, versions)


def _asset(
    folder: Folder, document: Document, path: Path, match: re.Match[str], versions: Mapping[str, str]
) -> Iterator[Diagnostic]:
    name, version, label = match["name"], match["version"], match["label"]
    if label == "latest":
        yield document.finding("MG445", f"`{match[0]}` is another one tomorrow: name its version", path)
    elif version is None and label is None:
        yield document.finding("MG445", f"`{match[0]}` names no version", path)
    elif name in versions and version is not None and version != versions[name] and versions[name] != "None":
        yield document.finding("MG434", f"`{name}` is made here in version {versions[name]}", path)
    elif name not in versions and folder.ours and (near := nearest(name, versions)):
        # One that is nowhere near may well lie in the workspace already.
        message = f"this bundle makes no `{name}`"
        yield document.finding("MG434", message, path, f"did you mean `{near}`?", Severity.WARNING)


@rule("made-clusters", "Azure ML documentation, manage compute resources: azureml:<cluster>")
def clusters(folder: Folder) -> Iterator[Diagnostic]:
    """Where a bundle makes clusters, steps run on these, or on one whose name is nowhere near."""
    names = clusters_of(folder)
    for document, path, text in references(folder, COMPUTE) if names and folder.ours else ():
        match = _REFERENCE.fullmatch(text)
        near = nearest(match["name"], names) if match is not None and match["name"] not in names else None
        if match is not None and near:
            message = f"this bundle makes no cluster `{match['name']}`"
            yield document.finding("MG434", message, path, f"did you mean `{near}`?", Severity.WARNING)


def clusters_of(folder: Folder) -> Mapping[str, Any]:
    """The clusters that a folder makes, by name, each with the most nodes it may have."""
    names = {
        str(d.data["name"]): d.data.get("max_instances")
        for d in folder.of(COMPUTE)
        if isinstance(d.data, dict) and "name" in d.data
    }
    for document in folder.of(TEMPLATE):
        template = Template(document)
        for resource in template.of("Microsoft.MachineLearningServices/workspaces/computes"):
            named = re.search(r"([A-Za-z][A-Za-z0-9-]*)'?\)?\]?$", str(resource.data.get("name")))
            if named is not None:
                names.setdefault(named[1], None)
    return names


@rule("identities", "a cluster whose identity is not there cannot be made")
def identities(folder: Folder) -> Iterator[Diagnostic]:
    """In a bundle of ours that makes identities, clusters take these."""
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    templates = [Template(document) for document in folder.of(TEMPLATE)] if folder.ours else []
    names = [resource.name for template in templates for resource in template.of(kind)]
    for document in folder.of(COMPUTE) if names else ():
        listed = a_map(a_map(document.data).get("identity")).get("user_assigned_identities")
        for i, entry in maps(listed):
            name = str(entry.get("resource_id")).rsplit("/", 1)[-1]
            if name not in names:
                near = nearest(name, names)
                hint = f"did you mean `{near}`?" if near else f"it makes {', '.join(names)}"
                path = ("identity", "user_assigned_identities", i, "resource_id")
                yield document.finding("MG434", f"this bundle makes no identity `{name}`", path, hint)


@rule("enough-nodes", "a job that asks for more nodes than its cluster may have waits for ever")
def enough_nodes(folder: Folder) -> Iterator[Diagnostic]:
    """No step asks for more nodes than its cluster can have."""
    most = clusters_of(folder)
    for p in pipelines(folder):
        default = a_map(p.data.get("settings")).get("default_compute")
        for step in p.steps:
            compute = str(step.data.get("compute", default)).removeprefix("azureml:")
            count, limit = a_map(step.data.get("resources")).get("instance_count"), most.get(compute)
            if isinstance(count, int) and isinstance(limit, int) and count > limit:
                message = f"step `{step.name}` asks for {count} nodes, and `{compute}` has {limit} at most"
                yield p.document.finding("MG433", message, step.where("resources", "instance_count"))


@rule("used", "what nobody uses was meant for somebody")
def used(folder: Folder) -> Iterator[Diagnostic]:
    """In a bundle of ours, every component, environment, data asset and cluster is used."""
    if not folder.ours or not folder.of(PIPELINE):
        return
    named = {
        kind: {match["name"] for _, _, text in references(folder, kind) if (match := _REFERENCE.fullmatch(text))}
        for kind in (ENVIRONMENT, COMPUTE, DATA)
    }
    for kind, names in named.items():
        for document in folder.of(kind):
            if isinstance(document.data, dict) and str(document.data.get("name")) not in names:
                message = f"nothing uses `{document.data.get('name')}`"
                yield document.finding("MG434", message, ("name",), severity=Severity.WARNING)
    components = [step.component for p in pipelines(folder) for step in p.steps]
    for document in folder.of(COMPONENT):
        if not any(one is document.data for one in components):
            message = f"no step is the component of {document.file}"
            yield document.finding("MG434", message, severity=Severity.WARNING)


@rule("named-once", _ASSETS)
def named_once(folder: Folder) -> Iterator[Diagnostic]:
    """No two files make one thing."""
    for kind in (COMPONENT, ENVIRONMENT, DATA, COMPUTE, "schedule"):
        seen: dict[tuple[str, str], str] = {}
        for document in folder.of(kind):
            data = a_map(document.data)
            key = (str(data.get("name")), str(data.get("version")))
            if "name" in data and key in seen:
                message = f"`{key[0]}` is made in {seen[key]} as well"
                yield document.finding("MG436", message, ("name",))
            seen.setdefault(key, document.file)
