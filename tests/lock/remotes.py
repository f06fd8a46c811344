"""A registry and a package index on this machine, which answer as the real ones do, or badly."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Remote:
    """A server whose answers a test can change while it runs."""

    port: int = 0
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path with query, authorization: in the order in which they came."""
    trouble: list[Reply] = field(default_factory=list)
    """Answers that come first, one each."""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answer(self, method: str, path: str, query: dict[str, list[str]], authorization: str) -> Reply:
        raise LookupError(path)


@contextmanager
def serving(remote: Remote) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown = self.headers.get("Authorization", "")
            remote.requests.append((self.command, self.path, shown))
            parts = urlsplit(self.path)
            if remote.trouble:
                status, headers, body = remote.trouble.pop(0)
            else:
                status, headers, body = remote.answer(self.command, parts.path, parse_qs(parts.query), shown)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 (as the library calls it)

        def log_message(self, *_: object) -> None:
            """Quiet: what was asked is kept in `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    remote.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Registry(Remote):
    """The distribution API, with tokens."""

    images: dict[str, bytes] = field(default_factory=lambda: {"library/python:3.11-slim": b'{"manifests": []}'})
    """`repository:tag` → manifest."""
    tells_digest: bool = True
    login: str = ""
    """`user:password` that it wants to see before it gives out a token."""

    def digest(self, name: str) -> str:
        return f"sha256:{hashlib.sha256(self.images[name]).hexdigest()}"

    def answer(self, method: str, path: str, query: dict[str, list[str]], authorization: str) -> Reply:
        if path == "/token":
            return self._token(query, authorization)
        repository, _, tag = path.removeprefix("/v2/").partition("/manifests/")
        if authorization != f"Bearer pull-{repository}":
            scope = f"repository:{repository}:pull"
            challenge = f'Bearer realm="http://{self.host}/token",service="here",scope="{scope}"'
            return 401, {"WWW-Authenticate": challenge}, b"{}"
        body = self.images.get(f"{repository}:{tag}")
        if body is None:
            return 404, {}, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}'
        headers = {"Docker-Content-Digest": self.digest(f"{repository}:{tag}")} if self.tells_digest else {}
        return 200, headers, body

    def _token(self, query: dict[str, list[str]], authorization: str) -> Reply:
        if self.login and authorization != f"Basic {base64.b64encode(self.login.encode()).decode()}":
            return 401, {}, b"{}"
        assert query["service"] == ["here"]
        repository = query["scope"][0].split(":")[1]
        return 200, {}, json.dumps({"token": f"pull-{repository}"}).encode()


@dataclass
class Index(Remote):
    """A package index: the simple API over wheels that were built a moment ago."""

    wheels: dict[str, bytes] = field(default_factory=dict)

    def add(self, name: str, version: str, *needs: str, tag: str = "py3-none-any") -> str:
        """One more wheel; its sha256."""
        file = f"{name.replace('-', '_')}-{version}-{tag}.whl"
        self.wheels[file] = wheel(name, version, needs, tag)
        return hashlib.sha256(self.wheels[file]).hexdigest()

    def answer(self, method: str, path: str, query: dict[str, list[str]], authorization: str) -> Reply:
        if path.startswith("/files/") and (wheel := self.wheels.get(path.removeprefix("/files/"))) is not None:
            return 200, {"Content-Type": "application/octet-stream"}, wheel
        project = path.removeprefix("/simple/").strip("/").replace("-", "_")
        files = [file for file in self.wheels if file.partition("-")[0].lower() == project]
        if not files:
            return 404, {}, b""
        links = "".join(f'<a href="/files/{file}">{file}</a>' for file in files)
        return 200, {"Content-Type": "text/html"}, f"<!DOCTYPE html><html><body>{links}</body></html>".encode()


def wheel(name: str, version: str, needs: tuple[str, ...], tag: str) -> bytes:
    """The smallest file that pip takes for a wheel, the same bytes each time."""
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    requires = "".join(f"Requires-Dist: {need}\n" for need in needs)
    files = {
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}",
        f"{folder}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = "".join(f"{file},,\n" for file in (*files, f"{folder}/RECORD"))
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for file, text in {**files, f"{folder}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(file), text)
    return stream.getvalue()
