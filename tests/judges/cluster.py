"""The API of a cluster, as far as tests ask it: what it takes, what it refuses and in which words, who may do what."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

Node: TypeAlias = Mapping[str, Any]

PROFILE = {
    "app.kubernetes.io/part-of": "kubeflow-profile",
    "istio-injection": "enabled",
    "katib.kubeflow.org/metrics-collector-injection": "enabled",
    "pipelines.kubeflow.org/enabled": "true",
    "serving.kubeflow.org/inferenceservice": "enabled",
}
"""Labels of a namespace that Kubeflow makes of a Profile (kubeflow/manifests, namespace-labels.yaml)."""
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
"""With it pods must keep to Kubernetes' strictest standard; Kubeflow's overlay `pss` gives it to every Profile."""
MANAGER = "tests"


@dataclass(frozen=True, slots=True)
class Right:
    """Something that an account may do, or not."""

    verb: str
    resource: str
    group: str = ""
    name: str = ""
    subresource: str = ""

    def __str__(self) -> str:
        words = "/".join(filter(None, (self.group, self.resource, self.subresource)))
        return f"{self.verb} {words} {self.name}".strip()


@dataclass
class Cluster:
    """Asks one API server, as its administrator."""

    address: str
    certificate: Path
    token: str
    kinds: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)
    """Version and kind → the word in its address, and whether a namespace has its objects."""
    connection: http.client.HTTPSConnection | None = None

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            return self.call("GET", "/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def call(self, method: str, path: str, body: Node | None = None, kind: str = "application/json") -> tuple[int, Any]:
        """Code and answer of one request; they share a connection, whose making takes longest."""
        if self.connection is None:
            context = ssl.create_default_context(cafile=str(self.certificate))
            self.connection = http.client.HTTPSConnection(urlsplit(self.address).netloc, context=context, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = self.connection.getresponse()
            text = answer.read().decode()
        except BaseException:
            self.close()
            raise
        return answer.status, json.loads(text) if text.startswith("{") else text

    def close(self) -> None:
        """Asks no more; whoever asks again gets another connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def namespace(self, name: str, labels: Mapping[str, str] = PROFILE) -> None:
        """Makes a namespace; one that is there keeps its labels."""
        code, said = self.call("POST", "/api/v1/namespaces", {"metadata": {"name": name, "labels": dict(labels)}})
        assert code in (201, 409), said

    def apply(self, document: Node, *, namespace: str | None = None, rehearsal: bool = True) -> str | None:
        """What the server says against an object, or nothing; unless it is no rehearsal, nothing is kept."""
        if namespace is not None:
            document = {**document, "metadata": {**document.get("metadata", {}), "namespace": namespace}}
        path, problem = self._path(document)
        if problem:
            return problem
        asked = f"fieldManager={MANAGER}&fieldValidation=Strict&force=true{'&dryRun=All' if rehearsal else ''}"
        code, said = self.call("PATCH", f"{path}?{asked}", document, "application/apply-patch+yaml")
        return None if code in (200, 201) else str(said["message"] if isinstance(said, dict) else said)

    def may(self, account: str, namespace: str, right: Right) -> bool:
        """Whether a service account has a right."""
        user = f"system:serviceaccount:{namespace}:{account}"
        return self.user_may(user, ("system:serviceaccounts", f"system:serviceaccounts:{namespace}"), namespace, right)

    def user_may(self, user: str, groups: tuple[str, ...], namespace: str, right: Right) -> bool:
        """Whether somebody of these groups has a right."""
        asked = {"namespace": namespace, "verb": right.verb, "group": right.group, "resource": right.resource}
        asked |= {"name": right.name, "subresource": right.subresource}
        everybody = [*groups, "system:authenticated"]
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview"}
        spec = {"user": user, "groups": everybody, "resourceAttributes": asked}
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        code, said = self.call("POST", path, {**review, "spec": spec})
        assert code == 201, said
        return bool(said["status"]["allowed"])

    def wait_for_definitions(self) -> None:
        """Until every CRD is served: the server takes a moment for each."""
        place = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        for _ in range(600):
            items = self.call("GET", place)[1]["items"]
            if all(_established(item) for item in items):
                return
            time.sleep(0.1)
        raise AssertionError("the definitions are not served")

    def _path(self, document: Node) -> tuple[str, str]:
        """Where an object belongs, or why it belongs nowhere."""
        version, kind = str(document.get("apiVersion")), str(document.get("kind"))
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if (version, kind) not in self.kinds:
            code, said = self.call("GET", root)
            for one in said["resources"] if code == 200 else ():
                if "/" not in one["name"]:
                    self.kinds[version, one["kind"]] = (one["name"], one["namespaced"])
        if (version, kind) not in self.kinds:
            return "", f"the server has no {kind} in {version}"
        plural, namespaced = self.kinds[version, kind]
        about = document.get("metadata") or {}
        space = about.get("namespace") or "default"
        within = f"/namespaces/{quote(space, safe='')}" if namespaced else ""
        return f"{root}{within}/{plural}/{quote(str(about.get('name')), safe='')}", ""


def _established(item: Node) -> bool:
    conditions = item.get("status", {}).get("conditions") or ()
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)
