"""Connections to a server behind the router: requests and answers pass as they are, part by part."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import h11

HOST = "127.0.0.1"
UNUSED = 2.0
"""Seconds after which an idle connection is not used again: a server closes those that are idle for five."""
PART = 65536
# A connection's own affair, said anew on each (RFC 9110, 7.6.1); `expect` was answered by who reads the body.
_OWN = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect")
)
Headers = Iterable[tuple[bytes, bytes]]


class Gone(Exception):
    """The caller went away before its body was whole."""


@dataclass(slots=True)
class Line:
    """One connection, which carries one request after the other."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    wire: h11.Connection = field(default_factory=lambda: h11.Connection(h11.CLIENT))
    since: float = 0.0

    async def ask(self, method: str, target: bytes, headers: Headers, body: AsyncIterator[bytes]) -> bool:
        """Sends a request, whose answer may come before all of it is sent; False when the caller went away first."""
        head = list(headers)
        chunked = any(name == b"transfer-encoding" for name, _ in head)
        kept = [(name, value) for name, value in head if name not in _OWN]
        if chunked:
            kept.append((b"transfer-encoding", b"chunked"))
        if not any(name == b"host" for name, _ in kept):
            kept.append((b"host", HOST.encode()))
        try:
            await self._send(h11.Request(method=method, target=target, headers=kept))
            async for part in body:
                await self._send(h11.Data(data=part))
            await self._send(h11.EndOfMessage())
        except (OSError, h11.LocalProtocolError):
            # Whoever reads the answer learns why: a server that refuses a body does not read it to its end.
            return True
        except Gone:
            self.close()
            return False
        return True

    async def head(self) -> h11.Response:
        """Status and headers of the answer."""
        event = await self._next()
        if not isinstance(event, h11.Response):
            raise ConnectionError("the server ended before it answered")
        return event

    async def body(self) -> AsyncIterator[bytes]:
        """The answer, as it comes."""
        while isinstance(event := await self._next(), h11.Data):
            yield bytes(event.data)
        if not isinstance(event, h11.EndOfMessage):
            raise ConnectionError("the server ended before its answer did")

    def close(self) -> None:
        """Ends it at once."""
        self.writer.transport.abort()

    async def _send(self, event: h11.Event) -> None:
        self.writer.write(self.wire.send(event) or b"")
        await self.writer.drain()

    async def _next(self) -> h11.Event:
        while True:
            try:
                event = self.wire.next_event()
            except h11.RemoteProtocolError as wrong:
                raise ConnectionError(str(wrong)) from None
            if event is h11.NEED_DATA:
                self.wire.receive_data(await self.reader.read(PART))
            elif isinstance(event, h11.Event) and not isinstance(event, h11.InformationalResponse):
                return event
            elif event is h11.PAUSED:
                raise ConnectionError("the server said more than it was asked for")


class Lines:
    """The connections to one server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[Line] = []
        self._closed = False

    async def take(self) -> Line:
        """One that nobody uses; OSError when the server is not there."""
        while self._idle:
            line = self._idle.pop()
            if time.monotonic() - line.since < UNUSED and not line.reader.at_eof():
                return line
            line.close()
        return Line(*await asyncio.open_connection(HOST, self.port))

    def give(self, line: Line) -> None:
        """It may be used again, if its request and its answer are whole."""
        if self._closed:
            line.close()
            return
        with suppress(h11.LocalProtocolError):
            line.wire.start_next_cycle()
            line.since = time.monotonic()
            self._idle.append(line)
            return
        line.close()

    def close(self) -> None:
        """Nobody asks the server any more; what is in work goes on."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
