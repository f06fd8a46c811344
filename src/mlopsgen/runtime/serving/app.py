"""The routes of every protocol, and how a request comes to its answer.

| protocol | predicts | ready |
|---|---|---|
| SageMaker | POST /invocations | GET /ping |
| Azure ML, own container | POST /score | GET /live, GET /ready |
| Vertex AI | POST what --predict-route says | GET what --health-route says |
| KServe v1 | POST /v1/models/NAME:predict | GET /v1/models/NAME |
| Open Inference Protocol | POST /v2/models/NAME[/versions/V]/infer | GET /v2/health/ready, …/NAME[/versions/V]/ready |

Beside them GET /metrics, /openapi.json and /docs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from . import tensors
from .answer import json_bytes
from .docs import openapi, page
from .limits import Desk, Limits, Refused
from .metrics import Metrics
from .service import VERSION, Protocol, Question, Reply, Service, instances, invocation, refusal, reply

READY = ("/ping", "/ready", "/v2/health/ready")
LIVE = ("/live", "/v2/health/live")
BINARY = "inference-header-content-length"
"""Whoever sends it has tensors behind the JSON (Triton's extension of the protocol)."""
GONE = 499
"""The status that is counted for a caller who went away; nobody is there to read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """The routes that a platform chooses itself."""

    predict: str | None = None
    health: str | None = None


def app_of(service: Service, limits: Limits, routes: Routes = Routes()) -> tuple[Starlette, Desk]:
    """The application, and the desk that its requests are worked on at."""
    server = _Server(service, limits)
    app = Starlette(routes=_routes(server, routes), exception_handlers={HTTPException: server.no_route})
    return app, server.desk


def _routes(server: _Server, routes: Routes) -> list[Route]:
    v1, v2 = "/v1/models", "/v2/models"
    posts: dict[str, tuple[str, Protocol]] = {
        **({routes.predict: ("vertex", instances)} if routes.predict else {}),
        "/invocations": ("sagemaker", invocation),
        "/score": ("azureml", invocation),
        f"{v1}/{{name}}:predict": ("v1", instances),
        f"{v2}/{{name}}/infer": ("v2", tensors.inference),
        f"{v2}/{{name}}/versions/{{version}}/infer": ("v2", tensors.inference),
    }
    gets: dict[str, Callable[[Request], Awaitable[Response]]] = {
        **dict.fromkeys((*([routes.health] if routes.health else []), *READY), server.ready),
        **dict.fromkeys(LIVE, server.live),
        v1: server.models,
        f"{v1}/{{name}}": server.model_ready,
        "/v2": server.about,
        "/v2/": server.about,
        f"{v2}/{{name}}": server.metadata,
        f"{v2}/{{name}}/versions/{{version}}": server.metadata,
        f"{v2}/{{name}}/ready": server.model_ready,
        f"{v2}/{{name}}/versions/{{version}}/ready": server.model_ready,
        "/metrics": server.figures,
        "/openapi.json": server.openapi,
        "/docs": server.docs,
    }
    return [
        *(Route(path, server.endpoint(*of), methods=["POST"]) for path, of in posts.items()),
        *(Route(path, endpoint, methods=["GET"]) for path, endpoint in gets.items()),
    ]


def _reply(service: Service, protocol: Protocol, question: Question, body: bytes) -> Reply:
    return reply(service, protocol, replace(question, body=body))


class _Server:
    """One service, its desk and its figures."""

    def __init__(self, service: Service, limits: Limits) -> None:
        self.service = service
        self.desk = Desk(limits)
        self.numbers = Metrics(service)
        self.pages = (json_bytes(openapi(service, limits)), page(service, limits))

    def endpoint(self, name: str, protocol: Protocol) -> Callable[[Request], Awaitable[Response]]:
        """What answers the requests of a protocol."""

        async def worked_on(request: Request) -> Response:
            self._check(request)
            start = time.perf_counter()
            with self.numbers.working.track_inprogress():
                answer = await self._worked(request, protocol)
            self.numbers.count(name, answer.status, time.perf_counter() - start, answer.records)
            if answer.status >= 500:
                print(f"{answer.status} {request.url.path}: {answer.body.decode()[:500]}", file=sys.stderr, flush=True)
            return self._response(answer)

        return worked_on

    async def _worked(self, request: Request, protocol: Protocol) -> Reply:
        head = request.headers
        if BINARY in head:
            return refusal(400, "binary data is an extension that is not offered here: send `data` as JSON")
        question = Question(body=b"", content_type=head.get("content-type"), accept=head.get("accept"))
        work = partial(_reply, self.service, protocol, question)
        try:
            return await self.desk.serve(request, work)
        except Refused as error:
            return refusal(error.status, error.message, headers=error.headers)
        except ClientDisconnect:
            return refusal(GONE, "the caller went away before its body was whole")

    def _response(self, answer: Reply) -> Response:
        headers = {VERSION: self.service.version, **answer.headers}
        return Response(answer.body, answer.status, headers, media_type=answer.content_type)

    def _json(self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        return self._response(Reply(status=status, body=json_bytes(value), headers=headers or {}))

    def _check(self, request: Request) -> None:
        """Whether a path names what is served."""
        name, version = (request.path_params.get(key) for key in ("name", "version"))
        if name is not None and name != self.service.name:
            raise HTTPException(404, f"there is no model `{name}`; there is `{self.service.name}`")
        if version is not None and version != self.service.version:
            raise HTTPException(404, f"there is no version `{version}`; there is `{self.service.version}`")

    async def ready(self, request: Request) -> Response:
        """Whether requests are answered: a model that is served has been loaded and asked before."""
        del request
        return self._json({"ready": not self.desk.is_stuck}, 503 if self.desk.is_stuck else 200)

    async def live(self, request: Request) -> Response:
        """Whether a new start would help nothing: not where every thread is past its time."""
        del request
        return self._json({"live": not self.desk.is_stuck}, 503 if self.desk.is_stuck else 200)

    async def model_ready(self, request: Request) -> Response:
        """The same for the model that a path names."""
        self._check(request)
        stuck = self.desk.is_stuck
        return self._json({"name": self.service.name, "ready": not stuck}, 503 if stuck else 200)

    async def models(self, request: Request) -> Response:
        """Names of all models."""
        del request
        return self._json({"models": [self.service.name]})

    async def about(self, request: Request) -> Response:
        """The server itself."""
        del request
        return self._json({"name": "mlopsgen", "version": "1", "extensions": []})

    async def metadata(self, request: Request) -> Response:
        """What the model reads and answers."""
        self._check(request)
        return self._json(tensors.metadata(self.service))

    async def figures(self, request: Request) -> Response:
        """For Prometheus."""
        del request
        return self._response(Reply(body=self.numbers.text(), content_type=self.numbers.content_type))

    async def openapi(self, request: Request) -> Response:
        """For programs."""
        del request
        return self._response(Reply(body=self.pages[0]))

    async def docs(self, request: Request) -> Response:
        """For people."""
        del request
        return self._response(Reply(body=self.pages[1], content_type="text/html; charset=utf-8"))

    async def no_route(self, request: Request, error: Exception) -> Response:
        """No such path, or not with this method."""
        assert isinstance(error, HTTPException)
        message = error.detail
        if error.status_code == 404 and not request.path_params:
            message = f"there is nothing at {request.url.path}; see /docs"
        if error.status_code == 405:
            message = f"{request.url.path} takes no {request.method}"
        return self._json({"error": message}, error.status_code, error.headers)
