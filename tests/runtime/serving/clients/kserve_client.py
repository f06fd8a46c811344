"""kserve's own client asks a server: `python kserve_client.py URL MODEL`. Prints what it read of each answer."""

import asyncio
import json
import sys
from typing import Any

from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

URL, MODEL = sys.argv[1:]
RECORDS = [{"age": 41, "wait": 0.0, "plan": "pro"}, {"age": 18, "wait": 0.0, "plan": "pro"}]


def tensor(name: str, kind: str, values: list[Any]) -> Any:
    """A column as the second protocol has it."""
    return InferInput(name, [len(values)], kind, values)


def tell(what: object) -> None:
    """A line for the test."""
    sys.stdout.write(f"{json.dumps(what)}\n")


async def main() -> None:
    """Both protocols."""
    first = InferenceRESTClient(RESTConfig(protocol="v1"))
    answer: Any = await first.infer(URL, {"instances": RECORDS}, model_name=MODEL)
    tell({"v1": [one["prediction"] for one in answer["predictions"]]})
    second = InferenceRESTClient(RESTConfig(protocol="v2"))
    tell({"ready": await second.is_server_ready(URL), "model": await second.is_model_ready(URL, MODEL)})
    words = tensor("plan", "BYTES", ["pro", "pro"])
    inputs = [tensor("age", "INT64", [41, 18]), tensor("wait", "FP64", [0.0, 0.0]), words]
    answer = await second.infer(URL, InferRequest(MODEL, inputs), model_name=MODEL)
    tell({"v2": {one.name: list(one.data) for one in answer.outputs}})


asyncio.run(main())
