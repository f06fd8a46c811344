"""Servers on 127.0.0.1 for tests: one thread each, gone when the test is over."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NOTHING: Mapping[str, str] = {}


class Handler(BaseHTTPRequestHandler):
    """Reads whole bodies, answers with whole ones, and says nothing on stderr."""

    protocol_version = "HTTP/1.1"

    def __getattr__(self, name: str) -> Any:
        # The library calls `do_GET` and so on; here methods are called as the request's own word is, in small letters.
        if name.startswith("do_"):
            return getattr(self, name.removeprefix("do_").lower())
        raise AttributeError(name)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, body: bytes, headers: Mapping[str, str] = NOTHING, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the library calls it by
        return


@contextmanager
def serving(handler: type[Handler], **facts: Any) -> Iterator[str]:
    """The address of a server whose handler has these facts."""
    mine = type(handler.__name__, (handler,), facts)
    server = ThreadingHTTPServer(("127.0.0.1", 0), mine)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
