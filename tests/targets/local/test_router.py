"""The router of `mlopsgen serve`: who gets a request, and that it passes as it is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mlopsgen.targets.local.serving.figures import Figures
from mlopsgen.targets.local.serving.lines import HOST, Lines
from mlopsgen.targets.local.serving.router import Behind, Router, Table

PLAIN = b"HTTP/1.1 %d OK\r\nContent-Length: 0\r\nX-Who: %s\r\n\r\n"
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(answer: Answer, version: str) -> AsyncIterator[Behind]:
    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(answered, HOST, 0)
    lines = Lines(listening.sockets[0].getsockname()[1])
    try:
        yield Behind(version, lines)
    finally:
        lines.close()
        listening.close()
        await asyncio.sleep(0.02)


def saying(who: str, status: int = 200, heard: list[bytes] | None = None) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            length = next((int(x[15:]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:")), 0)
            body = await reader.readexactly(length)
            if heard is not None:
                heard.append(body)
            writer.write(PLAIN % (status, who.encode()))
            await writer.drain()

    return answer


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


async def asked(router: Router, path: str = "/invocations", method: str = "POST", body: bytes = b"x") -> list[Any]:
    """What a caller is sent."""
    sent: list[Any] = []
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await router(scope(path, method, body), receive, send)
    return sent


def scope(path: str, method: str, body: bytes) -> dict[str, Any]:
    headers = [(b"host", b"here"), (b"content-length", str(len(body)).encode())]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
    }


def who(sent: list[Any]) -> str:
    return str(dict(sent[0]["headers"]).get(b"X-Who", b"").decode())


def routed(table: Callable[[Behind, Behind], Table], *requests: tuple[str, str], coming: Answer | None = None) -> Any:
    """Who answered each request, and what was measured of the coming version."""

    async def go() -> tuple[list[str], Behind]:
        async with server(saying("live"), "1") as one, server(coming or saying("coming"), "2") as two:
            router = Router()
            router.set(table(one, two))
            answers = [who(await asked(router, path, method)) for method, path in requests]
            await asyncio.sleep(0.05)
            return answers, two

    return asyncio.run(go())


def test_a_share_is_exact_and_evenly_spread() -> None:
    answers, coming = routed(lambda one, two: Table(one, two, 0.1), *[("POST", "/invocations")] * 50)
    assert Counter(answers) == {"live": 45, "coming": 5}
    assert answers[:10].count("coming") == 1
    assert coming.figures.reading({"figure": "errors"}, 60).requests == 5


def test_health_is_that_of_the_live_version_and_a_named_one_is_asked_itself() -> None:
    asked = ("GET", "/ping"), ("POST", "/v2/models/m/versions/1/infer"), ("POST", "/v2/models/m/versions/2/infer")
    answers, _ = routed(lambda one, two: Table(one, two, 1.0), *asked)
    assert answers == ["live", "live", "coming"]


def test_a_coming_version_that_is_not_there_costs_no_caller_an_answer() -> None:
    gone = Behind("2", Lines(1))
    answers, _ = routed(lambda one, _: Table(one, gone, 0.5), *[("POST", "/invocations")] * 4)
    assert answers == ["live"] * 4
    reading = gone.figures.reading({"figure": "errors"}, 60)
    assert (reading.value, reading.requests) == (1.0, 2)


def test_a_copy_has_the_whole_body_and_its_failure_is_measured() -> None:
    heard: list[bytes] = []
    failing = saying("coming", 500, heard)
    answers, coming = routed(lambda one, two: Table(one, two, 0.0, 1.0), ("POST", "/invocations"), coming=failing)
    assert (answers, heard) == (["live"], [b"x"])
    assert coming.figures.reading({"figure": "errors"}, 60).value == 1.0


def test_an_answer_is_passed_on_while_it_is_still_made() -> None:
    async def go() -> None:
        more, first = asyncio.Event(), asyncio.Event()

        async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _head(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
            await more.wait()
            writer.write(b"1\r\nb\r\n0\r\n\r\n")

        async with server(slow, "1") as one:
            router, parts = Router(), []
            router.set(Table(one))

            async def send(message: MutableMapping[str, Any]) -> None:
                parts.append(message.get("body", b""))
                if message.get("body") == b"a":
                    first.set()

            async def receive() -> MutableMapping[str, Any]:
                return {"type": "http.request", "body": b"", "more_body": False}

            asking = asyncio.create_task(router(scope("/invocations", "POST", b""), receive, send))
            await asyncio.wait_for(first.wait(), 5)
            more.set()
            await asking
            assert b"".join(parts) == b"ab"

    asyncio.run(go())


def test_a_caller_who_went_away_is_no_failure_of_the_version() -> None:
    async def go() -> None:
        async with server(saying("coming"), "2") as two:
            router = Router()
            router.set(Table(None, two, 1.0))

            async def receive() -> MutableMapping[str, Any]:
                return {"type": "http.disconnect"}

            async def send(_: MutableMapping[str, Any]) -> None:
                raise AssertionError("nobody is there to read it")

            await asyncio.wait_for(router(scope("/invocations", "POST", b"four"), receive, send), 5)
            assert two.figures.reading({"figure": "errors"}, 60).requests == 0
            assert two.working == 0

    asyncio.run(go())


@pytest.mark.parametrize(("quantile", "seconds"), [(0.5, 0.2), (0.95, 0.9)])
def test_a_latency_is_what_that_share_of_the_answers_took_at_most(quantile: float, seconds: float) -> None:
    figures = Figures()
    for took in (0.1, 0.2, 0.2, 0.9):
        figures.count(failed=False, seconds=took)
    assert figures.reading({"figure": "latency", "quantile": quantile}, 60).value == seconds
    assert figures.reading({"figure": "latency", "quantile": quantile}, 0).value is None
    figures.forget()
    assert figures.reading({"figure": "errors"}, 60).value is None
