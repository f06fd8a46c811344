"""How much one server takes on: how large a request may be, how many at once, how long each, and how long at the end.

A request has a place before its body is read, and keeps it until its thread is done: one that takes too long is
answered with 504 and still counts. Whoever finds no place is told so at once; nobody waits in a queue.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.requests import Request

MEBI = 2**20
Reply_ = TypeVar("Reply_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The flags of `serve`."""

    timeout: float = 60
    """Seconds that a body may take to come, and seconds that its answer may take."""
    max_bytes: int = 25 * MEBI
    concurrent: int = 8
    grace: int = 25
    """Seconds that requests in work have to end once the server is told to stop."""


@dataclass(slots=True)
class Refused(Exception):
    """A request that is not worked on, and what is said of it."""

    status: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Desk:
    """Where requests are worked on, each in a thread, so that health is answered meanwhile."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.threads = ThreadPoolExecutor(limits.concurrent, thread_name_prefix="predict")
        self.taken = 0
        self.overdue = 0
        """How many are past their time, and still hold a thread."""

    @property
    def is_stuck(self) -> bool:
        """Whether every thread is past its time: only a new start helps."""
        return self.overdue >= self.limits.concurrent

    async def serve(self, request: Request, work: Callable[[bytes], Reply_]) -> Reply_:
        """The body of a request, worked on within the limits."""
        if self.taken >= self.limits.concurrent:
            message = f"{self.taken} requests are in work, which is as many as there may be; try again in a second"
            raise Refused(429, message, {"Retry-After": "1"})
        self.taken += 1
        try:
            body = await body_of(request, self.limits)
            thread = self.threads.submit(work, body)
        except BaseException:
            self.taken -= 1
            raise
        loop = asyncio.get_running_loop()
        thread.add_done_callback(lambda done: self._tell(loop, done, self._leave))
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(thread)), self.limits.timeout)
        except TimeoutError:
            self.overdue += 1
            thread.add_done_callback(lambda done: self._tell(loop, done, self._catch_up))
            raise Refused(504, f"the answer took longer than {self.limits.timeout:g} seconds") from None

    def close(self) -> bool:
        """Ends the threads that can be ended; whether none is left."""
        self.threads.shutdown(wait=False, cancel_futures=True)
        return not self.taken

    def _tell(self, loop: asyncio.AbstractEventLoop, done: Future[Reply_], what: Callable[[], None]) -> None:
        del done
        # The loop may be gone once the server has stopped.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(what)

    def _leave(self) -> None:
        self.taken -= 1

    def _catch_up(self) -> None:
        self.overdue -= 1


async def body_of(request: Request, limits: Limits) -> bytes:
    """The whole body, in time, plain and not too large, whatever its headers say of it."""
    coding = request.headers.get("content-encoding", "identity").lower()
    if coding != "identity":
        raise Refused(415, f"nobody here unpacks `{coding}`; send the body as it is", {"Accept-Encoding": "identity"})
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limits.max_bytes:
        raise _too_large(limits)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.timeout):
            async for part in request.stream():
                body += part
                if len(body) > limits.max_bytes:
                    raise _too_large(limits)
    except TimeoutError:
        raise Refused(
            408, f"the body did not come within {limits.timeout:g} seconds", {"Connection": "close"}
        ) from None
    return bytes(body)


def _too_large(limits: Limits) -> Refused:
    return Refused(413, f"a request may have {limits.max_bytes} bytes, and this one has more")
