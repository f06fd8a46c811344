"""JSON over HTTP with the standard library alone, tried again while a server is away or overloaded."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .problems import Failed

PATIENCE = 6
"""So many failed calls in a row are the server's trouble, not ours."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the body of an answer."""

    status: int
    body: Any

    @property
    def reason(self) -> str:
        """Why it is no good answer."""
        said = self.body.get("message") if isinstance(self.body, Mapping) else None
        return f"{self.status} {said or ''}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that speaks JSON."""

    title: str
    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    trust: ssl.SSLContext | None = None
    pause: float = 2.0

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """One call; what the server refuses is an answer too."""
        said = ""
        for attempt in range(PATIENCE):
            if attempt:
                time.sleep(self.pause * attempt)
            try:
                answer = self._once(method, path, body)
            except (OSError, ValueError) as error:
                said = str(getattr(error, "reason", error))
                continue
            if answer.status != 429 and answer.status < 500:
                return answer
            said = answer.reason
        raise Failed(f"{self.title} does not answer: {said}")

    def _once(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        request = urllib.request.Request(  # noqa: S310 - an address of the platform's, http: or https:
            self.address.rstrip("/") + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Accept": "application/json", "Content-Type": "application/json", **self.headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=30, context=self.trust) as answer:  # noqa: S310
                text = answer.read()
                return Answer(answer.status, json.loads(text) if text.strip() else {})
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _read(error.read()))


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return {"message": body[:200].decode(errors="replace")}
