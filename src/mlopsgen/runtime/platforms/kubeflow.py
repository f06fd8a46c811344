"""Kubeflow Model Registry, over its REST API.

`model-registry:<address>/<model>?files=<store>`; versions are called 1, 2, 3… The registered model's
property `mlopsgen_champion` names the version in use. Source: api/openapi/model-registry.yaml (v1alpha3).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from ..problems import Failed
from ..remembered import bearer, fetch, kept, stored
from ..web import Server
from .api import Version

API = "/api/model_registry/v1alpha3"
CHAMPION = "mlopsgen_champion"
METRIC = "metric:"
TRIES = 20
MANY = 100


class ModelRegistry:
    """The versions of one registered model."""

    def __init__(self, uri: str, pause: float = 2.0) -> None:
        self.place = kept(uri)
        self.server = Server(
            title="Kubeflow Model Registry", address=self.place.address + API, headers=bearer(), pause=pause
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
        model = self._model() or {}
        one = next((v for v in self._versions(model["id"]) if v["name"] == version.name), None)
        artifacts = () if one is None else self._get(f"/model_versions/{one['id']}/artifacts").get("items", ())
        uri = next((a["uri"] for a in artifacts if a.get("artifactType") == "model-artifact"), None)
        if uri is None:
            raise Failed(f"version {version.name} of {self.place.model} has no model artifact")
        fetch(uri, into, version.name)

    def add(self, fill: Callable[[Path, int], None], *, becomes_champion: bool) -> int:
        """Puts the files in the store, then says so: the version, its artifact, and who is the champion."""
        model = self._model() or self._made()
        number = 1 + max((int(v["name"]) for v in self._versions(model["id"]) if v["name"].isdecimal()), default=0)
        about, uri = stored(self.place, fill, number)
        number, one = self._new_version(model["id"], number, about)
        artifact = {"artifactType": "model-artifact", "name": f"{self.place.model}-{number}", "uri": uri}
        self._post(f"/model_versions/{one['id']}/artifacts", {**artifact, "state": "LIVE"})
        if becomes_champion:
            properties = {**model.get("customProperties", {}), CHAMPION: _string(str(number))}
            self._sent("PATCH", f"/registered_models/{model['id']}", {"customProperties": properties})
        return number

    def _new_version(self, model: str, number: int, about: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        """The version under the first number that nobody else has taken meanwhile."""
        for taken in range(number, number + TRIES):
            body = {"name": str(taken), "registeredModelId": model, "state": "LIVE"}
            answer = self.server.call("POST", "/model_versions", {**body, "customProperties": _properties(about)})
            if answer.status in (200, 201):
                return taken, answer.body
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
            page = self._get(f"/registered_models/{quote(model)}/versions?{urlencode(more)}")
            yield from page.get("items", ())
            if not page.get("nextPageToken"):
                return
            more = {**more, "nextPageToken": page["nextPageToken"]}

    def _get(self, path: str) -> Mapping[str, Any]:
        return self._sent("GET", path, None)

    def _post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._sent("POST", path, body)

    def _sent(self, method: str, path: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
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
    said = {key: value for key, value in about.items() if key not in ("metrics", "version", "model") and value}
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in said.items()}
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
