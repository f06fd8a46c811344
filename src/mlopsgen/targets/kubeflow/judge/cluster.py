"""The manifests of a bundle as objects that name each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlopsgen.targets.documents import Document, Path, dig, items, maps
from mlopsgen.targets.ir.judge.folder import Folder, mapping
from mlopsgen.targets.ir.judge.program import Program, programs

_CLAIM = re.compile(r"^- the claim `([^`]+)`$", re.MULTILINE)
KUSTOMIZE = "kustomize.config.k8s.io/"


@dataclass(frozen=True, slots=True)
class Object:
    """One manifest."""

    document: Document

    @property
    def data(self) -> dict[str, Any]:
        """The top object, empty where the file holds something else."""
        return mapping(self.document.data)

    @property
    def kind(self) -> str:
        """Its kind, or nothing."""
        return str(self.data.get("kind", ""))

    @property
    def name(self) -> str:
        """Its name, or nothing."""
        return str(self.get("metadata", "name") or "")

    @property
    def namespace(self) -> str:
        """Its namespace, or nothing."""
        return str(self.get("metadata", "namespace") or "")

    def get(self, *path: str | int) -> Any:
        """A value inside, None where there is none."""
        return dig(self.data, path)


@dataclass(frozen=True)
class Cluster:
    """All manifests of a bundle, with the packages of pipelines beside them."""

    folder: Folder

    @cached_property
    def objects(self) -> tuple[Object, ...]:
        """Every manifest but kustomizations."""
        return tuple(Object(d) for d in self.folder.objects if not _kustomizes(d))

    @cached_property
    def kustomizations(self) -> tuple[Object, ...]:
        """The files that list manifests."""
        return tuple(Object(d) for d in self.folder.objects if _kustomizes(d))

    @cached_property
    def programs(self) -> tuple[Program, ...]:
        """The pipelines with their second documents."""
        return tuple(programs(self.folder.pipelines, self.folder.platforms))

    def of(self, *kinds: str) -> Iterator[Object]:
        """The objects of these kinds."""
        return (item for item in self.objects if item.kind in kinds)

    def names(self, kind: str) -> dict[str, Object]:
        """The objects of a kind by name."""
        return {item.name: item for item in self.of(kind)}

    @cached_property
    def generated(self) -> dict[str, set[str]]:
        """The ConfigMaps that kustomizations make of files, and the keys of each."""
        maps_of_keys: dict[str, set[str]] = {}
        for one in self.kustomizations:
            for _, generator in maps(one.get("configMapGenerator")):
                entries = [str(entry) for entry in items(generator.get("files"))]
                keys = {entry.rpartition("=")[0] or entry.rpartition("/")[2] for entry in entries}
                maps_of_keys.setdefault(str(generator.get("name")), set()).update(keys)
        return maps_of_keys

    def pods(self) -> Iterator[tuple[Object, Path, dict[str, Any]]]:
        """Every pod's spec that a manifest holds, with its place: of jobs, trials, and patches of runtimes."""
        for item in self.objects:
            for path in _PODS.get(item.kind, ()):
                if isinstance(item.get(*path), dict):
                    yield item, path, item.get(*path)
            if item.kind == "TrainJob":
                for path in _patches(item):
                    yield item, path, mapping(item.get(*path))

    def known_claims(self) -> set[str]:
        """The volumes that manifests make, and those that the README says are there; none where none is made."""
        claims = set(self.names("PersistentVolumeClaim"))
        return claims | set(_CLAIM.findall(self.readme() or "")) if claims else claims

    def readme(self) -> str | None:
        """What the bundle's README says; None where there is none."""
        return self.folder.texts.get("README.md")


_TEMPLATE = ("spec", "template", "spec")
_PODS: dict[str, tuple[Path, ...]] = {
    "Pod": (("spec",),),
    "Experiment": (("spec", "trialTemplate", "trialSpec", *_TEMPLATE),),
    "CronJob": (("spec", "jobTemplate", *_TEMPLATE),),
    **dict.fromkeys(("Job", "Deployment", "StatefulSet"), (_TEMPLATE,)),
}


def _kustomizes(document: Document) -> bool:
    data = mapping(document.data)
    named = document.file.rsplit("/", 1)[-1] in ("kustomization.yaml", "kustomization.yml")
    return named or str(data.get("apiVersion")).startswith(KUSTOMIZE)


def _patches(item: Object) -> Iterator[Path]:
    for i, patch in maps(item.get("spec", "runtimePatches")):
        jobs = ("trainingRuntimeSpec", "template", "spec", "replicatedJobs")
        for j, _ in maps(dig(patch, jobs)):
            path = ("spec", "runtimePatches", i, *jobs, j, "template", "spec", "template", "spec")
            if isinstance(item.get(*path), dict):
                yield path
