"""What is served, for programs (OpenAPI) and for people (a page that needs nothing from elsewhere)."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any

from .limits import Limits
from .records import shown
from .service import VERSION, Service
from .signature import Input
from .tensors import DATATYPES

_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean"}
_REFUSALS = {
    400: "The records, or the text that holds them, are wrong: each problem with its column and its record.",
    406: "None of the content types that would be accepted is written here.",
    408: "The body did not come in time.",
    413: "The body is too large.",
    415: "The content type is not read here.",
    429: "As many requests are in work as there may be: try again after `Retry-After` seconds.",
    500: "The model, or its script, failed.",
    504: "The answer took too long.",
}


def openapi(service: Service, limits: Limits) -> dict[str, Any]:
    """The description of every route that predicts."""
    v2 = f"/v2/models/{service.name}/infer"
    plain = {"schema": {"$ref": "#/components/schemas/Request"}, "example": _request(service)}
    others = {name: {"schema": {"type": "string", "format": "binary"}} for name in sorted(shown())}
    paths = {
        "/invocations": _post("Records in any content type", {**others, "application/json": plain}, _answer(service)),
        "/score": _post("The same, as Azure ML calls it", {**others, "application/json": plain}, _answer(service)),
        f"/v1/models/{service.name}:predict": _post(
            "Version 1 of KServe's protocol", {"application/json": plain}, _answer(service)
        ),
        v2: _post("Open Inference Protocol", {"application/json": {"example": _tensors(service)}}, None),
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": service.name,
            "version": service.version,
            "description": f"At most {limits.max_bytes} bytes a request, {limits.concurrent} requests at once, and"
            f" {limits.timeout:g} seconds an answer. Each answer has the model's version in `{VERSION}`.",
        },
        "paths": paths,
        "components": {"schemas": _schemas(service)},
    }


def _post(summary: str, content: dict[str, Any], answer: dict[str, Any] | None) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "A prediction for each record."}
    if answer is not None:
        good["content"] = {"application/json": answer}
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    refusals = {str(code): {"description": words, "content": error} for code, words in _REFUSALS.items()}
    body = {"required": True, "content": content}
    return {"post": {"summary": summary, "requestBody": body, "responses": {"200": good, **refusals}}}


def _schemas(service: Service) -> dict[str, Any]:
    signature = service.scorer.signature
    record: dict[str, Any] = {
        "type": "object",
        "properties": {one.name: _schema(one) for one in (*signature.inputs, *signature.beside)},
        "required": [one.name for one in signature.inputs if not one.optional],
        "additionalProperties": signature.is_open,
    }
    problem = {"message": {"type": "string"}, "column": {"type": "string"}, "row": {"type": "integer"}, "id": {}}
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Record"}}
    return {
        "Record": record,
        "Request": {"type": "object", "required": ["instances"], "properties": {"instances": listed}},
        "Error": {
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": {"type": "string"},
                "problems": {"type": "array", "items": {"type": "object", "properties": problem}},
            },
        },
    }


def _schema(one: Input) -> dict[str, Any]:
    kind = _TYPES.get(one.type or "", "string" if one.type else None)
    schema: dict[str, Any] = {} if kind is None else {"type": [kind, "null"] if one.nullable else kind}
    if one.values is not None:
        schema["enum"] = [*one.values, *([None] if one.nullable else [])]
    if one.type == "datetime" and one.format is None:
        schema["format"] = "date-time"
    return schema


def _request(service: Service) -> dict[str, Any]:
    return {"instances": [dict(service.example)]}


def _answer(service: Service) -> dict[str, Any]:
    return {"example": {"predictions": service.answer.records(), "model_version": service.version}}


def _tensors(service: Service) -> dict[str, Any]:
    kinds = {one.name: DATATYPES.get(one.type or "number", "BYTES") for one in service.scorer.signature.inputs}
    example = service.example.items()
    tensors = [{"name": name, "shape": [1], "datatype": kinds[name], "data": [value]} for name, value in example]
    return {"inputs": tensors}


def page(service: Service, limits: Limits) -> bytes:
    """The page for people."""
    return "".join(_page(service, limits)).encode()


def _page(service: Service, limits: Limits) -> Iterator[str]:
    name, version = html.escape(service.name), html.escape(service.version)
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title>"
    yield "<style>body{font:16px/1.5 system-ui;max-width:52rem;margin:2rem auto;padding:0 1rem}"
    yield "pre{background:#f4f4f4;padding:.8rem;overflow:auto}td,th{padding:.2rem 1rem .2rem 0;text-align:left}</style>"
    yield f"<h1>{name}</h1><p>Version {version}. At most {limits.max_bytes} bytes a request,"
    yield f" {limits.concurrent} at once, {limits.timeout:g} seconds each.</p>"
    yield "<h2>Columns</h2><table><tr><th>column<th>type<th>may be null<th>values</tr>"
    for one in service.scorer.signature.inputs:
        values = ", ".join(str(value) for value in one.values or ())
        cells = (one.name, one.type or "by its values", "yes" if one.nullable else "no", values)
        yield "<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in cells) + "</tr>"
    yield "</table>"
    for title, path, body in (
        ("Ask", "/invocations", _request(service)),
        ("Ask with tensors", f"/v2/models/{service.name}/infer", _tensors(service)),
    ):
        yield f"<h2>{title}</h2><p><code>POST {html.escape(path)}</code>, <code>application/json</code></p>"
        yield f"<pre>{html.escape(json.dumps(body, indent=2, ensure_ascii=False))}</pre>"
    yield f"<h2>Answer</h2><pre>{html.escape(json.dumps(_answer(service)['example'], indent=2))}</pre>"
    yield "<p>Also <a href=/openapi.json>/openapi.json</a>, <a href=/metrics>/metrics</a>.</p></html>\n"
