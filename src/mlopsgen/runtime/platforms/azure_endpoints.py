"""Real-time deployments of Azure ML: a managed online endpoint, and in it one deployment for each version.

`azureml://subscriptions/S/resourceGroups/G/workspaces/W/onlineEndpoints/NAME`. Where a rollout stands is kept in the
endpoint's tags, which change in the same PUT as the shares of the requests. A deployment is called after its version
and a digest of its settings: the same version with other settings is rolled out like any other one.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..problems import Failed, Usage
from .api import Reading, Standing
from .azure import Workspace
from .azure_autoscale import Autoscale
from .azure_figures import reading
from .azure_rest import ARM, Answer, header

LIVE, COMING, STEP, SINCE = (f"mlopsgen-{word}" for word in ("live", "coming", "step", "since"))
PAUSE = 15.0
"""Seconds between two looks at what Azure is making."""
LOOKS = 480
"""So many: two hours. A deployment takes 8 to 20 minutes."""
_ENDPOINT = re.compile(
    r"azureml://subscriptions/(?P<subscription>[^/]+)/resource[gG]roups/(?P<group>[^/]+)/workspaces/(?P<workspace>[^/]+)"
    r"/onlineEndpoints/(?P<name>[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9])"
)
_OURS = re.compile(r"v[0-9]+-[0-9a-f]{8}")
_AZURES = ("scoringUri", "swaggerUri", "provisioningState", "keys")
"""Of an endpoint's properties, what Azure alone writes."""
_NO_LOGS = tuple(range(400, 600))
"""Logs help to understand a failure, and must not take its place."""
LINES = 60
_ENDED = ("Failed", "Canceled")


def deployment_name(version: str, native: Mapping[str, Any]) -> str:
    """The deployment of a version with these settings: a letter first, at most 32 letters, digits and dashes."""
    return f"v{version}-{hashlib.sha256(json.dumps(native, sort_keys=True).encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Seen:
    """An endpoint as it was read, and the names of its deployments."""

    body: Mapping[str, Any]
    there: frozenset[str]

    @property
    def tags(self) -> Mapping[str, str]:
        """What its tags say."""
        return self.body.get("tags") or {}

    @property
    def traffic(self) -> Mapping[str, int]:
        """The shares of the requests, in percent."""
        return self.body["properties"].get("traffic") or {}

    @property
    def coming(self) -> str | None:
        """The deployment that a rollout brings."""
        return self.tags.get(COMING) or None

    @property
    def live(self) -> str | None:
        """The deployment that answers: that of the tag, or what a person has given the most requests."""
        said = self.tags.get(LIVE)
        if said in self.there:
            return said
        others = {name: share for name, share in self.traffic.items() if share and name != self.coming}
        return max(others, key=lambda name: others[name], default=None)

    @property
    def replaced(self) -> bool:
        """Whether the one before is gone already: the rollout was cut off within its last step."""
        gone = bool(self.tags.get(LIVE)) and self.live is None
        return gone and self.coming in self.there and self.traffic.get(self.coming or "") == 100


