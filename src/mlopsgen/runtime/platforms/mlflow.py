"""MLflow's model registry, over its REST API.

`mlflow:<address>/<model>?files=<store>`; the alias `champion` is the version in use. MLflow numbers the
versions. MLFLOW_TRACKING_TOKEN, or _USERNAME and _PASSWORD, let us in. Source: mlflow.org/docs/latest/rest-api.html.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ..problems import Failed
from ..remembered import bearer, fetch, kept, stored
from ..web import Server
from .api import Version

API = "/api/2.0/mlflow"
ALIAS = "champion"
MANY = 200
LONGEST = 5000
"""Characters of a tag's value (mlflow/utils/validation.py: MAX_TAG_VAL_LENGTH)."""


class MlflowModels:
    """The versions of one registered model."""

    def __init__(self, uri: str, pause: float = 2.0) -> None:
        self.place = kept(uri)
        self.server = Server(title="MLflow", address=self.place.address + API, headers=_let_in(), pause=pause)

    def champion(self) -> Version | None:
        """The version with the alias `champion`."""
        asked = urlencode({"name": self.place.model, "alias": ALIAS})
        answer = self.server.call("GET", f"/registered-models/alias?{asked}")
        # A model without that alias is an invalid parameter to MLflow, not one that is missing.
        if answer.status in (400, 404) and _code(answer.body) in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        if answer.status != 200:
            raise Failed(f"the champion of {self.place.model} cannot be read: {_said(answer.status, answer.body)}")
        return _version(answer.body["model_version"])

    def versions(self) -> tuple[Version, ...]:
        """Every version, the oldest first."""
        return tuple(sorted(map(_version, self._found()), key=lambda version: int(version.name)))

    def fetch_model(self, version: Version, into: Path) -> None:
        """Brings the files from the version's source."""
        asked = urlencode({"name": self.place.model, "version": version.name})
        about = self._sent("GET", f"/model-versions/get?{asked}")["model_version"]
        fetch(str(about["source"]), into, version.name)

    def add(self, fill: Callable[[Path, int], None], *, becomes_champion: bool) -> int:
        """Puts the files in the store, has MLflow number the version, and moves the alias."""
        self._make_model()
        about, uri = stored(self.place, fill, 0)
        body = {"name": self.place.model, "source": _source(uri), "tags": _tags(about)}
        made = self._sent("POST", "/model-versions/create", body)["model_version"]
        if becomes_champion:
            named = {"name": self.place.model, "alias": ALIAS, "version": str(made["version"])}
            self._sent("POST", "/registered-models/alias", named)
        return int(made["version"])

    def _make_model(self) -> None:
        answer = self.server.call("POST", "/registered-models/create", {"name": self.place.model})
        if answer.status != 200 and _code(answer.body) != "RESOURCE_ALREADY_EXISTS":
            raise Failed(f"the model {self.place.model} cannot be made: {_said(answer.status, answer.body)}")

    def _found(self) -> Iterator[Mapping[str, Any]]:
        name = self.place.model.replace("'", "''")
        asked = {"filter": f"name='{name}'", "max_results": str(MANY)}
        while True:
            page = self._sent("GET", f"/model-versions/search?{urlencode(asked)}")
            yield from page.get("model_versions", ())
            if not page.get("next_page_token"):
                return
            asked = {**asked, "page_token": page["next_page_token"]}

    def _sent(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        answer = self.server.call(method, path, body)
        if answer.status != 200:
            raise Failed(f"MLflow refuses {method} {path}: {_said(answer.status, answer.body)}")
        found: Mapping[str, Any] = answer.body
        return found


def _let_in() -> Mapping[str, str]:
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    user, password = (os.environ.get(f"MLFLOW_TRACKING_{name}") for name in ("USERNAME", "PASSWORD"))
    if token:
        return {"Authorization": f"Bearer {token}"}
    if user and password:
        return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
    return bearer()


def _source(uri: str) -> str:
    """MLflow knows S3 under its own name alone."""
    return f"s3://{uri.removeprefix('minio://')}" if uri.startswith("minio://") else uri


def _tags(about: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """What version.json says, as tags; a text that is too long for one is cut."""
    said = {key: value for key, value in about.items() if key not in ("version", "model") and value}
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in said.items()}
    return [{"key": f"mlopsgen.{key}", "value": text[:LONGEST]} for key, text in texts.items()]


def _version(about: Mapping[str, Any]) -> Version:
    tags = {tag["key"]: tag["value"] for tag in about.get("tags", ())}
    metrics = json.loads(tags.get("mlopsgen.metrics", "{}"))
    return Version(str(about["version"]), {name: float(value) for name, value in metrics.items()})


def _code(body: Any) -> str | None:
    return body.get("error_code") if isinstance(body, Mapping) else None


def _said(status: int, body: Any) -> str:
    said = body.get("message") if isinstance(body, Mapping) else None
    return f"{status} {said or ''}".strip()


REGISTRIES = {"mlflow": MlflowModels}
REQUIREMENTS: Mapping[str, tuple[str, ...]] = {"mlflow": ()}
