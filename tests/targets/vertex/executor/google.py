"""Google's services as far as the runtime asks them: storage over a folder, models, contexts, secrets, metadata.

Refuses what the services refuse: a model id that is taken, a parent that is not there, a generation that has
moved on, an alias that is none, a request without a token.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from .bigquery import BigQuery, Refused

Node: TypeAlias = dict[str, Any]
TOKEN = "a-token-of-the-tests"
NO_HEADERS: Mapping[str, str] = {}
ALIAS = re.compile(r"-?[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]")
METRICS = {
    "classification": {"auRoc", "auPrc", "logLoss", "confidenceMetrics", "confusionMatrix"},
    "regression": {
        "rootMeanSquaredError",
        "meanAbsoluteError",
        "meanAbsolutePercentageError",
        "rSquared",
        "rootMeanSquaredLogError",
    },
}


class Problem(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Google:
    """One project."""

    storage: Path
    secrets: dict[str, str] = field(default_factory=dict)
    """`project/name` → text."""
    models: dict[str, list[Node]] = field(default_factory=dict)
    """Model → its versions, the oldest first."""
    evaluations: dict[str, list[Node]] = field(default_factory=dict)
    contexts: dict[str, list[str]] = field(default_factory=dict)
    """Experiment → its runs."""
    bigquery: BigQuery = field(default_factory=BigQuery)
    asked: list[tuple[str, str]] = field(default_factory=list)
    generations: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    port: int = 0
    busy: list[int] = field(default_factory=list)
    """What the next requests are answered instead of what they asked for."""
    busy_at: str = ""
    """What their addresses end with."""
    prompt: bool = False
    """Whether an upload has ended when it is answered, so that nobody waits for it."""
    fault: Node = field(default_factory=dict)
    """What an upload's operation says instead."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What points the runtime to this server instead of Google's."""
        here = f"http://127.0.0.1:{self.port}"
        services = ("AIPLATFORM", "BIGQUERY", "SECRETMANAGER", "STORAGE")
        host = f"127.0.0.1:{self.port}"
        return {
            **{f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service}": f"{here}/" for service in services},
            "GCE_METADATA_HOST": host,
            "GCE_METADATA_IP": host,
            "GCE_METADATA_ROOT": host,
            "GOOGLE_CLOUD_PROJECT": "acme-ml",
        }

    def answer(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str] = NO_HEADERS
    ) -> tuple[bytes, Mapping[str, str]]:
        """What the service at this address says."""
        said = urlsplit(url)
        path, query = unquote(said.path), {name: values[0] for name, values in parse_qs(said.query).items()}
        with self.lock:
            self.asked.append((method, path))
            if self.busy and path.endswith(self.busy_at):
                raise Problem(self.busy.pop(0), "busy")
            if path.startswith("/computeMetadata/"):
                return _metadata(path), {"Metadata-Flavor": "Google", "Content-Type": _kind(path)}
            if "/storage/v1/" in path:
                return self._storage(method, said.path, query, body, headers.get("Range"))
            if path.startswith("/bigquery/v2/"):
                return _json(self._tables(method, path, query, body)), {}
            if path.startswith("/v1/projects/") and "/secrets/" in path:
                return _json(self._secret(path)), {}
            found = self._vertex(method, path, query, json.loads(body) if body else {})
            return _json(found), {}

    def _tables(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Node:
        try:
            return self.bigquery.answer(method, path, query, json.loads(body) if body else {}, self.storage)
        except Refused as refused:
            raise Problem(refused.status, str(refused)) from None

    def _secret(self, path: str) -> Node:
        found = re.fullmatch(r"/v1/projects/([^/]+)/secrets/([^/]+)/versions/([^/]+):access", path)
        if found is None or f"{found[1]}/{found[2]}" not in self.secrets:
            raise Problem(404, f"Secret {path} not found")
        data = base64.b64encode(self.secrets[f"{found[1]}/{found[2]}"].encode()).decode()
        return {"name": path, "payload": {"data": data}}

    def _storage(
        self, method: str, path: str, query: Mapping[str, str], body: bytes, stretch: str | None = None
    ) -> tuple[bytes, Mapping[str, str]]:
        _, _, rest = path.partition("/storage/v1/b/")
        bucket, _, tail = rest.partition("/o")
        tail, _, to = tail.partition(f"/rewriteTo/b/{bucket}/o/")
        if method == "POST" and not to:
            return self._put(bucket, query, body)
        if not tail:
            return _json(self._list(bucket, query)), {}
        key = unquote(tail.removeprefix("/"))
        file = self.storage / bucket / key
        if not file.is_file() or key.endswith("/"):
            raise Problem(404, f"No such object: {bucket}/{key}")
        if method == "DELETE":
            file.unlink()
            return b"", {}
        if to:
            return self._rewrite(file, self.storage / bucket / unquote(to), query)
        if query.get("ifGenerationMatch", str(self._generation(file))) != str(self._generation(file)):
            raise Problem(412, "At least one of the pre-conditions you specified did not hold.")
        said = file.read_bytes()
        if found := re.fullmatch(r"bytes=(\d+)-(\d+)", stretch or ""):
            said = said[int(found[1]) : int(found[2]) + 1]
        return said, {"x-goog-generation": str(self._generation(file))}

    def _rewrite(self, file: Path, to: Path, query: Mapping[str, str]) -> tuple[bytes, Mapping[str, str]]:
        """In two calls, as large objects are."""
        if "rewriteToken" not in query:
            return _json({"done": False, "rewriteToken": "go-on"}), {}
        assert query["rewriteToken"] == "go-on"
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(file.read_bytes())
        self.generations[str(to)] = self.generations.get(str(to), 0) + 1
        return _json({"done": True}), {}

    def _generation(self, file: Path) -> int:
        """A file that the runtime's steps wrote through the mount has one too."""
        return self.generations.setdefault(str(file), 1)

    def _put(self, bucket: str, query: Mapping[str, str], body: bytes) -> tuple[bytes, Mapping[str, str]]:
        assert query["uploadType"] == "media"
        file = self.storage / bucket / query["name"]
        there = self._generation(file) if file.exists() else 0
        if int(query.get("ifGenerationMatch", there)) != there:
            raise Problem(412, "At least one of the pre-conditions you specified did not hold.")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        self.generations[str(file)] = there + 1
        return _json({"name": query["name"], "generation": str(there + 1)}), {}

    def _list(self, bucket: str, query: Mapping[str, str]) -> Node:
        """Two keys a page, so that pages are turned."""
        root = self.storage / bucket
        names = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
        names = [name for name in names if name.startswith(query.get("prefix", ""))]
        start = int(query.get("pageToken", 0))
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(names) else {}
        return {"items": [self._item(root, name) for name in names[start : start + 2]], **more}

    def _item(self, root: Path, name: str) -> Node:
        """Numbers are texts, as the service has them."""
        file = root / name
        return {"name": name, "size": str(file.stat().st_size), "generation": str(self._generation(file))}

    def _vertex(self, method: str, path: str, query: Mapping[str, str], body: Node) -> Node:
        if found := re.fullmatch(r"/v1/(projects/[^/]+/locations/[^/]+)/models:upload", path):
            return self._upload(found[1], body)
        if found := re.fullmatch(r"/v1/.*/operations/(.*)", path):
            return self._uploaded(found[1])
        if found := re.fullmatch(r"/v1/(.*/models/[^/@:]+)(?:@([^/:]+))?(:\w+|/evaluations:import)?", path):
            return self._model(method, found, body, query)
        if found := re.fullmatch(r"/v1/(.*/metadataStores/default/contexts)(?:/([^/:]+))?(:addContextChildren)?", path):
            return self._context(method, found, query, body)
        raise Problem(404, f"{method} {path} is nothing that Vertex AI knows")

    def _upload(self, parent: str, body: Node) -> Node:
        model = body["model"]
        if set(body) not in ({"model", "modelId"}, {"model", "parentModel"}):
            raise Problem(400, f"an upload has a model and either its id or its parent, not {sorted(body)}")
        if not re.fullmatch(r"[a-z_][a-z0-9_-]{0,62}", body.get("modelId", "a")):
            raise Problem(400, f"{body['modelId']} is no id of a model")
        name = f"{parent}/models/{body['modelId']}" if "modelId" in body else body["parentModel"]
        if ("modelId" in body) == (name in self.models):
            raise Problem(409 if "modelId" in body else 404, f"{name}: there is one already, or none")
        if not model.get("displayName") or not model.get("artifactUri", "").startswith("gs://"):
            raise Problem(400, "a model has a display name and files")
        versions = self.models.setdefault(name, [])
        number = str(len(versions) + 1)
        versions.append({**model, "name": name, "versionId": number, "versionAliases": [] if versions else ["default"]})
        return self._uploaded(number) if self.prompt else {"name": f"{name}/operations/{number}", "done": False}

    def _uploaded(self, operation: str) -> Node:
        if self.fault:
            return {"name": f"projects/p/operations/{operation}", **self.fault}
        name = next(name for name, versions in self.models.items() if len(versions) >= int(operation))
        return {"name": operation, "done": True, "response": {"model": name, "modelVersionId": operation}}

    def _model(self, method: str, found: re.Match[str], body: Node, query: Mapping[str, str]) -> Node:
        name, version, verb = found[1], found[2], found[3]
        versions = self.models.get(name)
        if versions is None:
            raise Problem(404, f"{name} is not found")
        if verb == ":listVersions":
            start = int(query.get("pageToken", 0))
            more = {"nextPageToken": str(start + 1)} if start + 1 < len(versions) else {}
            return {"models": versions[start : start + 1], **more}
        model = next((one for one in versions if _is(one, version or "default")), None)
        if model is None:
            raise Problem(404, f"{name}@{version} is not found")
        if verb == ":mergeVersionAliases":
            return self._merge(versions, model, body["versionAliases"])
        if verb == "/evaluations:import":
            return self._import(f"{name}@{model['versionId']}", body["modelEvaluation"])
        assert method == "GET"
        return model

    def _merge(self, versions: list[Node], model: Node, aliases: list[str]) -> Node:
        for alias in aliases:
            if not ALIAS.fullmatch(alias):
                raise Problem(400, f"{alias} is no alias")
            for other in versions:
                other["versionAliases"] = [one for one in other["versionAliases"] if one != alias.removeprefix("-")]
            if not alias.startswith("-"):
                model["versionAliases"].append(alias)
        return model

    def _import(self, name: str, evaluation: Node) -> Node:
        kind = re.fullmatch(
            r"gs://google-cloud-aiplatform/schema/modelevaluation/(\w+)_metrics_1.0.0.yaml",
            evaluation["metricsSchemaUri"],
        )
        if kind is None or (unknown := set(evaluation["metrics"]) - METRICS[kind[1]]):
            raise Problem(400, f"metrics that the schema does not have: {sorted(unknown)}")
        self.evaluations.setdefault(name, []).append(evaluation)
        return evaluation

    def _context(self, method: str, found: re.Match[str], query: Mapping[str, str], body: Node) -> Node:
        stem, name, verb = found[1], found[2], found[3]
        if method == "POST" and not name:
            if body["schemaTitle"] != "system.Experiment":
                raise Problem(400, "no such schema")
            self.contexts.setdefault(query["contextId"], [])
            return {"name": f"{stem}/{query['contextId']}"}
        if name not in self.contexts:
            raise Problem(404, f"{name} is not found")
        if verb:
            self.contexts[name] += [child.rpartition("/")[2] for child in body["childContexts"]]
        return {"name": f"{stem}/{name}"}


