"""One model under one name, and what every protocol says of it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..problems import Failed
from .answer import json_bytes, write_predictions
from .limits import Refused
from .outputs import PREDICTION
from .records import read_records
from .refusals import SHOWN, BadRecords, ModelFailed, UnknownAnswer, UnknownType
from .scorer import Predictions, Scorer
from .script import line_of

VERSION = "X-Model-Version"
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer, before anything of it is sent."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    records: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is served, and the answer that it gave to the example before it was ready."""

    scorer: Scorer
    name: str
    example: Mapping[str, Any] = field(default_factory=dict)
    answer: Predictions = field(default_factory=lambda: Predictions(columns={PREDICTION: []}))

    @property
    def version(self) -> str:
        """The version of the model."""
        return self.scorer.version


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request as a protocol reads it."""

    body: bytes
    content_type: str | None = None
    accept: str | None = None


Protocol: TypeAlias = Callable[[Service, Question], Reply]


def invocation(service: Service, question: Question) -> Reply:
    """SageMaker's /invocations and Azure's /score: records and answers in each content type."""
    records = read_records(question.body, question.content_type, service.scorer.signature)
    predictions = service.scorer.predict(records.rows, decimal=records.decimal)
    body, kind = write_predictions(predictions, question.accept, records, model_version=service.version)
    # Of the headers that a container sets, SageMaker hands this one alone to its caller.
    custom = {"X-Amzn-SageMaker-Custom-Attributes": f"model_version={service.version}"}
    return Reply(body=body, content_type=kind, headers=custom, records=len(predictions))


def instances(service: Service, question: Question) -> Reply:
    """Vertex AI's predict route and version 1 of KServe's protocol: `{"instances": …}` → `{"predictions": …}`."""
    records = read_records(question.body, question.content_type, service.scorer.signature)
    predictions = service.scorer.predict(records.rows, decimal=records.decimal)
    return Reply(body=json_bytes({"predictions": predictions.records()}), records=len(predictions))


def reply(service: Service, protocol: Protocol, question: Question) -> Reply:
    """The answer of a protocol, or what is wrong: with the request 4xx, with the model 500; it never raises."""
    try:
        return protocol(service, question)
    except Exception as error:  # noqa: BLE001 - whatever breaks, a request has an answer
        return _refusal(error)


def _refusal(error: Exception) -> Reply:
    match error:
        case BadRecords():
            problems = [problem.record() for problem in error.problems[:SHOWN]]
            return refusal(400, str(error), problems=problems)
        case UnknownType():
            return refusal(415, str(error))
        case UnknownAnswer():
            return refusal(406, str(error))
        case Refused():
            return refusal(error.status, error.message, headers=error.headers)
        case RecursionError():
            return refusal(400, "the body is nested too deeply")
        case ModelFailed() | Failed():
            return refusal(500, str(error))
        case _:
            traceback.print_exception(error)
            return refusal(500, f"the server broke: {line_of(error)}")


def refusal(status: int, message: str, *, headers: Mapping[str, str] | None = None, **facts: Any) -> Reply:
    """What every protocol says when it says no."""
    return Reply(status=status, body=json_bytes({"error": message, **facts}), headers=headers or {})


def warm(scorer: Scorer, name: str) -> Service:
    """The service, once the model has answered the contract's example: the first request shall not pay for that.

    A known model that cannot do it is not served. A script may know better than the contract what a record
    looks like, so that it is told and served all the same.
    """
    import pandas as pd

    example = scorer.signature.example()
    if not example:
        return Service(scorer=scorer, name=name)
    try:
        answer = scorer.predict(pd.DataFrame([example], dtype=object))
    except ModelFailed as error:
        if scorer.platform != "script":
            raise Failed(f"the model cannot answer the contract's own example {example}: {error}") from error
        print(f"note: the contract's example {example} was not answered before the first request: {error}")
        return Service(scorer=scorer, name=name, example=example)
    return Service(scorer=scorer, name=name, example=example, answer=answer)
