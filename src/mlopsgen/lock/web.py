"""One question over HTTP, asked again where that helps."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.parse import urlsplit

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.records import dataclass

_TRIES = 4
_SECONDS = 20
_MOST = 8 * 2**20
_LONGEST = 30.0
"""Seconds that are waited at once, whatever the other side asks for."""
_AGAIN = (429, 500, 502, 503, 504)


class Unreachable(SpecError):
    """Somebody else does not answer: nothing here is wrong, and the same may work later."""


@dataclass(frozen=True, slots=True)
class Response:
    """A server's response, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


def ask(method: str, url: str, headers: Mapping[str, str]) -> Response:
    """The answer of a server that is there and not too busy; raises Unreachable when it stays away."""
    reason = ""
    for attempt in range(_TRIES):
        try:
            answer = _once(method, url, headers)
        except (OSError, HTTPException) as problem:
            reason, pause = _why(problem), None
        else:
            if answer.status not in _AGAIN:
                return answer
            reason, pause = f"it answers {answer.status}", _asked_pause(answer)
        if attempt + 1 < _TRIES:
            time.sleep(min(_LONGEST, pause if pause is not None else 2.0**attempt / 2))
    raise away(f"{urlsplit(url).hostname} does not answer: {reason}")


def away(message: str) -> Unreachable:
    """Nothing is wrong with the spec, and nothing was written."""
    return Unreachable([Diagnostic("MG132", message, hint="try again later; what was locked before stays as it is")])


def is_here(host: str | None) -> bool:
    """Whether a host is this machine, which needs no encryption."""
    return host in ("localhost", "127.0.0.1", "::1")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows, but shows a password only to who asked for it, and never leaves encryption."""

    def redirect_request(  # noqa: PLR0917 (as the library calls it)
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if old.scheme == "https" and new.scheme != "https":
            return None
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and old.netloc != new.netloc:
            following.remove_header("Authorization")
        return following


def _once(method: str, url: str, headers: Mapping[str, str]) -> Response:
    request = urllib.request.Request(url, method=method, headers=dict(headers))  # noqa: S310
    try:
        with urllib.request.build_opener(_Redirects()).open(request, timeout=_SECONDS) as response:
            return Response(response.status, _lower(response.headers), response.read(_MOST))
    except urllib.error.HTTPError as refused:
        with refused:
            return Response(refused.code, _lower(refused.headers), refused.read(_MOST))


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _asked_pause(answer: Response) -> float | None:
    seconds = answer.headers.get("retry-after", "")
    return float(seconds) if seconds.isdecimal() else None


def _why(problem: Exception) -> str:
    reason = getattr(problem, "reason", None) or problem
    return str(getattr(reason, "strerror", None) or reason or type(problem).__name__)
