"""Kubeflow Model Registry on 127.0.0.1: the few calls of its REST API that the runtime makes, strict about fields."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from .fake_http import Handler

Node: TypeAlias = dict[str, Any]
API = "/api/model_registry/v1alpha3"
VALUES = {"MetadataStringValue": "string_value", "MetadataDoubleValue": "double_value"}
MODEL = {"name", "description", "customProperties", "externalId", "state", "owner"}
VERSION = {"name", "description", "customProperties", "externalId", "state", "author", "registeredModelId"}
ARTIFACT = {"name", "description", "customProperties", "externalId", "state", "uri", "artifactType"}


@dataclass
class Kept:
    """What the registry keeps; pages hold two entries, so that every reader has to turn them."""

    models: list[Node] = field(default_factory=list)
    versions: list[Node] = field(default_factory=list)
    artifacts: list[Node] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    """Names of versions that somebody else takes just before us."""
    tokens: list[str | None] = field(default_factory=list)


class ModelRegistry(Handler):
    """Answers the calls."""

    kept: Kept

    def get(self) -> None:
        said = urlsplit(self.path)
        asked, parts = parse_qs(said.query), self._parts(said.path)
        self.kept.tokens.append(self.headers.get("Authorization"))
        if parts == ["registered_model"]:
            found = [one for one in self.kept.models if one["name"] == asked["name"][0]]
            self._say(200, found[0]) if found else self._say(404, {"message": "no such model"})
        elif parts[0] == "registered_models" and parts[2] == "versions":
            self._page([one for one in self.kept.versions if one["registeredModelId"] == parts[1]], asked)
        else:
            assert (parts[0], parts[2]) == ("model_versions", "artifacts")
            self._page([one for one in self.kept.artifacts if one["version"] == parts[1]], asked)

    def post(self) -> None:
        parts, body = self._parts(self.path), json.loads(self.body())
        if parts == ["registered_models"]:
            self._add(self.kept.models, body, MODEL, {"name"})
        elif parts == ["model_versions"]:
            self._add(self.kept.versions, body, VERSION, {"name", "registeredModelId"})
        else:
            assert (parts[0], parts[2]) == ("model_versions", "artifacts")
            self._add(self.kept.artifacts, body, ARTIFACT, {"uri"}, version=parts[1])

    def patch(self) -> None:
        parts, body = self._parts(self.path), json.loads(self.body())
        assert set(body) <= MODEL
        (model,) = [one for one in self.kept.models if one["id"] == parts[1]]
        model.update(body)
        self._say(200, model)

    def _parts(self, path: str) -> list[str]:
        assert path.startswith(API)
        return path.removeprefix(API).strip("/").split("/")

    def _add(self, kept: list[Node], body: Node, known: set[str], unique: set[str], **more: str) -> None:
        assert set(body) <= known, set(body) - known
        for value in body.get("customProperties", {}).values():
            assert set(value) == {"metadataType", VALUES[value["metadataType"]]}
        if kept is self.kept.versions and body["name"] in self.kept.taken:
            kept.append({**body, "id": str(len(kept) + 1), "customProperties": {}})
            self.kept.taken.remove(body["name"])
        if any(all(one.get(key) == body.get(key) for key in unique) for one in kept if not more):
            self._say(409, {"code": "409", "message": f"{body['name']} already exists"})
            return
        made = {**body, **more, "id": str(len(kept) + 1)}
        kept.append(made)
        self._say(201, made)

    def _page(self, found: list[Node], asked: dict[str, list[str]]) -> None:
        start = int(asked.get("nextPageToken", ["0"])[0])
        more = str(start + 2) if start + 2 < len(found) else ""
        self._say(200, {"items": found[start : start + 2], "nextPageToken": more, "pageSize": 2, "size": len(found)})

    def _say(self, status: int, body: Node) -> None:
        self.answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})
