"""As much of an MLflow server as the adapter asks for, with a real one's answers; pages hold two versions."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

PAGE = 2


class Refused(Exception):
    """An answer that says no."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status


@dataclass
class Mlflow:
    """What the server knows."""

    experiments: dict[str, str] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: str | None = None
    """A path that the server fails at."""
    uri: str = ""
    tokens: set[str | None] = field(default_factory=set)
    """What callers said of who they are."""

    def run(self, name: str) -> dict[str, Any]:
        """The only run of that name."""
        (found,) = (run for run in self.runs.values() if run["info"]["run_name"] == name)
        return found

    def kept(self, run: dict[str, Any]) -> dict[str, bytes]:
        """The files of a run."""
        start = f"1/{run['info']['run_id']}/artifacts/"
        return {path.removeprefix(start): body for path, body in self.files.items() if path.startswith(start)}

    def answer(self, method: str, path: str, said: dict[str, Any], body: bytes) -> dict[str, Any] | bytes:
        """One call of the REST API."""
        if self.broken is not None and self.broken in path:
            raise Refused(403, "PERMISSION_DENIED")
        if path.startswith("/api/2.0/mlflow-artifacts/artifacts"):
            return self._artifact(method, path.partition("/mlflow-artifacts/artifacts")[2].strip("/"), said, body)
        call = getattr(self, re.sub(r"\W+", "_", path.removeprefix("/api/2.0/mlflow/")), None)
        if call is None:
            raise Refused(404, "ENDPOINT_NOT_FOUND")
        found: dict[str, Any] = call(**said)
        return found

    def _artifact(self, method: str, path: str, said: dict[str, Any], body: bytes) -> dict[str, Any] | bytes:
        if method == "PUT":
            self.files[path] = body
            return {}
        if not said:
            return self.files[path]
        below = [name.removeprefix(f"{said['path']}/") for name in self.files if name.startswith(f"{said['path']}/")]
        names = dict.fromkeys(name.partition("/")[0] for name in below)
        return {"files": [{"path": name, "is_dir": name not in below, "file_size": 1} for name in names]}

    def experiments_get_by_name(self, experiment_name: str) -> dict[str, Any]:
        if experiment_name not in self.experiments:
            raise Refused(404, "RESOURCE_DOES_NOT_EXIST")
        return {"experiment": {"experiment_id": "1", "name": experiment_name, "lifecycle_stage": "active"}}

    def experiments_create(self, name: str, **_: Any) -> dict[str, Any]:
        self.experiments[name] = "1"
        return {"experiment_id": "1"}

    def runs_create(self, experiment_id: str, run_name: str, **said: Any) -> dict[str, Any]:
        number = uuid4().hex  # the client remembers where a run's files are, whichever server it is of
        info = {"run_id": number, "run_name": run_name, "experiment_id": experiment_id, "status": "RUNNING"}
        info |= {"artifact_uri": f"mlflow-artifacts:/1/{number}/artifacts", "lifecycle_stage": "active"}
        self.runs[number] = {"info": info, "data": {"tags": said.get("tags", []), "params": [], "metrics": []}}
        return {"run": self.runs[number]}

    def runs_log_batch(self, run_id: str, **said: Any) -> dict[str, Any]:
        for name in ("metrics", "params"):
            self.runs[run_id]["data"][name] += said.get(name, [])
        return {}

    def runs_get(self, run_id: str, **_: Any) -> dict[str, Any]:
        return {"run": self.runs[run_id]}

    def runs_update(self, run_id: str, status: str, **_: Any) -> dict[str, Any]:
        self.runs[run_id]["info"]["status"] = status
        return {"run_info": self.runs[run_id]["info"]}

    def registered_models_get(self, name: str) -> dict[str, Any]:
        if name not in self.models:
            raise Refused(404, "RESOURCE_DOES_NOT_EXIST")
        aliases = [{"alias": alias, "version": number} for alias, number in self.models[name]["aliases"].items()]
        return {"registered_model": {"name": name, "aliases": aliases}}

    def registered_models_create(self, name: str, **_: Any) -> dict[str, Any]:
        self.models[name] = {"versions": [], "aliases": {}}
        return self.registered_models_get(name)

    def registered_models_alias(self, name: str, alias: str, version: str) -> dict[str, Any]:
        self.models[name]["aliases"][alias] = version
        return {}

    def model_versions_create(self, name: str, **said: Any) -> dict[str, Any]:
        versions = self.models[name]["versions"]
        versions.append({"name": name, "version": str(len(versions) + 1), "status": "READY", **said})
        return {"model_version": versions[-1]}

    def model_versions_get(self, name: str, version: str) -> dict[str, Any]:
        return {"model_version": self.models[name]["versions"][int(version) - 1]}

    def model_versions_get_download_uri(self, name: str, version: str) -> dict[str, Any]:
        return {"artifact_uri": self.models[name]["versions"][int(version) - 1]["source"]}

    def model_versions_search(self, filter: str, page_token: str = "0", **_: Any) -> dict[str, Any]:  # noqa: A002
        found = self.models.get(filter.removeprefix("name='").removesuffix("'"), {"versions": []})["versions"]
        start, newest = int(page_token), found[::-1]
        more = {"next_page_token": str(start + PAGE)} if start + PAGE < len(newest) else {}
        return {"model_versions": newest[start : start + PAGE], **more}


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _answered(self) -> None:
        where = urlsplit(self.path)
        self.server.mlflow.tokens.add(self.headers.get("Authorization"))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said = {name: values[-1] for name, values in parse_qs(where.query).items()}
        if self.command == "POST":
            said = json.loads(body)
        try:
            found, status = self.server.mlflow.answer(self.command, where.path, said, body), 200
        except Refused as no:
            found, status = {"error_code": str(no), "message": f"{no} at {where.path}"}, no.status
        sent = found if isinstance(found, bytes) else json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream" if isinstance(found, bytes) else "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_POST = do_PUT = _answered  # noqa: N815 - as http.server calls them

    def log_message(self, format: str, *_: Any) -> None:  # noqa: A002
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    mlflow: Mlflow


@contextmanager
def serving() -> Iterator[Mlflow]:
    """A server on a port of its own."""
    mlflow = Mlflow()
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.mlflow = mlflow
        mlflow.uri = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield mlflow
        finally:
            server.shutdown()
            thread.join()
