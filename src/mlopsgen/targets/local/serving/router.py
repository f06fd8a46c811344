"""Whom a request goes to: the version that is live, or the one that a rollout brings.

Only what predicts is shared out; health, pages and figures are those of the live version.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mlopsgen.targets.local.serving.figures import Figures
from mlopsgen.targets.local.serving.lines import Gone, Headers, Lines

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_VERSION = re.compile(r"^/v2/models/[^/]+/versions/([^/]+)(?:/|$)")
LARGEST_COPY = 32 * 2**20
"""A body that is larger is not copied."""
MOST_COPIES = 16
"""So many copies are under way at once: a slow version shall not fill this machine's memory."""
FAILED = 500


@dataclass(slots=True, eq=False)
class Behind:
    """A version that answers behind the router."""

    version: str
    lines: Lines
    figures: Figures = field(default_factory=Figures)
    working: int = 0
    """Requests that it has not answered yet."""


@dataclass(frozen=True, slots=True)
class Table:
    """Who gets which share."""

    live: Behind | None = None
    coming: Behind | None = None
    share: float = 0.0
    copied: float = 0.0

    def named(self, version: str) -> Behind | None:
        """The server of a version that a path names."""
        return next((one for one in (self.live, self.coming) if one is not None and one.version == version), None)


@dataclass(slots=True)
class Share:
    """Picks that share of many, evenly: of ten a tenth is one."""

    due: float = 0.0

    def takes(self, share: float) -> bool:
        """Whether the next one is among them."""
        self.due += share
        if self.due < 1 - 1e-9:
            return False
        self.due -= 1
        return True


class Router:
    """The application that callers see."""

    def __init__(self) -> None:
        self.table = Table()
        self._shared, self._copied = Share(), Share()
        self._copies: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def set(self, table: Table) -> None:
        """From the next request on; any thread may say so."""
        before = self.table
        self._shared, self._copied = Share(), Share()
        self.table = table
        for one in (before.live, before.coming):
            if one is not None and one not in (table.live, table.coming) and self._loop is not None:
                # At the end the loop is gone, and every connection with it.
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(one.lines.close)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            return
        self._loop = asyncio.get_running_loop()
        table, body = self.table, Body(receive)
        behind = self._behind(scope, table)
        if behind is None:
            await _say(send, 503, "no version answers here yet")
            return
        copied = scope["method"] == "POST" and table.coming is not None and self._copied.takes(table.copied)
        body.kept = [] if copied and len(self._copies) < MOST_COPIES else None
        await _answered(behind, table, Question(scope, body), send)
        if body.kept is not None and body.whole and table.coming is not None:
            self._copy(scope, b"".join(body.kept), table.coming)

    def _behind(self, scope: Scope, table: Table) -> Behind | None:
        if named := _VERSION.match(scope["path"]):
            return table.named(named[1]) or table.live
        shared = scope["method"] == "POST" and table.coming is not None
        return table.coming if shared and self._shared.takes(table.share) else table.live

    def _copy(self, scope: Scope, body: bytes, coming: Behind) -> None:
        task = asyncio.create_task(_copied(coming, scope, body))
        # The loop itself keeps no task alive.
        self._copies.add(task)
        task.add_done_callback(self._copies.discard)


class Body:
    """What a caller sends, as it comes."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.kept: list[bytes] | None = None
        """All of it, where a copy is wanted."""
        self.whole = False
        self._size = 0

    async def parts(self) -> AsyncIterator[bytes]:
        """Raises Gone when the caller goes away."""
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Gone
            part, more = message.get("body", b""), message.get("more_body", False)
            self._size += len(part)
            if self._size > LARGEST_COPY:
                self.kept = None
            if self.kept is not None:
                self.kept.append(part)
            if part:
                yield part
        self.whole = True


@dataclass(slots=True)
class Question:
    """A request, and how much of its answer has been sent."""

    scope: Scope
    body: Body
    begun: bool = False

    @property
    def target(self) -> bytes:
        """Path and query, as they were written."""
        query = self.scope["query_string"]
        path: bytes = self.scope.get("raw_path") or self.scope["path"].encode()
        return path + b"?" + query if query else path

    @property
    def headers(self) -> Headers:
        """As they came."""
        headers: Headers = self.scope["headers"]
        return headers


async def _answered(behind: Behind, table: Table, question: Question, send: Send) -> None:
    """The answer of a server; where the coming one is not even there, that of the live one."""
    start = time.perf_counter()
    behind.working += 1
    try:
        status = await _passed(behind, question, send)
    except ConnectionRefusedError:
        status = FAILED
        if table.live is not None and behind is not table.live:
            await _answered(table.live, table, question, send)
        else:
            await _say(send, 502, f"the server of version {behind.version} is not there")
    except OSError as error:
        status = FAILED
        if question.begun:
            raise
        await _say(send, 502, f"the server of version {behind.version} gave no answer: {error}")
    finally:
        behind.working -= 1
    if status is not None and question.scope["method"] == "POST":
        behind.figures.count(failed=status >= FAILED, seconds=time.perf_counter() - start)


async def _passed(behind: Behind, question: Question, send: Send) -> int | None:
    """The status of the answer, which has been sent; None when the caller went away first."""
    line = await behind.lines.take()
    request = line.ask(question.scope["method"], question.target, question.headers, question.body.parts())
    sending = asyncio.create_task(request)
    try:
        head = await line.head()
        question.begun = True
        await send({"type": "http.response.start", "status": head.status_code, "headers": _kept(head.headers)})
        async for part in line.body():
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    except OSError:
        line.close()
        if sending.done() and not sending.result():
            return None
        raise
    finally:
        sending.cancel()
    behind.lines.give(line)
    return int(head.status_code)


def _kept(headers: Any) -> list[tuple[bytes, bytes]]:
    """Headers of an answer; how its length is told is between each two."""
    return [(name, value) for name, value in headers.raw_items() if name.lower() != b"transfer-encoding"]


async def _copied(behind: Behind, scope: Scope, body: bytes) -> None:
    """Asks the coming version the same; nobody sees what it says."""
    start = time.perf_counter()

    async def parts() -> AsyncIterator[bytes]:
        if body:
            yield body

    question, failed = Question(scope, Body(_nothing)), True
    behind.working += 1
    try:
        with suppress(OSError):
            line = await behind.lines.take()
            await line.ask(scope["method"], question.target, question.headers, parts())
            failed = (await line.head()).status_code >= FAILED
            _ = [part async for part in line.body()]
            behind.lines.give(line)
    finally:
        behind.working -= 1
    behind.figures.count(failed=failed, seconds=time.perf_counter() - start)


async def _nothing() -> MutableMapping[str, Any]:
    return {"type": "http.disconnect"}


async def _say(send: Send, status: int, message: str) -> None:
    body = json.dumps({"error": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
