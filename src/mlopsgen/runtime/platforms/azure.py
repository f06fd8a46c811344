"""Azure: secrets of Key Vault, small files in a datastore, and the models of an Azure ML workspace.

`azureml://subscriptions/S/resourceGroups/G/workspaces/W/datastores/D/paths/PATH` is a place in a datastore, as
Azure ML itself writes it; `…/datastores/D/models/NAME` is a model of the workspace whose files lie in D.
Models have tags and no aliases: the champion is the newest version with the tag `alias=champion`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..problems import Failed, Usage
from .api import Candidate, Stored, Version
from .azure_rest import ARM, Answer, Blobs, Service

API = "2024-10-01"
CHAMPION = ("alias", "champion")
RETIRED = "retired"
"""What the tag says of a version that was the champion."""
_OWN = (
    "modelUri",
    "modelType",
    "description",
    "properties",
    "flavors",
    "jobName",
    "isAnonymous",
    "isArchived",
    "stage",
)
"""What may be said of a version; all else of an answer is Azure's."""
_PLACE = re.compile(
    r"azureml://subscriptions/(?P<subscription>[^/]+)/resource[gG]roups/(?P<group>[^/]+)/workspaces/(?P<workspace>[^/]+)"
    r"/datastores/(?P<datastore>[^/]+)/(?P<kind>paths|models)/(?P<rest>.+)"
)


def secret_from_key_vault(uri: str, service: Service | None = None) -> str:
    """`azure-keyvault://VAULT/NAME`: a secret's text; the identity must be allowed to read that name."""
    vault, _, name = uri.removeprefix("azure-keyvault://").partition("/")
    if not vault or not name:
        raise Usage(f"`{uri}` must read azure-keyvault://VAULT/NAME")
    asked = service or Service("https://vault.azure.net")
    url = f"https://{vault}.vault.azure.net/secrets/{name}?api-version=7.4"
    return str(asked.ask(f"the secret `{name}` of {vault}", "GET", url).json()["value"])


class Workspace:
    """An Azure ML workspace, through Azure Resource Manager."""

    def __init__(self, subscription: str, group: str, name: str, service: Service | None = None) -> None:
        self.name = name
        self.path = f"subscriptions/{subscription}/resourcegroups/{group}/workspaces/{name}"
        provider = f"providers/Microsoft.MachineLearningServices/workspaces/{name}"
        self.url = f"{ARM}/subscriptions/{subscription}/resourceGroups/{group}/{provider}"
        self.service = service or Service(ARM, {"Content-Type": "application/json"})

    def get(self, what: str, path: str) -> Any:
        """A resource of the workspace."""
        return self.service.ask(what, "GET", self._full(path)).json()

    def put(self, what: str, path: str, properties: Mapping[str, Any]) -> None:
        """Makes a resource, or replaces it."""
        body = json.dumps({"properties": properties}).encode()
        self.service.ask(what, "PUT", self._full(path), body=lambda: body)

    def ask(
        self, what: str, method: str, path: str, *, body: Mapping[str, Any] | None = None, fine: tuple[int, ...] = ()
    ) -> Answer:
        """Any call on a resource of the workspace."""
        return self.ask_at(what, method, self._full(path), body=body, fine=fine)

    def ask_at(
        self, what: str, method: str, url: str, *, body: Mapping[str, Any] | None = None, fine: tuple[int, ...] = ()
    ) -> Answer:
        """Any call of Azure Resource Manager."""
        sent = None if body is None else json.dumps(body).encode()
        return self.service.ask(what, method, url, body=(lambda: sent) if sent is not None else None, fine=fine)

    def listed(self, what: str, path: str, *, view: str | None = None) -> Iterator[Any]:
        """Every entry of a list, page by page; nothing where the list is not there."""
        seen = f"&listViewType={view}" if view else ""
        first = self.service.ask(what, "GET", f"{self._full(path)}{seen}", fine=(404,))
        page = None if first.status == 404 else first.json()
        while page is not None:
            yield from page.get("value", ())
            further = page.get("nextLink")
            page = self.service.ask(what, "GET", further).json() if further else None

    def blobs(self, datastore: str, prefix: str) -> Blobs:
        """A place in one of the workspace's datastores."""
        said = self.get(f"the datastore `{datastore}`", f"datastores/{datastore}")["properties"]
        account, container = said.get("accountName"), said.get("containerName") or said.get("filesystem")
        if not account or not container:
            raise Failed(f"the datastore `{datastore}` of {self.name} is no blob storage")
        host = f"{account}.blob.{said.get('endpoint') or 'core.windows.net'}"
        return Blobs(f"https://{host}/{container}", prefix)

    def _full(self, path: str) -> str:
        return f"{self.url}/{path}?api-version={API}"


