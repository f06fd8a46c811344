"""Kubeflow Model Registry, over its REST API.

`model-registry:<address>/<model>?files=<store>`; versions are called 1, 2, 3… The registered model's
property `mlopsgen_champion` names the version in use. Source: api/openapi/model-registry.yaml (v1alpha3).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from ..problems import Failed, Usage
from ..web import Server
from . import open_folder
from .api import Candidate, Version

API = "/api/model_registry/v1alpha3"
CHAMPION = "mlopsgen_champion"
METRIC = "metric:"
TOKEN = "MLOPSGEN_REGISTRY_TOKEN"  # noqa: S105 - the name of a variable
TRIES = 20
MANY = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where the registry is, what it calls the model, and where the files lie."""

    address: str
    model: str
    files: str

    def version(self, digest: str) -> str:
        """Where the files of a model with this digest lie: the same files are kept once."""
        return f"{self.files}/{quote(self.model, safe='')}/files/{digest.removeprefix('sha256:')[:32]}"


def place_of(uri: str) -> Place:
    """The parts of a registry's URI."""
    split = urlsplit(uri.removeprefix("model-registry:"))
    path, _, model = split.path.rpartition("/")
    files = parse_qs(split.query).get("files", [""])[0]
    if split.scheme not in ("http", "https") or not split.netloc or not model or not files.partition(":")[1]:
        raise Usage(f"`{uri}` must read model-registry:https://SERVER/MODEL?files=STORE")
    return Place(f"{split.scheme}://{split.netloc}{path}", unquote(model), files.rstrip("/"))


