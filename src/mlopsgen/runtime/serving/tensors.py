"""Version 2 of the Open Inference Protocol: a tensor for each column, or one with all of them.

github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md. Tensors of more than a column are
read where there is one input, in the order of the model's columns. Binary data is an extension that is not offered.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..tables import Frame
from .answer import json_bytes
from .columnar import sized
from .outputs import Columns
from .records import ContentType, read_json
from .refusals import BadRecords, ModelFailed, UnknownType
from .scorer import Predictions
from .service import Question, Reply, Service
from .signature import Signature

WHOLE = frozenset(f"{sign}INT{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64))
REAL = frozenset(("FP16", "FP32", "FP64", "BF16"))
DATATYPES = {"integer": "INT64", "number": "FP64", "boolean": "BOOL"}
"""Type of the data contract → datatype of its tensor; all others are texts, BYTES."""


def inference(service: Service, question: Question) -> Reply:
    """The /infer route: tensors in, tensors out."""
    kind = ContentType.of(question.content_type)
    if kind.name != "application/json":
        raise UnknownType(f"tensors come as application/json, not as `{kind.name}`")
    request = _object(question.body)
    names = _output_names(request)
    predictions = service.scorer.predict(frame_of_tensors(request["inputs"], service.scorer.signature))
    tensors = list(tensors_of(predictions))
    named = {tensor["name"] for tensor in tensors}
    strange = next((name for name in names or () if name not in named), None)
    if strange is not None:
        raise BadRecords(f"there is no output `{strange}`; there is {', '.join(sorted(named))}")
    answer: dict[str, Any] = {"model_name": service.name, "model_version": service.version}
    if "id" in request:
        answer["id"] = request["id"]
    answer["outputs"] = [tensor for tensor in tensors if names is None or tensor["name"] in names]
    return Reply(body=json_bytes(answer), records=len(predictions))


def _object(body: bytes) -> dict[str, Any]:
    try:
        request = read_json(body.decode())
    except UnicodeDecodeError as error:
        raise BadRecords(f"the body is no text in utf-8 (byte {error.start})") from None
    if not isinstance(request, dict) or not isinstance(request.get("inputs"), list):
        raise BadRecords('a request is an object with a list of tensors, {"inputs": [...]}')
    if not isinstance(request.get("id", ""), str):
        raise BadRecords("`id` must be a text")
    return request


def _output_names(request: Mapping[str, Any]) -> set[str] | None:
    outputs = request.get("outputs")
    if outputs is None:
        return None
    if not isinstance(outputs, list) or not all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for one in outputs
    ):
        raise BadRecords("`outputs` must be a list of objects with a `name`")
    return {one["name"] for one in outputs} or None


def frame_of_tensors(inputs: Sequence[Any], signature: Signature) -> Frame:
    """The records that some tensors hold."""
    import pandas as pd

    columns: dict[str, list[Any]] = {}
    sized(1, len(inputs))
    for number, tensor in enumerate(inputs):
        name, shape, values = _read(tensor, number)
        if name in columns:
            raise BadRecords(f"two tensors are called `{name}`")
        wide = math.prod(shape[1:])
        if wide == 1:
            columns[name] = values
        elif len(inputs) == 1 and len(shape) == 2:
            sized(shape[0], wide)
            return pd.DataFrame(_rows(values, wide), columns=_names(name, wide, signature), dtype=object)
        else:
            raise BadRecords(f"tensor `{name}` has the shape {shape}; a column has [records] or [records, 1]")
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"`{name}` {length}" for name, length in list(lengths.items())[:8])
        raise BadRecords(f"the tensors are of different numbers of records: {shown}")
    return pd.DataFrame(columns, dtype=object)


def _rows(values: Sequence[Any], wide: int) -> list[Sequence[Any]]:
    return [values[at : at + wide] for at in range(0, len(values), wide)] if wide else []


def _names(name: str, wide: int, signature: Signature) -> list[str]:
    fitting = next((order for order in signature.orders() if order and len(order) == wide), None)
    if fitting is None:
        raise BadRecords(f"tensor `{name}` has {wide} columns, and the model reads {len(signature.names)}")
    return list(fitting)


def _read(tensor: Any, number: int) -> tuple[str, list[int], list[Any]]:
    if not isinstance(tensor, dict) or not isinstance(tensor.get("name"), str):
        raise BadRecords(f"tensor {number} of `inputs` has no `name`")
    name, shape, datatype = tensor["name"], tensor.get("shape"), tensor.get("datatype")
    if not isinstance(shape, list) or not shape or not all(_is_size(size) for size in shape):
        raise BadRecords(f"`shape` of tensor `{name}` must be a list of whole numbers")
    if "data" not in tensor:
        raise BadRecords(f"tensor `{name}` has no `data`; binary data is an extension that is not offered here")
    if not isinstance(tensor["data"], list):
        raise BadRecords(f"`data` of tensor `{name}` must be a list")
    values = list(_flat(tensor["data"]))
    if len(values) != math.prod(shape):
        raise BadRecords(f"tensor `{name}` has {len(values)} values, and its shape {shape} asks for {math.prod(shape)}")
    if not isinstance(datatype, str):
        raise BadRecords(f"`datatype` of tensor `{name}` must be a text")
    odd = next((value for value in values if not _fits(value, datatype, name)), None)
    if odd is not None:
        raise BadRecords(f"tensor `{name}` of datatype {datatype} holds {str(odd)[:40]!r}")
    return name, shape, values


def _is_size(size: Any) -> bool:
    return isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**31


def _flat(data: list[Any]) -> Iterator[Any]:
    for one in data:
        if isinstance(one, list):
            yield from _flat(one)
        else:
            yield one


def _fits(value: Any, datatype: str, name: str) -> bool:
    """Whether a value may stand in a tensor; null may, since the protocol has no other word for what is missing."""
    if datatype == "BOOL":
        return value is None or isinstance(value, bool)
    if datatype == "BYTES":
        return value is None or isinstance(value, str)
    if datatype in WHOLE:
        return value is None or (isinstance(value, int) and not isinstance(value, bool))
    if datatype in REAL:
        return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    raise BadRecords(f"tensor `{name}` is of no datatype that is known: {datatype[:20]}")


def tensors_of(predictions: Predictions) -> Iterator[dict[str, Any]]:
    """A tensor for each column of an answer; lists and maps of numbers have a column for each number."""
    columns: Columns = dict(predictions.columns)
    if predictions.ids is not None:
        columns = {"id": ["" if value is None else str(value) for value in predictions.ids], **columns}
    for name, values in columns.items():
        yield _tensor(name, values)


def _tensor(name: str, values: list[Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    shape = [len(values)]
    if values and all(isinstance(value, dict) and list(value) == list(values[0]) for value in values):
        # The protocol's parameters are single values.
        parameters = {"parameters": {"columns": ",".join(values[0])}}
        values = [list(value.values()) for value in values]
    if values and all(isinstance(value, list) and len(value) == len(values[0]) for value in values):
        shape = [len(values), len(values[0])]
        values = [one for value in values for one in value]
    datatype = _datatype(values)
    if datatype == "BYTES":
        values = ["" if v is None else v if isinstance(v, str) else json_bytes(v).decode() for v in values]
    elif None in values:
        raise ModelFailed(f"`{name}` of record {values.index(None)} is no number, and a tensor has no word for that")
    return {"name": name, "shape": shape, "datatype": datatype, **parameters, "data": values}


def _datatype(values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "BOOL"
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in values if value is not None):
        return "INT64"
    return "FP64" if kinds <= {int, float} else "BYTES"


def metadata(service: Service) -> dict[str, Any]:
    """What the model reads and answers: columns as tensors of as many records as there are."""
    inputs = [
        {"name": one.name, "datatype": DATATYPES.get(one.type or "number", "BYTES"), "shape": [-1]}
        for one in service.scorer.signature.inputs
    ]
    outputs = [
        {"name": one["name"], "datatype": one["datatype"], "shape": [-1, *one["shape"][1:]]}
        for one in tensors_of(service.answer)
        if len(service.answer)
    ]
    return {
        "name": service.name,
        "versions": [service.version],
        "platform": service.scorer.platform,
        "inputs": inputs,
        "outputs": outputs,
    }