def _place(uri: str, kind: str) -> tuple[Workspace, str, str]:
    found = _PLACE.fullmatch(uri)
    if found is None or found["kind"] != kind:
        said = "azureml://subscriptions/S/resourceGroups/G/workspaces/W/datastores/D"
        raise Usage(f"`{uri}` must read {said}/{kind}/…")
    return Workspace(found["subscription"], found["group"], found["workspace"]), found["datastore"], found["rest"]


def store_in_datastore(uri: str) -> Blobs:
    """The files of a datastore below a path; small ones are changed only by conditional writes."""
    workspace, datastore, path = _place(uri, "paths")
    return workspace.blobs(datastore, path)


class WorkspaceModels:
    """The versions of one model of a workspace."""

    def __init__(self, uri: str, workspace: Workspace | None = None, blobs: Blobs | None = None) -> None:
        found, self.datastore, self.model = _place(uri, "models")
        self.workspace = workspace or found
        self.blobs = blobs or self.workspace.blobs(self.datastore, f"models/{self.model}")

    def champion(self) -> Version | None:
        """The newest version with the tag that says so."""
        name, value = CHAMPION
        found = [one for one in self._all() if one["properties"].get("tags", {}).get(name) == value]
        return _version(found[-1]) if found else None

    def versions(self) -> tuple[Version, ...]:
        """Every version that is not archived, the oldest first."""
        return tuple(map(_version, self._all()))

    def fetch_model(self, version: Version, into: Path) -> None:
        """Downloads the version's files."""
        if not self.blobs.download(f"{version.name}/model", into):
            raise Failed(f"{self.model} version {version.name} has no files in {self.datastore}")

    def register(self, new: Candidate) -> str:
        """Reserves a number, uploads the files, then makes the version: nobody sees half of one."""
        number = self._reserve(new)
        self.blobs.upload(new.model, f"{number}/model")
        for figure in new.figures:
            self.blobs.upload(figure, f"{number}/figures")
        where = f"azureml://{self.workspace.path}/datastores/{self.datastore}/paths/{self.blobs.prefix}/{number}/model/"
        about = {
            "modelUri": where,
            "modelType": "custom_model",
            "description": _description(new.about),
            "tags": _tags(new),
            "properties": _properties(new.about),
        }
        self.workspace.put(self._said(number), self._path(number), about)
        if new.approved:
            self._retire(str(number))
        return str(number)

    def status(self, version: str) -> str:
        """What the version's tag says; what is or was the champion has been approved by that."""
        tags = self._one(version)["properties"].get("tags") or {}
        if tags.get(CHAMPION[0]) in (CHAMPION[1], RETIRED):
            return "approved"
        return str(tags.get("status") or "pending")

    def promote(self, version: str) -> None:
        """Gives the version the champion's tag, then takes it from others: with two, the newer one counts."""
        one = self._one(version)
        if (one["properties"].get("tags") or {}).get(CHAMPION[0]) != CHAMPION[1]:
            self._tag(one, {CHAMPION[0]: CHAMPION[1], "status": "approved"})
        self._retire(version)

    def _one(self, version: str) -> Any:
        answer = self.workspace.ask(self._said(version), "GET", self._path(version), fine=(404,))
        if answer.status == 404:
            raise Failed(f"{self.model} has no version {version}")
        return {"name": version, **answer.json()}

    def _reserve(self, new: Candidate) -> int:
        """The next number, kept from others by the version's own record."""
        number = max((int(one["name"]) for one in self._all("All")), default=0) + 1
        record = json.dumps(dict(new.about), indent=2, ensure_ascii=False).encode()
        while not self.blobs.write(f"{number}/version.json", record, Stored(None, "")):
            number += 1
        return number

    def _retire(self, champion: str) -> None:
        """Those that had the tag say so: with two of them for a moment, the newer one counts.

        It is written over and not left out, since the service may add the tags of a request to those that are there.
        """
        name, value = CHAMPION
        for one in self._all():
            if one["name"] != champion and one["properties"].get("tags", {}).get(name) == value:
                self._tag(one, {name: RETIRED})

    def _tag(self, one: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Writes a version with these tags beside its own."""
        about = one["properties"]
        said = {key: about[key] for key in _OWN if about.get(key) is not None}
        whole = {**said, "tags": {**(about.get("tags") or {}), **tags}}
        self.workspace.put(self._said(one["name"]), self._path(one["name"]), whole)

    def _all(self, view: str = "ActiveOnly") -> list[Any]:
        """The versions by number; those that a person has archived too, where `view` says so."""
        found = self.workspace.listed(f"the versions of `{self.model}`", f"models/{self.model}/versions", view=view)
        return sorted((one for one in found if str(one["name"]).isdecimal()), key=lambda one: int(one["name"]))

    def _path(self, number: int | str) -> str:
        return f"models/{self.model}/versions/{number}"

    def _said(self, number: int | str) -> str:
        return f"{self.model} version {number}"


def _version(one: Mapping[str, Any]) -> Version:
    said = one["properties"].get("properties", {}).get("metrics", "{}")
    metrics = {name: value for name, value in json.loads(said).items() if isinstance(value, int | float)}
    return Version(str(one["name"]), metrics)


def _tags(new: Candidate) -> dict[str, str]:
    """What people look for: status, metrics, data, and the product's own tags."""
    about = new.about
    found = {name: str(value) for name, value in about.get("tags", {}).items()}
    found["status"] = str(about["status"])
    found |= {f"metric.{name}": f"{value:g}" for name, value in about.get("metrics", {}).items()}
    found |= {f"data.{name}": str(value) for name, value in _data(about).items()}
    return found | ({CHAMPION[0]: CHAMPION[1]} if new.approved else {})


def _data(about: Mapping[str, Any]) -> Mapping[str, Any]:
    said = about.get("lineage", {}).get("data_version") or "{}"
    try:
        found = json.loads(said)
    except ValueError:
        found = said
    return found if isinstance(found, dict) else {"version": found}


def _properties(about: Mapping[str, Any]) -> dict[str, str]:
    """What a version keeps for good, as JSON: properties of a model cannot be changed."""
    parts = ("metrics", "gate", "lineage", "card", "model_digest")
    return {name: json.dumps(about[name], ensure_ascii=False) for name in parts if about.get(name)}


def _description(about: Mapping[str, Any]) -> str:
    """The description and the model card as the studio shows them."""
    sections = [f"**{name.replace('_', ' ')}**: {said}" for name, said in about.get("card", {}).items()]
    return "\n\n".join(filter(None, [about.get("description", ""), *sections]))


SECRETS = {"azure-keyvault": secret_from_key_vault}
STORES = {"azureml": store_in_datastore}
TREES = {"azureml": store_in_datastore}
REGISTRIES = {"azureml": WorkspaceModels}
_IDENTITY = ("azure-identity>=1.17",)
REQUIREMENTS = {"azure-keyvault": _IDENTITY, "azureml": _IDENTITY}