class OnlineEndpoint:
    """A managed online endpoint, through Azure Resource Manager."""

    def __init__(self, uri: str, native: Mapping[str, Any]) -> None:
        found = _ENDPOINT.fullmatch(uri)
        if found is None:
            said = "azureml://subscriptions/S/resourceGroups/G/workspaces/W/onlineEndpoints/NAME"
            raise Usage(f"`{uri}` must read {said}")
        self.workspace = Workspace(found["subscription"], found["group"], found["workspace"])
        self.name, self.native = found["name"], native
        self.path = f"onlineEndpoints/{self.name}"
        self.autoscale = Autoscale(self.workspace, self.name, native.get("scaling"))

    def standing(self) -> Standing:
        """What the tags say, as far as it is still so; a last step that was cut off is ended first."""
        seen = self._seen()
        if seen.replaced:
            self.settle()
            seen = self._seen()
        step, since = int(seen.tags.get(STEP) or -1), float(seen.tags.get(SINCE) or 0)
        return Standing(live=self._version(seen.live), coming=self._version(seen.coming), step=step, since=since)

    def place(self, version: str) -> None:
        """Makes the deployment, with as many instances as the live one has: it may get all requests at once."""
        name, seen = self._name(version), self._seen()
        if seen.coming != name:
            # Said first: what was begun and cut off is found and removed by whoever comes next.
            self._write(seen, seen.traffic, {}, coming=name)
        path = f"{self.path}/deployments/{name}"
        found = self.workspace.ask(f"the deployment {name}", "GET", path, fine=(404,))
        if found.status == 200 and found.json()["properties"].get("provisioningState") in _ENDED:
            self._remove(name)
            found = Answer(404, {}, b"")
        if found.status == 404:
            body = self._body(version, seen)
            found = self.workspace.ask(f"the deployment {name}", "PUT", path, body=body)
        try:
            self._done(f"the deployment {name}", path, found)
        except Failed:
            self._tell(path)
            raise
        self.autoscale.place(name, {"location": seen.body["location"], "tags": self.native["deployment"]["tags"]})

    def route(self, share: float, step: int, since: float) -> None:
        """Gives the coming deployment its share in whole percents, and the live one the rest."""
        seen, percent = self._seen(), round(share * 100)
        live, coming = seen.live, seen.coming
        if coming is None:
            raise Failed(f"no version is on its way to {self.name}")
        shares = {coming: percent, **({live: 100 - percent} if live else {})}
        self._write(seen, shares, {}, coming=coming, step=step, since=since)

    def mirror(self, share: float, step: int, since: float) -> None:
        """Copies: a deployment that gets some must have no requests of its own."""
        seen = self._seen()
        shares, copies = ({seen.live: 100} if seen.live else {}), {str(seen.coming): round(share * 100)}
        self._write(seen, shares, copies, coming=seen.coming, step=step, since=since)

    def measured(self, alarm: Mapping[str, Any], seconds: float) -> Reading:
        """What Azure Monitor has of the coming deployment; what it has not yet is nothing, never good."""
        coming = self._seen().coming
        if coming is None:
            return Reading(value=None)
        now = time.time()
        return reading(self.workspace, self.path, coming, alarm, (now - seconds, now))

    def settle(self) -> None:
        """Removes every deployment of ours but the one that has come, then says that it is live."""
        seen = self._seen()
        coming = seen.coming
        if coming is None:
            return
        for name in sorted(seen.there - {coming}):
            if name == seen.live or _OURS.fullmatch(name):
                self._remove(name)
        self._write(self._seen(), {coming: 100}, {}, live=coming)

    def withdraw(self) -> None:
        """Gives the live deployment all requests, then removes the other one: even a failed one costs money."""
        seen = self._seen()
        live, coming = seen.live, seen.coming
        if coming is None or seen.replaced:
            return
        shares = {live: 100} if live else {}
        self._write(seen, shares, {}, coming=coming)
        self._remove(coming)
        self._write(self._seen(), shares, {})

    def _name(self, version: str) -> str:
        return deployment_name(version, self.native)

    def _version(self, name: str | None) -> str | None:
        """The version of a deployment; one with other settings goes by its whole name."""
        if name is None:
            return None
        version = name[1:].partition("-")[0]
        return version if name == self._name(version) else name

    def _seen(self) -> Seen:
        what = f"the endpoint {self.name}"
        answer = self.workspace.ask(what, "GET", self.path, fine=(404,))
        if answer.status == 404:
            raise Failed(f"{what} is not there: `az ml online-endpoint create` makes it from its endpoint.yml")
        deployments = self.workspace.listed(f"the deployments of {self.name}", f"{self.path}/deployments")
        return Seen(answer.json(), frozenset(str(one["name"]).rpartition("/")[2] for one in deployments))

    def _write(
        self,
        seen: Seen,
        shares: Mapping[str, int],
        copies: Mapping[str, int],
        *,
        live: str | None = None,
        coming: str | None = None,
        step: int = -1,
        since: float = 0.0,
    ) -> None:
        """Writes the endpoint as a whole: shares or tags that a PUT leaves out are gone."""
        what, was = f"the endpoint {self.name}", seen.body
        self._done(what, self.path, None)
        stands = {STEP: str(step), SINCE: f"{since:.3f}"} if step >= 0 else {}
        said = {LIVE: live or seen.live or seen.tags.get(LIVE), COMING: coming, **stands}
        others = {key: value for key, value in seen.tags.items() if key not in (LIVE, COMING, STEP, SINCE)}
        body = {
            **{key: was[key] for key in ("location", "kind", "sku") if was.get(key)},
            **_identity(was),
            "tags": {**others, **{key: value for key, value in said.items() if value}},
            "properties": {
                **{key: value for key, value in was["properties"].items() if key not in _AZURES},
                "traffic": {name: share for name, share in shares.items() if share},
                "mirrorTraffic": dict(copies),
            },
        }
        self._done(what, self.path, self.workspace.ask(what, "PUT", self.path, body=body))

    def _body(self, version: str, seen: Seen) -> dict[str, Any]:
        """The deployment of a version: all that rollout.json says, and what is only known now."""
        said, low, high = self.native["deployment"], self.native["low"], self.native["high"]
        variables = dict(said["properties"].get("environmentVariables") or {})
        variables["MLOPSGEN_VERSION"] = version
        identities = (seen.body.get("identity") or {}).get("userAssignedIdentities") or {}
        for one in identities.values():
            variables["DEFAULT_IDENTITY_CLIENT_ID"] = one["clientId"]
        model = f"{self.workspace.url.removeprefix(ARM)}/models/{self.native['model']}/versions/{version}"
        return {
            "location": seen.body["location"],
            "tags": {**said["tags"], "version": version},
            "sku": {"name": "Default", "capacity": min(max(low, self._instances(seen.live)), high)},
            "properties": {**said["properties"], "model": model, "environmentVariables": variables},
        }

    def _instances(self, live: str | None) -> int:
        if live is None:
            return 0
        path = f"{self.path}/deployments/{live}"
        answer = self.workspace.ask(f"the deployment {live}", "GET", path, fine=(404,))
        return 0 if answer.status == 404 else int((answer.json().get("sku") or {}).get("capacity") or 0)

    def _remove(self, name: str) -> None:
        self.autoscale.remove(name)
        path, what = f"{self.path}/deployments/{name}", f"the deployment {name}"
        self._done(what, path, self.workspace.ask(what, "DELETE", path, fine=(404,)))

    def _tell(self, path: str) -> None:
        """The last lines of a server that did not start: they are gone with its deployment."""
        for kind in ("StorageInitializer", "InferenceServer"):
            body = {"containerType": kind, "tail": LINES}
            answer = self.workspace.ask(f"the log of {kind}", "POST", f"{path}/getLogs", body=body, fine=_NO_LOGS)
            if answer.status == 200:
                print(f"--- {kind}\n{answer.json().get('content') or 'no log'}", flush=True)

    def _done(self, what: str, path: str, answer: Answer | None) -> None:
        """Waits until Azure has ended what it makes, and raises its reason where that has failed."""
        operation = header(answer, "Azure-AsyncOperation") if answer else ""
        for _ in range(LOOKS):
            state, why = self._state(what, path, operation if operation.startswith(f"{ARM}/") else "")
            if state in (None, "Succeeded") or (answer is None and state in _ENDED):
                return
            if state in _ENDED:
                raise Failed(f"{what} has ended as {state}: {why}")
            time.sleep(PAUSE)
        raise Failed(f"{what} is still being made after {PAUSE * LOOKS / 3600:.0f} hours")

    def _state(self, what: str, path: str, operation: str) -> tuple[str | None, str]:
        """How far it is: the operation has the reason of a failure, the resource itself says no more than that."""
        if operation:
            answer = self.workspace.ask_at(what, "GET", operation, fine=(401, 403, 404))
            if answer.status == 200:
                said = answer.json()
                error = said.get("error") or {}
                return str(said["status"]), f"{error.get('code')}: {error.get('message')}"
        answer = self.workspace.ask(what, "GET", path, fine=(404,))
        if answer.status == 404:
            return None, ""
        return str(answer.json()["properties"].get("provisioningState") or "Succeeded"), "see its logs"


def _identity(was: Mapping[str, Any]) -> dict[str, Any]:
    """The identity as it is asked for: what Azure adds to each is not."""
    said = was.get("identity") or {}
    if not said.get("userAssignedIdentities"):
        return {"identity": {"type": said["type"]}} if said.get("type") else {}
    return {
        "identity": {
            "type": said["type"],
            "userAssignedIdentities": {one: {} for one in said["userAssignedIdentities"]},
        }
    }


FLEETS = {"azureml": OnlineEndpoint}
