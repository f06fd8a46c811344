"""Every object that a spec becomes in a cluster: what `kubectl apply -k` would send, and what steps make."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from tests.conformance.whole import KUBEFLOW
from tests.targets.corpus import Files, bundle_of, projects

Node: TypeAlias = dict[str, Any]

PLAIN = {
    "namespace": "ml",
    "endpoint": "https://kubeflow.example.com",
    "storage": "s3://acme-ml",
    "images": "ghcr.io/acme",
    "cloud": "gcp",
    "timezone": "Europe/Paris",
}
BLOCKS = (PLAIN, *({key: value for key, value in block.items() if key != "steps"} for block in KUBEFLOW))
"""What a spec says of this target; none has a step that only one spec knows."""
ZONES = ("Europe/Paris", "UTC", "America/New_York")
"""Schedules are in the zone of the installation: the one that a spec asks for."""


@dataclass(frozen=True, slots=True)
class Made:
    """An object, and where it comes from."""

    project: str
    file: str
    document: Node

    @property
    def kind(self) -> str:
        return str(self.document["kind"])

    def __str__(self) -> str:
        return f"{self.project}: {self.file}: {self.kind} {self.document['metadata']['name']}"


@cache
def bundles() -> tuple[tuple[str, Files], ...]:
    """The bundle of every spec with every block; none where the block refuses what the spec asks for."""
    return tuple(_bundles())


@cache
def objects() -> tuple[Made, ...]:
    """Every object of every bundle, each once."""
    seen: dict[str, Made] = {}
    for project, files in bundles():
        for file, document in of_bundle(files):
            seen.setdefault(json.dumps(document, sort_keys=True), Made(project, file, document))
    return tuple(seen.values())


def of_kind(kind: str) -> tuple[Made, ...]:
    """Those of one kind."""
    return tuple(made for made in objects() if made.kind == kind)


def of_bundle(files: Files) -> Iterator[tuple[str, Node]]:
    """What one bundle puts into a cluster, file by file."""
    yield from applied(files)
    for file in ("volume.yaml", "upload-pod.yaml", "kfp-launcher.yaml"):
        if file in files:
            yield file, yaml.safe_load(files[file])
    for file in sorted(files):
        if file.startswith("manifests/") and file.endswith(".json"):
            yield file, json.loads(files[file])


def applied(files: Files) -> Iterator[tuple[str, Node]]:
    """What kustomize makes of the folder `manifests`."""
    root = yaml.safe_load(files["manifests/kustomization.yaml"])
    known = {"apiVersion", "kind", "namespace", "resources", "configMapGenerator", "generatorOptions"}
    assert set(root) <= known, set(root) - known
    for name in root.get("resources", ()):
        for document in filter(None, yaml.safe_load_all(files[f"manifests/{name}"])):
            document["metadata"]["namespace"] = root["namespace"]
            yield f"manifests/{name}", document
    options = root.get("generatorOptions", {})
    for entry in root.get("configMapGenerator", ()):
        sources = (source.partition("=") for source in entry["files"])
        data = {key: files[f"manifests/{file}"].decode() for key, _, file in sources}
        said = {key: options.get(key, {}) for key in ("labels", "annotations")}
        about = {"name": entry["name"], "namespace": root["namespace"], **said}
        kept = {"immutable": True} if options.get("immutable") else {}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about, "data": data, **kept}
        yield "manifests/kustomization.yaml", body


def pods(document: Node) -> Iterator[Node]:
    """The pods that an object becomes, as pods: a Pod itself, the Job of a search, the nodes of a TrainJob."""
    spec = document.get("spec", {})
    match document["kind"]:
        case "Pod":
            yield document
        case "Experiment":
            yield _pod(spec["trialTemplate"]["trialSpec"]["spec"]["template"])
        case "Job" | "Deployment":
            yield _pod(spec["template"])
        case "CronJob":
            yield _pod(spec["jobTemplate"]["spec"]["template"])
        case "TrainJob":
            yield from _nodes(spec)


def trial(document: Node) -> Node:
    """The Job of a search's trial, under the name that Katib would give it."""
    job: Node = deepcopy(document["spec"]["trialTemplate"]["trialSpec"])
    job.setdefault("metadata", {}).setdefault("name", "trial")
    return job


def _pod(template: Node) -> Node:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one", **template.get("metadata", {})}} | {
        "spec": template["spec"]
    }


def _nodes(spec: Node) -> Iterator[Node]:
    """Trainer merges a patch into its runtime's pod, whose container `node` gets what the trainer says."""
    trainer = {key: value for key, value in spec["trainer"].items() if key in ("image", "command", "args", "env")}
    resources = spec["trainer"].get("resourcesPerNode", {})
    for patch in spec.get("runtimePatches", ()):
        for job in patch["trainingRuntimeSpec"]["template"]["spec"]["replicatedJobs"]:
            pod = _pod(deepcopy(job["template"]["spec"]["template"]))
            (container,) = pod["spec"].get("containers") or [{"name": job["name"]}]
            pod["spec"]["containers"] = [{**container, **trainer, "resources": resources}]
            yield pod


def _bundles() -> Iterator[tuple[str, Files]]:
    with tempfile.TemporaryDirectory() as root:
        for number, (project, block) in enumerate((p, b) for p in projects() for b in BLOCKS):
            blocks = ({**block, "timezone": zone} for zone in ZONES)
            made = (bundle_of(project, Path(root) / str(number), "kubeflow", one) for one in blocks)
            if files := next(filter(None, made), None):
                yield project.name, files
