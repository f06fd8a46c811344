"""A namespace of a cluster with one bundle in it, all that the README says done."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.runtime.fake_http import serving
from tests.runtime.fake_model_registry import Kept, ModelRegistry
from tests.targets.ir.executor.document import Document
from tests.targets.ir.executor.machine import Ended
from tests.targets.ir.executor.world import World

from .api import Api, Objects, expanded
from .store import Store

REGISTRY = "http://model-registry-service.kubeflow.svc.cluster.local:8080"
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}
PLAIN = {"AWS_REQUEST_CHECKSUM_CALCULATION": "when_required", "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required"}


@dataclass(frozen=True, slots=True)
class Namespace:
    """What there is beside the pipeline."""

    folder: Path
    """The project's."""
    world: World
    objects: Objects
    models: Kept
    secrets: dict[str, dict[str, str]]

    @property
    def bundle(self) -> Path:
        return self.world.bundle

    def stored(self, uri: str) -> Any:
        """A JSON file of the store."""
        return json.loads(self.world.machine.path(uri).read_text())


@contextmanager
def namespace(folder: Path, root: Path) -> Iterator[Namespace]:
    """The namespace of a compiled project; its services answer as long as this is entered."""
    bundle, secrets, models = folder / "build/kubeflow", dict[str, dict[str, str]](), Kept()

    def pod(argv: list[str], env: dict[str, str]) -> Ended:
        return world.machine.run(argv, env)

    objects = Objects(run=pod)
    with ExitStack() as stack:
        api = stack.enter_context(serving(Api, objects=objects))
        # MinIO's buckets lie beside S3's: one server has both.
        store = stack.enter_context(serving(Store, root=root / scheme_of(bundle)))
        registry = stack.enter_context(serving(ModelRegistry, kept=models))
        world = World(
            bundle,
            root,
            environment={"KUBERNETES_API": api, "AWS_ENDPOINT_URL_S3": store, **KEYS, **PLAIN},
            places=dict(mounted(bundle, root)),
            variables=lambda document, label: of_secrets(document, label, secrets),
            expand=lambda word: expanded(word).replace(REGISTRY, registry),
        )
        for upload in json.loads((bundle / "uploads.json").read_text()):
            there = on_volume(upload["uri"], root) or world.machine.path(upload["uri"])
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes((folder / upload["path"]).read_bytes())
        yield Namespace(folder, world, objects, models, secrets)


def scheme_of(bundle: Path) -> str:
    """The kind of store: where its buckets are folders here."""
    spec, _ = yaml.safe_load_all((bundle / "pipeline.yaml").read_text())
    return str(spec.get("defaultPipelineRoot", "minio://")).partition("://")[0]


def on_volume(uri: str, root: Path) -> Path | None:
    """Where a file of a volume lies here."""
    return root / "volumes" / uri.removeprefix("pvc://") if uri.startswith("pvc://") else None


def mounted(bundle: Path, root: Path) -> Iterator[tuple[str, Path]]:
    """The folder of each ConfigMap that a pod mounts."""
    folder = bundle / "manifests"
    said = yaml.safe_load((folder / "kustomization.yaml").read_text())
    maps = {one["name"]: one["files"] for one in said.get("configMapGenerator", ())}
    assert said["generatorOptions"]["disableNameSuffixHash"] if maps else True
    for keys in executors(bundle).values():
        for volume in keys.get("configMapAsVolume", ()):
            there = root / "config" / volume["configMapName"]
            there.mkdir(parents=True)
            for entry in maps[volume["configMapName"]]:
                key, _, file = entry.partition("=")
                (there / key).write_bytes((folder / file).read_bytes())
            yield volume["mountPath"], there
        for volume in keys.get("pvcMount", ()):
            yield volume["mountPath"], root / "volumes" / volume["constant"]


def executors(bundle: Path) -> Mapping[str, Any]:
    """What the platform's document says, executor by executor."""
    _, platform = yaml.safe_load_all((bundle / "pipeline.yaml").read_text())
    found: Mapping[str, Any] = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    return found


def of_secrets(document: Document, label: str, secrets: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """The variables that come out of Secrets; a store's own are those of the test."""
    keys = document.platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"].get(label, {})
    asked = [(s["secretName"], k) for s in keys.get("secretAsEnv", ()) for k in s["keyToEnv"]]
    mine = [(name, key) for name, key in asked if not re.match("AWS_", key["envVar"])]
    return {key["envVar"]: secrets[name][key["secretKey"]] for name, key in mine}