class ModelRegistry:
    """The versions of one registered model."""

    def __init__(self, uri: str, pause: float = 2.0) -> None:
        self.place = place_of(uri)
        token = os.environ.get(TOKEN)
        self.server = Server(
            title="Kubeflow Model Registry",
            address=self.place.address + API,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            pause=pause,
        )

    def champion(self) -> Version | None:
        """The version that the registered model's property names."""
        model = self._model()
        name = None if model is None else _text(model, CHAMPION)
        if name is None:
            return None
        found = next((version for version in self.versions() if version.name == name), None)
        if found is None:
            raise Failed(f"the registered model {self.place.model} names version {name}, which is not there")
        return found

    def versions(self) -> tuple[Version, ...]:
        """Every version that is not archived, the oldest first."""
        model = self._model()
        found = () if model is None else self._versions(model["id"])
        return tuple(Version(one["name"], _metrics(one)) for one in found if one.get("state", "LIVE") == "LIVE")

    def fetch_model(self, version: Version, into: Path) -> None:
        """Brings the files of the version's model artifact."""
        model = self._model()
        found = () if model is None else self._versions(model["id"])
        one = next((v for v in found if v["name"] == version.name), None)
        uri = None if one is None else self._artifact(one)
        if uri is None:
            raise Failed(f"version {version.name} of {self.place.model} has no model artifact")
        if not open_folder(uri).get(into):
            raise Failed(f"version {version.name} has no model files below {uri}")

    def register(self, new: Candidate) -> str:
        """Puts the files in the store, then says so: the version, its artifact, and who is the champion."""
        model = self._model() or self._made()
        name = self._registered_by(model["id"], new.about["lineage"].get("run")) or self._add(model["id"], new)
        if new.approved:
            properties = {**model.get("customProperties", {}), CHAMPION: _string(name)}
            self._sent("PATCH", f"/registered_models/{model['id']}", {"customProperties": properties})
        return name

    def _registered_by(self, model: str, run: str | None) -> str | None:
        """The version that an earlier try of the same step has registered, artifact and all."""
        mine = (one for one in self._versions(model) if run and _text(one, "run") == run)
        return next((one["name"] for one in mine if self._artifact(one) is not None), None)

    def _add(self, model: str, new: Candidate) -> str:
        place = self.place.version(new.about["model_digest"])
        open_folder(f"{place}/model").put(new.model)
        for figures in new.figures:
            open_folder(f"{place}/figures").put(figures)
        number = 1 + max((int(v["name"]) for v in self._versions(model) if v["name"].isdecimal()), default=0)
        one = self._new_version(model, number, new.about)
        artifact = {"artifactType": "model-artifact", "name": f"{self.place.model}-{one['name']}"}
        self._sent("POST", f"/model_versions/{one['id']}/artifacts", {**artifact, "uri": f"{place}/model"})
        return str(one["name"])

    def _new_version(self, model: str, number: int, about: Mapping[str, Any]) -> Mapping[str, Any]:
        """The version under the first number that nobody else has taken meanwhile."""
        for taken in range(number, number + TRIES):
            body = {"name": str(taken), "registeredModelId": model, "state": "LIVE"}
            answer = self.server.call("POST", "/model_versions", {**body, "customProperties": _properties(about)})
            if answer.status in (200, 201):
                made: Mapping[str, Any] = answer.body
                return made
            if answer.status not in (400, 409) or "exist" not in answer.reason:
                raise Failed(f"a version of {self.place.model} cannot be registered: {answer.reason}")
        raise Failed(f"versions of {self.place.model} are registered by others all the time; try again")

    def _model(self) -> Mapping[str, Any] | None:
        answer = self.server.call("GET", f"/registered_model?{urlencode({'name': self.place.model})}")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise Failed(f"the registered model {self.place.model} cannot be read: {answer.reason}")
        found: Mapping[str, Any] = answer.body
        return found

    def _made(self) -> Mapping[str, Any]:
        answer = self.server.call("POST", "/registered_models", {"name": self.place.model})
        found = answer.body if answer.status in (200, 201) else self._model()
        if not found:
            raise Failed(f"the registered model {self.place.model} cannot be made: {answer.reason}")
        made: Mapping[str, Any] = found
        return made

    def _versions(self, model: str) -> Iterator[Mapping[str, Any]]:
        more = {"pageSize": str(MANY), "orderBy": "ID", "sortOrder": "ASC"}
        while True:
            page = self._sent("GET", f"/registered_models/{quote(model)}/versions?{urlencode(more)}")
            yield from page.get("items", ())
            if not page.get("nextPageToken"):
                return
            more = {**more, "nextPageToken": page["nextPageToken"]}

    def _artifact(self, version: Mapping[str, Any]) -> str | None:
        """The address of the version's model."""
        found = self._sent("GET", f"/model_versions/{version['id']}/artifacts").get("items", ())
        return next((one["uri"] for one in found if one.get("artifactType") == "model-artifact"), None)

    def _sent(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        answer = self.server.call(method, path, body)
        if answer.status not in (200, 201):
            raise Failed(f"Kubeflow Model Registry refuses {method} {path}: {answer.reason}")
        found: Mapping[str, Any] = answer.body
        return found


def _string(text: str) -> Mapping[str, str]:
    return {"metadataType": "MetadataStringValue", "string_value": text}


def _properties(about: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What version.json says, as properties: each metric as a number, the rest as JSON."""
    metrics = {
        f"{METRIC}{name}": {"metadataType": "MetadataDoubleValue", "double_value": value}
        for name, value in about.get("metrics", {}).items()
    }
    said = {**about, **about["lineage"], "lineage": None, "metrics": None, "model": None}
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in said.items() if value}
    return {**metrics, **{key: _string(text) for key, text in texts.items()}}


def _metrics(version: Mapping[str, Any]) -> Mapping[str, float]:
    found = version.get("customProperties", {})
    return {
        key.removeprefix(METRIC): float(value["double_value"])
        for key, value in found.items()
        if key.startswith(METRIC) and "double_value" in value
    }


def _text(model: Mapping[str, Any], key: str) -> str | None:
    found = model.get("customProperties", {}).get(key, {}).get("string_value")
    return found or None


REGISTRIES = {"model-registry": ModelRegistry}
REQUIREMENTS: Mapping[str, tuple[str, ...]] = {"model-registry": ()}
