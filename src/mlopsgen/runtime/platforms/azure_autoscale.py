"""Autoscale settings of Azure Monitor: each is of one deployment, and made and removed together with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .azure import Workspace
from .azure_rest import ARM

API = "2022-10-01"


@dataclass(frozen=True, slots=True)
class Autoscale:
    """The settings of one endpoint's deployments, which lie in the workspace's resource group."""

    workspace: Workspace
    endpoint: str
    rules: Mapping[str, Any] | None
    """The properties, with `{deployment}` for the deployment's id; None: nothing scales."""

    def place(self, deployment: str, about: Mapping[str, Any]) -> None:
        """Gives a deployment the rules; `about` is the region and the tags."""
        if not self.rules:
            return
        place = f"{self.workspace.url.removeprefix(ARM)}/onlineEndpoints/{self.endpoint}/deployments/{deployment}"
        rules = json.loads(json.dumps(self.rules).replace("{deployment}", place))
        properties = {"name": self._name(deployment), "enabled": True, "targetResourceUri": place, **rules}
        what = f"the autoscale setting of {deployment}"
        self.workspace.ask_at(what, "PUT", self._url(deployment), body={**about, "properties": properties})

    def remove(self, deployment: str) -> None:
        """Takes them away; there may be none."""
        if self.rules:
            what = f"the autoscale setting of {deployment}"
            self.workspace.ask_at(what, "DELETE", self._url(deployment), fine=(404,))

    def _name(self, deployment: str) -> str:
        return f"{self.endpoint}-{deployment}"

    def _url(self, deployment: str) -> str:
        group = self.workspace.url.partition("/providers/")[0]
        name = self._name(deployment)
        return f"{group}/providers/Microsoft.Insights/autoscaleSettings/{name}?api-version={API}"
