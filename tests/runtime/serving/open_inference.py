"""What the Open Inference Protocol asks of answers, as JSON schemas.

Facts of github.com/kserve/open-inference-protocol, specification/protocol/open_inference_rest.yaml and
inference_rest.md: names, types and which of them must be there. A tensor has as many values as its shape says.
"""

from __future__ import annotations

import math
from typing import Any

import jsonschema

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
DATATYPES = ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"]
DATATYPES += ["FP16", "FP32", "FP64", "BYTES"]
ABOUT = {"name": TEXT, "datatype": {"enum": DATATYPES}, "shape": {"type": "array", "items": WHOLE}}


def of(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def listed(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


TENSOR = of(["name", "shape", "datatype", "data"], **ABOUT, data=listed({"type": ["number", "string", "boolean"]}))
INFERENCE = of(["model_name", "outputs"], model_name=TEXT, model_version=TEXT, id=TEXT, outputs=listed(TENSOR))
MODEL = of(
    ["name", "platform", "inputs", "outputs"],
    name=TEXT,
    platform=TEXT,
    versions=listed(TEXT),
    inputs=listed(of(["name", "shape", "datatype"], **ABOUT)),
    outputs=listed(of(["name", "shape", "datatype"], **ABOUT)),
)
SERVER = of(["name", "version", "extensions"], name=TEXT, version=TEXT, extensions=listed(TEXT))
ERROR = of(["error"], error=TEXT)


def check(answer: Any, schema: dict[str, Any]) -> None:
    jsonschema.validate(answer, schema)
    for tensor in answer.get("outputs", ()):
        if "data" in tensor:
            assert len(tensor["data"]) == math.prod(tensor["shape"]), tensor
