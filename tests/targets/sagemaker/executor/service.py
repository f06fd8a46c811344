"""The two services that the runtime itself calls: S3 over the folder, and the model registry's two read calls."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from .registry import Registry
from .storage import Storage


@contextmanager
def answering(storage: Storage, registry: Registry) -> Iterator[str]:
    """The URL that stands for AWS while this lasts."""
    handler = type("Handler", (_Handler,), {"storage": storage, "registry": registry})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    storage: Storage
    registry: Registry

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        if "list-type" in asked:
            self._listed(asked.get("prefix", [""])[0])
            return
        path = self.storage.path("s3:/" + unquote(urlsplit(self.path).path))
        if not path.is_file():
            self._answer(404, b"<Error><Code>NoSuchKey</Code><Message>not there</Message></Error>")
            return
        body = path.read_bytes()
        mark = _etag(body)
        wanted = self.headers.get("If-Match")
        if wanted is not None and wanted != mark:
            self._answer(412, b"<Error><Code>PreconditionFailed</Code><Message>changed</Message></Error>")
            return
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if span is None:
            self._answer(200, body, ETag=mark)
            return
        part = body[int(span[1]) : int(span[2]) + 1 if span[2] else None]
        where = f"bytes {span[1]}-{int(span[1]) + len(part) - 1}/{len(body)}"
        self._answer(206, part, ETag=mark, **{"Content-Range": where})

    def _listed(self, prefix: str) -> None:
        bucket = unquote(urlsplit(self.path).path).strip("/")
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{path.stat().st_size}</Size>"
            f"<ETag>{escape(_etag(path.read_bytes()))}</ETag></Contents>"
            for key, path in self.storage.objects(bucket)
            if key.startswith(prefix)
        )
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        self._answer(200, body.encode(), **{"Content-Type": "application/xml"})

    def do_DELETE(self) -> None:
        self.storage.path("s3:/" + unquote(urlsplit(self.path).path)).unlink(missing_ok=True)
        self._answer(204, b"")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        path = self.storage.path("s3:/" + unquote(urlsplit(self.path).path))
        body = self.rfile.read(int(self.headers["Content-Length"]))
        now = _etag(path.read_bytes()) if path.is_file() else None
        wanted, none = self.headers.get("If-Match"), self.headers.get("If-None-Match")
        if (wanted is not None and wanted != now) or (none == "*" and now is not None):
            self._answer(412, b"<Error><Code>PreconditionFailed</Code><Message>changed</Message></Error>")
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        self._answer(200, b"", ETag=_etag(body))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        action = self.headers["X-Amz-Target"].removeprefix("SageMaker.")
        self._answer(200, json.dumps(self._called(action, asked)).encode())

    def _called(self, action: str, asked: dict[str, Any]) -> dict[str, Any]:
        if action == "ListModelPackages":
            return {"ModelPackageSummaryList": self.registry.listed(**asked)}
        assert action == "DescribeModelPackage", f"the runtime called {action}"
        return self.registry.described(asked["ModelPackageName"])

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        """Tests say what went wrong themselves."""


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
