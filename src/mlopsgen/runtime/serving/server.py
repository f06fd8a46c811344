"""Runs the application until it is told to stop, and then ends what is in work."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from types import FrameType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..problems import Failed
from .app import Routes, app_of
from .limits import Limits
from .service import Service

PATIENCE = 5.0
"""Seconds that the head of a request may take to come; its body has the limit of requests."""


class PatientProtocol(H11Protocol):
    """Closes connections on which half a head, or nothing, has come for too long: uvicorn itself waits for ever."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Nothing has come yet."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Something has."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]
            self._wait()
        elif self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is left to wait for."""
        if self._waiting is not None:
            self._waiting.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(PATIENCE, self._give_up)

    def _give_up(self) -> None:
        self._waiting = None
        if not self.transport.is_closing():
            self.transport.close()


def serve(service: Service, host: str, port: int, limits: Limits, routes: Routes) -> int:
    """Answers until SIGTERM or SIGINT comes; 0 once all that was in work is answered."""
    listening = _listening(host, port)
    app, desk = app_of(service, limits, routes)
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=limits.grace,
    )
    address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
    print(f"{service.name} version {service.version} answers at {address} (see /docs)", flush=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn heeds them while it runs, and raises them once more when it has ended well.
        signal.signal(number, lambda *_: None)
    uvicorn.Server(config).run([listening])
    print("all that was in work is answered" if desk.close() else "what was in work is left", flush=True)
    if desk.taken:
        # A thread cannot be ended, and Python would wait for it.
        sys.stderr.flush()
        os._exit(1)
    return 0


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
        # Head and body are written one after the other: without this the second waits 40 ms for word of the first.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise Failed(f"nobody can listen on {host} port {port}: {reason}; choose another --port") from None


def end_at_once(number: int, frame: FrameType | None) -> None:
    """Before the server runs a signal ends the process: as the first one of a container Python would ignore it."""
    del frame
    raise SystemExit(128 + number)


def heed_signals() -> None:
    """SIGTERM ends whatever runs now; the server itself heeds it while it answers."""
    signal.signal(signal.SIGTERM, end_at_once)