def _is(model: Node, version: str) -> bool:
    return version == model["versionId"] or version in model["versionAliases"]


def _json(said: Node) -> bytes:
    return json.dumps(said).encode()


def _kind(path: str) -> str:
    return "application/json" if "/service-accounts/" in path else "application/text"


def _metadata(path: str) -> bytes:
    if path.endswith("/token"):
        return _json({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})
    if "/service-accounts/" in path:
        return _json({"email": "runner@acme-ml.iam.gserviceaccount.com", "scopes": [], "aliases": ["default"]})
    if path.endswith("universe-domain"):
        return b"googleapis.com"
    return b"acme-ml" if path.endswith("project-id") else b"ok"


@contextmanager
def served(google: Google) -> Iterator[Google]:
    """The services, answering on 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            answer = partial(google.answer, self.command, self.path, self.rfile.read(size), dict(self.headers))
            try:
                inside = self.path.startswith("/computeMetadata/") or self.path == "/"
                if not inside and self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    raise Problem(401, "no token")
                said, headers = answer() if self.path != "/" else (b"ok", {})
                self._send(200, said, headers)
            except Problem as problem:
                self._send(problem.status, _json({"error": {"code": problem.status, "message": str(problem)}}), {})

        def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Metadata-Flavor": "Google", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = _do  # noqa: N815

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    google.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield google
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
