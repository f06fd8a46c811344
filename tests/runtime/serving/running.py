"""A server in a process of its own, and plain HTTP to talk to it with."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

SCRIPT = """
import time
def load(model_dir):
    return 2
def predict(model, records):
    if records["wait"].max() > 0:
        time.sleep(records["wait"].max())
    if (records["plan"] == "broken").any():
        raise RuntimeError("the lookup is gone")
    return [{"prediction": int(age) * model, "score": 0.5} for age in records["age"]]
"""
CONTRACT = {
    "format_version": 1,
    "main": "customers",
    "sources": {
        "customers": {
            "columns": {
                "customer": {"type": "string"},
                "age": {"type": "integer", "minimum": 18},
                "wait": {"type": "number", "nullable": True, "minimum": 0},
                "plan": {"type": "category", "values": ["pro", "broken"], "nullable": True},
                "churned": {"type": "boolean"},
            }
        }
    },
    "roles": {"label": "churned", "positive": {"equals": True}, "id": "customer"},
}
JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """All of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    """One that runs."""

    host: str
    port: int
    process: subprocess.Popen[str]

    def ask(self, method: str, path: str, body: Any = None, content_type: str | None = JSON, **headers: str) -> Answer:
        """One request on a connection of its own."""
        connection = HTTPConnection(self.host, self.port, timeout=60)
        data = body if body is None or isinstance(body, bytes | str) else json.dumps(body)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if content_type is not None and body is not None:
            given["Content-Type"] = content_type
        try:
            connection.request(method, path, data, given)
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, names, answer.read())
        finally:
            connection.close()

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def write(folder: Path) -> None:
    (folder / "model").mkdir()
    (folder / "model" / "weights.json").write_text("{}")
    (folder / "predict.py").write_text(SCRIPT)
    (folder / "contract.json").write_text(json.dumps(CONTRACT))


@contextmanager
def serving(folder: Path, *flags: str, **more: Any) -> Iterator[Server]:
    """Starts what `write` wrote; the process is ended by its id, whatever happens."""
    argv = [sys.executable, "-m", "mlopsgen.runtime", "serve", "--model=model", "--predict=predict.py", "--port=0"]
    argv += ["--contract=contract.json", "--name=churn", "--version=7", *flags]
    process = subprocess.Popen(
        argv, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ), **more
    )
    try:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], 120)
        line = process.stdout.readline() if ready else ""
        if "answers at http://" not in line:
            process.kill()
            raise AssertionError(f"{line}{process.communicate()[1]}")
        host, _, port = line.partition("http://")[2].split()[0].rpartition(":")
        yield Server(host, int(port), process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
