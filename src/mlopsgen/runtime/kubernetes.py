"""Objects of the cluster that a step runs in, with the standard library alone.

The address is what Kubernetes tells every pod (KUBERNETES_SERVICE_HOST and _PORT), the token and the
certificate are those of the pod's service account. KUBERNETES_API names another address.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .problems import Failed
from .web import Answer, Server

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
PLURALS: Mapping[str, str] = {"Experiment": "experiments", "TrainJob": "trainjobs"}
"""Kind → the word in its address."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Objects of one namespace."""

    account: Path = ACCOUNT
    pause: float = 2.0

    def create(self, wanted: Mapping[str, Any]) -> None:
        """Makes an object; one of that name that is there already was made by an answer that got lost."""
        answer = self._call("POST", _place(wanted), wanted)
        if answer.status not in (200, 201, 202, 409):
            raise Failed(f"{_named(wanted)} cannot be made: {answer.reason}")

    def read(self, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
        """The object as it is now."""
        answer = self._call("GET", f"{_place(wanted)}/{wanted['metadata']['name']}")
        if answer.status != 200:
            raise Failed(f"{_named(wanted)} cannot be read: {answer.reason}")
        found: Mapping[str, Any] = answer.body
        return found

    def delete(self, wanted: Mapping[str, Any]) -> None:
        """Deletes an object and all that it has made."""
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        answer = self._call("DELETE", f"{_place(wanted)}/{wanted['metadata']['name']}", options)
        if answer.status not in (200, 202, 404):
            raise Failed(f"{_named(wanted)} cannot be deleted: {answer.reason}")

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """The token is read for every call: the cluster gives a new one within the hour."""
        address, token = _address(), self.account / "token"
        server = Server(
            title="the API of the cluster",
            address=address,
            headers={"Authorization": f"Bearer {token.read_text().strip()}"} if token.exists() else {},
            trust=self._trust() if address.startswith("https:") else None,
            pause=self.pause,
        )
        return server.call(method, path, body)

    def _trust(self) -> ssl.SSLContext:
        certificate = self.account / "ca.crt"
        trust = ssl.create_default_context(cafile=str(certificate) if certificate.exists() else None)
        # Python 3.13 asks for extensions that the authority of a cluster of some years does not have.
        trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return trust


def _place(wanted: Mapping[str, Any]) -> str:
    return f"/apis/{wanted['apiVersion']}/namespaces/{wanted['metadata']['namespace']}/{PLURALS[wanted['kind']]}"


def _address() -> str:
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    given = os.environ.get("KUBERNETES_API")
    if given:
        return given
    if not host:
        raise Failed("this step makes objects in Kubernetes, and does not run in a cluster")
    return f"https://{f'[{host}]' if ':' in host else host}:{port}"


def _named(wanted: Mapping[str, Any]) -> str:
    return f"{wanted['kind']} {wanted['metadata']['name']}"
