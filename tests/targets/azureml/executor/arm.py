"""Azure Resource Manager and Monitor with one online endpoint, as strict as their pages say, and blobs beside them.

Every call has to be allowed by a role of the emitted template. Time passes only where somebody waits.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import Request

from mlopsgen.runtime.platforms.azure_rest import Answer

ML, AUTOSCALE, METRICS = (
    "Microsoft.MachineLearningServices",
    "Microsoft.Insights/autoscaleSettings",
    "Microsoft.Insights/metrics",
)
HOST = "https://management.azure.com"
VERBS = {"GET": "read", "PUT": "write", "DELETE": "delete", "POST": "action"}
MAKING = 40.0
"""Seconds that Azure takes to make or change something."""


class Cut(BaseException):
    """The process is gone: nothing in it runs any more."""


class Refused(Exception):
    """What Azure does not do."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass
class World:
    """What Azure keeps, and every change that it was asked for."""

    workspace: str
    """Its id."""
    actions: tuple[str, ...]
    """What the caller may do."""
    at: float = 1_000_000.0
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    deployments: dict[str, dict[str, Any]] = field(default_factory=dict)
    ready: dict[str, float] = field(default_factory=dict)
    """When a resource that is being made is ready."""
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    autoscale: dict[str, dict[str, Any]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    """Versions whose server never gets ready."""
    failing: float | None = 0.0
    """The share of requests that new versions answer with 5xx; None: nothing is measured."""
    told: list[str] = field(default_factory=list)
    cut_at: int | None = None
    """The change after whose effect the process is gone."""

    def sleep(self, seconds: float) -> None:
        self.at += seconds

    def time(self) -> float:
        return self.at

    def __call__(self, request: Request) -> Answer:
        url, method = urlsplit(request.full_url), request.get_method()
        assert request.get_header("Authorization", "").startswith("Bearer ")
        sent: Any = request.data
        body = json.loads(sent) if sent and url.hostname == "management.azure.com" else sent
        if url.hostname != "management.azure.com":
            return self._blob(method, unquote(url.path), body, request)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        try:
            return self._arm(method, unquote(url.path), body, query)
        except Refused as no:
            said = {"error": {"code": type(no).__name__, "message": str(no)}}
            return Answer(no.status, {}, json.dumps(said).encode())

    def _arm(self, method: str, path: str, body: Any, query: Mapping[str, str]) -> Answer:
        assert query["api-version"], "Azure asks for a version of its API"
        if path.startswith("/operation/"):
            return self._operation(path.removeprefix("/operation/"))
        for pattern, answer, kind in self._routes():
            found = re.fullmatch(pattern, path)
            if found:
                self._allowed(f"{kind}/{VERBS[method]}")
                return answer(method, found.groupdict(), body, query)
        raise Refused(404, f"there is nothing at {path}")

    def _routes(self) -> list[tuple[str, Callable[..., Answer], str]]:
        here = re.escape(self.workspace)
        endpoint = rf"{here}/onlineEndpoints/(?P<endpoint>[^/]+)"
        kinds = f"{ML}/workspaces"
        return [
            (rf"{here}/datastores/(?P<name>\w+)", self._datastore, f"{kinds}/datastores"),
            (
                rf"{here}/models/(?P<model>[^/]+)/versions(?:/(?P<version>\d+))?",
                self._model,
                f"{kinds}/models/versions",
            ),
            (endpoint, self._endpoint, f"{kinds}/onlineEndpoints"),
            (
                rf"{endpoint}/deployments/(?P<name>[^/]+)/getLogs",
                self._logs,
                f"{kinds}/onlineEndpoints/deployments/getLogs",
            ),
            (rf"{endpoint}/deployments(?:/(?P<name>[^/]+))?", self._deployment, f"{kinds}/onlineEndpoints/deployments"),
            (rf"{endpoint}(?P<inner>/deployments/[^/]+)?/providers/{METRICS}", self._metrics, METRICS),
            (
                rf"{re.escape(self.workspace.partition('/providers/')[0])}/providers/{AUTOSCALE}/(?P<name>.+)",
                self._scale,
                AUTOSCALE,
            ),
        ]

    def _allowed(self, action: str) -> None:
        if not any(fnmatch.fnmatchcase(action.lower(), one.lower()) for one in self.actions):
            raise Refused(403, f"the client has no permission for {action}")

    def _changed(self, words: str) -> None:
        self.told.append(words)
        if len(self.told) == self.cut_at:
            raise Cut

    def _datastore(self, method: str, named: Mapping[str, Any], body: Any, query: Any) -> Answer:
        return _json({"properties": {"accountName": "acme", "containerName": "data"}})

    def _model(self, method: str, named: Mapping[str, Any], body: Any, query: Any) -> Answer:
        version = named["version"]
        if version is None:
            return _json({"value": [{"name": name, "properties": one} for name, one in self.models.items()]})
        if version not in self.models:
            raise Refused(404, f"no model {named['model']}:{version}")
        if method == "PUT":
            self.models[version] = body["properties"]
            self._changed(f"model {version} is {body['properties']['tags'].get('alias')}")
        return _json({"name": version, "properties": self.models[version]})

    def _endpoint(self, method: str, named: Mapping[str, Any], body: Any, query: Any) -> Answer:
        name = named["endpoint"]
        if name not in self.endpoints:
            raise Refused(404, f"no endpoint {name}")
        was = self.endpoints[name]
        if method == "GET":
            return _json({**was, "properties": {**was["properties"], "provisioningState": self._state(name)}})
        self._check_endpoint(was, body)
        identity = {**was["identity"]}
        self.endpoints[name] = {**body, "name": name, "identity": identity}
        self.ready[name] = self.at + MAKING
        shares, copies = body["properties"]["traffic"], body["properties"]["mirrorTraffic"]
        self._changed(f"traffic {_words(shares)}{' copies ' + _words(copies) if copies else ''}")
        return self._begun(name, 200)

    def _check_endpoint(self, was: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        said = body["properties"]
        if self._state(was["name"]) == "Updating":
            raise Refused(409, "another operation is under way")
        if "provisioningState" in said or "scoringUri" in said:
            raise Refused(400, "what Azure alone writes")
        if body["location"] != was["location"] or body["identity"]["type"] != was["identity"]["type"]:
            raise Refused(400, "the kind of identity and the region cannot change")
        if said["authMode"] != was["properties"]["authMode"]:
            raise Refused(400, "authMode is lost")
        if any(value for one in body["identity"]["userAssignedIdentities"].values() for value in one.values()):
            raise Refused(400, "read-only parts of an identity")
        for deployment, share in {**said["traffic"], **said["mirrorTraffic"]}.items():
            if self._state(deployment) != "Succeeded" or not isinstance(share, int):
                raise Refused(400, f"traffic for {deployment}, which is not there or not ready")
        if sum(said["traffic"].values()) not in (0, 100):
            raise Refused(400, f"shares sum up to {sum(said['traffic'].values())}")
        if any(share > 50 or said["traffic"].get(name) for name, share in said["mirrorTraffic"].items()):
            raise Refused(400, "copies of half of the requests at most, for one that has none of its own")

    def _deployment(self, method: str, named: Mapping[str, Any], body: Any, query: Any) -> Answer:
        endpoint, name = self.endpoints.get(named["endpoint"]), named["name"]
        if endpoint is None:
            raise Refused(404, "no such endpoint")
        if name is None:
            return _json({"value": [{"name": one} for one in self.deployments]})
        if method == "PUT":
            return self._put_deployment(name, body, endpoint)
        if name not in self.deployments:
            raise Refused(404, f"no deployment {name}")
        if method == "DELETE":
            if endpoint["properties"]["traffic"].get(name) or endpoint["properties"]["mirrorTraffic"].get(name):
                raise Refused(409, f"{name} has requests")
            del self.deployments[name]
            self._changed(f"delete {name[:2]}")
            return Answer(202, {"Location": "https://elsewhere"}, b"")
        about = self.deployments[name]
        return _json({**about, "properties": {**about["properties"], "provisioningState": self._state(name)}})

    def _logs(self, method: str, named: Mapping[str, Any], body: Any, query: Any) -> Answer:
        if named["name"] not in self.deployments:
            raise Refused(404, "its log is gone with it")
        return _json({"content": f"ModuleNotFoundError in {body['containerType']}"})

    def _put_deployment(self, name: str, body: Any, endpoint: Mapping[str, Any]) -> Answer:
        said = body["properties"]
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{2,31}", name):
            raise Refused(400, f"`{name}` is no name of a deployment")
        found = re.fullmatch(rf"{re.escape(self.workspace)}/models/[^/]+/versions/(\d+)", said["model"])
        if found is None or found[1] not in self.models:
            raise Refused(400, f"no model {said['model']}")
        if not said["environmentId"].startswith(f"{self.workspace}/environments/") or body["sku"]["capacity"] < 1:
            raise Refused(400, "no environment, or no instance")
        if body["location"] != endpoint["location"] or "MLOPSGEN_COMMAND" not in said["environmentVariables"]:
            raise Refused(400, "elsewhere, or nothing to start")
        self.deployments[name] = {**body, "name": name, "version": found[1]}
        self.ready[name] = self.at + MAKING
        self._changed(f"put v{found[1]} of {body['sku']['capacity']}")
        return self._begun(name, 201)

    def _state(self, name: str) -> str:
        if name in self.deployments and self.ready.get(name, 0) <= self.at:
            failed = self.deployments[name]["version"] in self.broken or "failed" in self.deployments[name]
            return "Failed" if failed else "Succeeded"
        if self.ready.get(name, 0) > self.at:
            return "Updating"
        return "Succeeded" if name in self.endpoints else "None"

    def _begun(self, name: str, status: int) -> Answer:
        operation = f"{HOST}/operation/{name}?api-version=2024-10-01"
        return Answer(status, {"Azure-AsyncOperation": operation}, b"{}")

    def _operation(self, name: str) -> Answer:
        state = self._state(name)
        error = {"error": {"code": "ImageBuildFailure", "message": "the container exits"}} if state == "Failed" else {}
        return _json({"status": "InProgress" if state == "Updating" else state, **error})

    def _scale(self, method: str, named: Mapping[str, Any], body: Any, query: Any) -> Answer:
        if method == "DELETE":
            return Answer(200 if self.autoscale.pop(named["name"], None) else 204, {}, b"")
        target = body["properties"]["targetResourceUri"]
        if target.rpartition("/")[2] not in self.deployments:
            raise Refused(400, "no such target")
        for profile in body["properties"]["profiles"]:
            ways = [rule["scaleAction"]["direction"] for rule in profile["rules"]]
            if ways.count("Increase") != ways.count("Decrease"):
                raise Refused(400, "instances would start and never stop")
            if any(rule["metricTrigger"]["metricResourceUri"] != target for rule in profile["rules"]):
                raise Refused(400, "another deployment's figures")
        self.autoscale[named["name"]] = body
        return _json(body)

    def _metrics(self, method: str, named: Mapping[str, Any], body: Any, query: Mapping[str, str]) -> Answer:
        assert (query["interval"], query["aggregation"]) == ("PT1M", "Average")
        if self.failing is None:
            return _json({"value": [{"timeseries": []}]})
        if query["metricnames"] != "RequestsPerMinute":
            value = 900.0 if query["metricnames"].startswith("RequestLatency") else 40.0
            return _json({"value": [{"timeseries": [{"metadatavalues": [], "data": [{"average": value}, {}]}]}]})
        assert re.fullmatch(r"deployment eq 'v\d+-[0-9a-f]{8}' and statusCodeClass eq '\*'", query["$filter"])
        counts = {"2xx": 100 * (1 - self.failing), "5xx": 100 * self.failing}
        series = [
            {
                "metadatavalues": [{"name": {"value": "statusCodeClass"}, "value": name}],
                "data": [{"average": count}, {}],
            }
            for name, count in counts.items()
        ]
        return _json({"value": [{"timeseries": series}]})

    def _blob(self, method: str, path: str, body: Any, request: Request) -> Answer:
        if method == "GET":
            if path not in self.blobs:
                return Answer(404, {}, b"{}")
            return Answer(200, {"ETag": str(hash(self.blobs[path]))}, self.blobs[path])
        known, seen = path in self.blobs, request.get_header("If-match")
        if (request.get_header("If-none-match") == "*" and known) or (
            seen is not None and seen != str(hash(self.blobs.get(path, b"")))
        ):
            return Answer(412, {}, b"{}")
        self.blobs[path] = bytes(body)
        return Answer(201, {}, b"")


def _json(body: Any) -> Answer:
    return Answer(200, {}, json.dumps(body).encode())


def _words(shares: Mapping[str, int]) -> str:
    return " ".join(f"{name[:2]}={share}" for name, share in sorted(shares.items()))
