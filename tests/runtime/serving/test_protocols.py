"""One running server answers in every platform's protocol, good requests and bad ones."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from . import open_inference
from .running import JSON, Server, serving, write

pytestmark = pytest.mark.slow
ROWS = [{"customer": "007", "age": 20}, {"customer": "008", "age": 30}]
SAID = [{"id": "007", "prediction": 40, "score": 0.5}, {"id": "008", "prediction": 60, "score": 0.5}]
PREDICT = "/v1/endpoints/1/deployedModels/2:predict"
PLAIN = ("/invocations", "/score", PREDICT, "/v1/models/churn:predict")
INFER = ("/v2/models/churn/infer", "/v2/models/churn/versions/7/infer")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    write(folder)
    with serving(folder, f"--predict-route={PREDICT}", "--health-route=/v1/endpoints/1/deployedModels/2") as running:
        yield running


def tensor(name: str, *values: Any, datatype: Any = "INT64") -> dict[str, Any]:
    return {"name": name, "shape": [len(values)], "datatype": datatype, "data": list(values)}


@pytest.mark.parametrize("path", PLAIN)
def test_records_are_answered_on_every_route_that_takes_them(path: str, server: Server) -> None:
    for body in ({"instances": ROWS}, {"instances": ROWS, "parameters": {}}, ROWS):
        answer = server.ask("POST", path, body)
        assert (answer.status, answer.json()["predictions"]) == (200, SAID)
        assert answer.headers["content-type"] == JSON
        assert answer.headers["x-model-version"] == "7"


def test_vertex_and_kserve_get_predictions_alone(server: Server) -> None:
    """Vertex adds deployedModelId and the like itself; what a container adds is no part of its contract."""
    for path in PLAIN[2:]:
        assert set(server.ask("POST", path, {"instances": ROWS}).json()) == {"predictions"}


def test_sagemaker_hands_the_version_to_its_caller(server: Server) -> None:
    """Of a container's headers InvokeEndpoint hands on CustomAttributes (X-Amzn-SageMaker-Custom-Attributes)."""
    answer = server.ask("POST", "/invocations", ROWS)
    assert answer.json()["model_version"] == "7"
    assert answer.headers["x-amzn-sagemaker-custom-attributes"] == "model_version=7"


def test_a_csv_is_answered_with_a_csv(server: Server) -> None:
    answer = server.ask("POST", "/invocations", "007,20,,\n008,30,0,pro\n", "text/csv")
    assert (answer.status, answer.body) == (200, b"007,40,0.5\n008,60,0.5\n")
    answer = server.ask("POST", "/score", "customer,age\n007,20\n", "text/csv", Accept="application/json")
    assert answer.json()["predictions"] == SAID[:1]


def test_lines_parquet_and_arrow_are_read_and_written(server: Server) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    answer = server.ask("POST", "/invocations", lines, "application/jsonlines")
    assert [json.loads(line) for line in answer.body.splitlines()] == SAID
    table, parquet, arrow = pa.Table.from_pylist(ROWS), io.BytesIO(), io.BytesIO()
    pq.write_table(table, parquet)
    answer = server.ask("POST", "/invocations", parquet.getvalue(), "application/x-parquet")
    assert pq.read_table(io.BytesIO(answer.body)).to_pylist() == SAID
    with pa.ipc.new_stream(arrow, table.schema) as stream:
        stream.write_table(table)
    kind = "application/vnd.apache.arrow.stream"
    answer = server.ask("POST", "/invocations", arrow.getvalue(), kind)
    assert pa.ipc.open_stream(answer.body).read_all().to_pylist() == SAID


@pytest.mark.parametrize("path", INFER)
def test_tensors_are_answered_with_tensors(path: str, server: Server) -> None:
    body = {"id": "42", "inputs": [tensor("age", 20, 30), tensor("plan", "pro", "pro", datatype="BYTES")]}
    answer = server.ask("POST", path, body)
    assert answer.status == 200
    open_inference.check(answer.json(), open_inference.INFERENCE)
    assert answer.json() == {
        "model_name": "churn",
        "model_version": "7",
        "id": "42",
        "outputs": [
            {"name": "prediction", "shape": [2], "datatype": "INT64", "data": [40, 60]},
            {"name": "score", "shape": [2], "datatype": "FP64", "data": [0.5, 0.5]},
        ],
    }


def test_a_tensor_with_every_column_is_read_in_their_order(server: Server) -> None:
    one = {"name": "input-0", "shape": [2, 3], "datatype": "FP64", "data": [[20, 0, None], [30, 0, None]]}
    answer = server.ask("POST", INFER[0], {"inputs": [one], "outputs": [{"name": "prediction"}]})
    assert [tensor["data"] for tensor in answer.json()["outputs"]] == [[40, 60]]


def test_what_the_model_is_can_be_asked_in_the_open_inference_protocol(server: Server) -> None:
    for path, schema in (
        ("/v2", open_inference.SERVER),
        ("/v2/models/churn", open_inference.MODEL),
        ("/v2/models/churn/versions/7", open_inference.MODEL),
    ):
        open_inference.check(server.ask("GET", path).json(), schema)
    about = server.ask("GET", "/v2/models/churn").json()
    assert about["versions"] == ["7"]
    assert about["inputs"][0] == {"name": "age", "datatype": "INT64", "shape": [-1]}
    assert [one["name"] for one in about["outputs"]] == ["prediction", "score"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/ping", {"ready": True}),
        ("/ready", {"ready": True}),
        ("/live", {"live": True}),
        ("/v1/endpoints/1/deployedModels/2", {"ready": True}),
        ("/v1/models", {"models": ["churn"]}),
        ("/v1/models/churn", {"name": "churn", "ready": True}),
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"ready": True}),
        ("/v2/models/churn/ready", {"name": "churn", "ready": True}),
        ("/v2/models/churn/versions/7/ready", {"name": "churn", "ready": True}),
    ],
)
def test_health_is_told_in_every_protocol(path: str, said: dict[str, Any], server: Server) -> None:
    answer = server.ask("GET", path)
    assert (answer.status, answer.json(), answer.headers["x-model-version"]) == (200, said, "7")
    assert server.ask("HEAD", path).status == 200


BAD = [
    ({"instances": [{"customer": "1"}]}, "there is no column `age`"),
    ({"instances": [{"customer": "1", "age": "old"}]}, "record 0 (id 1): `age` is `old`"),
    ({"instances": [{"age": 1}, {"age": None}]}, "record 1: `age` is null"),
    ('{"instances": [{"age": NaN}]}', "record 0: `age` is null"),
    ('{"instances": [{"age": Infinity}]}', "Infinity is no number of JSON"),
    ('{"instances": [{"age": 1e999}]}', "record 0: `age` is `inf`"),
    ('{"instances": [{"age": ' + "9" * 400 + "}]}", "not of type integer"),
    ('{"instances": [{"age": 1, "wait": ' + "9" * 400 + "}]}", "not of type number"),
    ({"instances": [{"age": 1, "wage": 1}]}, "the model knows no column `wage`"),
    ({"instances": [{"age": 1, "plan": "gold"}]}, "`plan` is `gold`, which is none of pro, broken"),
    ({"instances": [{"age": {"a": 1}}]}, "`age` is an object"),
    ({"instances": [{"age": [[1]]}]}, "`age` is a list"),
    ({"instances": [3]}, "record 0: a record is an object"),
    ({"instances": {}}, "`instances` must be a list"),
    ('{"instances": [', "line 1 column"),
    ("", "line 1 column 1"),
    (b"\xff\xfe\x00", "no text in utf-8"),
    ("[" * 50_000, "nested too deeply"),
    ('{"instances": [{"age": 1, "\\ud800": 1}]}', "half of a character"),
]


@pytest.mark.parametrize(("body", "reason"), BAD)
def test_bad_records_are_the_callers_to_mend_on_every_route(body: Any, reason: str, server: Server) -> None:
    for path in PLAIN:
        answer = server.ask("POST", path, body)
        assert (answer.status, answer.headers["x-model-version"]) == (400, "7")
        assert reason in answer.json()["error"]
        assert answer.json()["problems"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "a request is an object with a list of tensors"),
        ("[1", "the JSON ends or breaks"),
        ({"inputs": [3]}, "tensor 0 of `inputs` has no `name`"),
        ({"inputs": [tensor("age", 1, 2)], "id": 3}, "`id` must be a text"),
        ({"inputs": [{**tensor("age", 1, 2), "shape": [3]}]}, "has 2 values, and its shape [3] asks for 3"),
        ({"inputs": [{**tensor("age", 1), "shape": [-1]}]}, "`shape` of tensor `age` must be"),
        ({"inputs": [{**tensor("age", 1), "shape": [10**30]}]}, "`shape` of tensor `age` must be"),
        ({"inputs": [tensor("age", 1, datatype="INT99")]}, "is of no datatype that is known"),
        ({"inputs": [tensor("age", 1, datatype=["a"])]}, "`datatype` of tensor `age` must be a text"),
        ({"inputs": [tensor("age", "x")]}, "tensor `age` of datatype INT64 holds 'x'"),
        ({"inputs": [tensor("age", True)]}, "tensor `age` of datatype INT64 holds 'True'"),
        ({"inputs": [tensor("age", None)]}, "record 0: `age` is null"),
        ({"inputs": [tensor("age", 1, 2), tensor("wait", 1)]}, "different numbers of records: `age` 2, `wait` 1"),
        ({"inputs": [tensor("age", 1), tensor("age", 1)]}, "two tensors are called `age`"),
        ({"inputs": [tensor("wage", 1)]}, "the model knows no column `wage`"),
        ({"inputs": [tensor("age", 1)], "outputs": [{"name": "why"}]}, "there is no output `why`"),
        ({"inputs": [tensor("age", 1)], "outputs": 3}, "`outputs` must be a list"),
        ({"inputs": [{"name": "age", "shape": [1], "datatype": "INT64"}]}, "binary data is an extension"),
        ({"inputs": [{**tensor("age", 1, 2, 3, 4), "shape": [2, 2]}]}, "has 2 columns, and the model reads 3"),
    ],
)
def test_bad_tensors_are_the_callers_to_mend(body: Any, reason: str, server: Server) -> None:
    answer = server.ask("POST", INFER[0], body)
    assert answer.status == 400
    open_inference.check(answer.json(), open_inference.ERROR)
    assert reason in answer.json()["error"]


def test_binary_tensors_are_told_to_come_as_json(server: Server) -> None:
    """tritonclient sends them unless it is told not to: `set_data_from_numpy(…, binary_data=False)`."""
    head = json.dumps({"inputs": [{"name": "age", "shape": [1], "datatype": "INT64"}]}).encode()
    body = head + (20).to_bytes(8, "little")
    kind = "application/octet-stream"
    answer = server.ask("POST", INFER[0], body, kind, Inference_Header_Content_Length=str(len(head)))
    assert answer.status == 400
    assert "binary data is an extension that is not offered" in answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/invocations", 405, "/invocations takes no GET"),
        ("PUT", "/score", 405, "/score takes no PUT"),
        ("DELETE", "/ping", 405, "/ping takes no DELETE"),
        ("POST", "/v2/health/ready", 405, "takes no POST"),
        ("GET", "/nowhere", 404, "there is nothing at /nowhere; see /docs"),
        ("GET", "/v2/models/other", 404, "there is no model `other`; there is `churn`"),
        ("GET", "/v1/models/other", 404, "there is no model `other`"),
        ("POST", "/v1/models/other:predict", 404, "there is no model `other`"),
        ("POST", "/v1/models/churn:explain", 405, "takes no POST"),
        ("POST", "/v2/models/churn/versions/8/infer", 404, "there is no version `8`; there is `7`"),
    ],
)
def test_what_is_not_there_is_said_as_json(method: str, path: str, status: int, reason: str, server: Server) -> None:
    answer = server.ask(method, path, None if method == "GET" else "{}")
    assert (answer.status, answer.headers["x-model-version"]) == (status, "7")
    assert reason in answer.json()["error"]


def test_content_types_that_nobody_reads_or_writes_are_refused(server: Server) -> None:
    for path in (*PLAIN, *INFER):
        assert server.ask("POST", path, "a=1", "application/x-www-form-urlencoded").status == 415
    assert server.ask("POST", "/score", ROWS, Accept="image/png").status == 406
    packed = server.ask("POST", "/score", b"\x1f\x8b", Content_Encoding="gzip")
    assert (packed.status, packed.headers["accept-encoding"]) == (415, "identity")


def test_a_script_that_breaks_is_a_500_that_says_why_in_one_line(server: Server) -> None:
    answer = server.ask("POST", "/score", [{"age": 20, "plan": "broken"}])
    assert (answer.status, answer.json()) == (
        500,
        {"error": "predict of predict.py failed: RuntimeError: the lookup is gone"},
    )
    assert server.ask("GET", "/ready").status == 200


def test_figures_are_there_for_prometheus(server: Server) -> None:
    server.ask("POST", "/score", ROWS)
    server.ask("POST", "/score", "{")
    answer = server.ask("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    text = answer.body.decode()
    assert 'mlopsgen_requests_total{code="200",protocol="azureml"}' in text
    assert 'mlopsgen_requests_total{code="400",protocol="azureml"}' in text
    assert 'mlopsgen_request_seconds_bucket{le="0.1",protocol="azureml"}' in text
    assert "mlopsgen_requests_in_flight 0.0" in text
    assert 'mlopsgen_model_info{name="churn",version="7"} 1.0' in text


def test_the_example_of_the_documentation_can_be_sent(server: Server) -> None:
    described = server.ask("GET", "/openapi.json").json()
    assert described["info"]["title"] == "churn"
    for path, about in described["paths"].items():
        example = about["post"]["requestBody"]["content"][JSON]["example"]
        assert server.ask("POST", path, example).status == 200, path
    page = server.ask("GET", "/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert b"POST /invocations" in page.body
    assert b"http://" not in page.body, "a private network has nothing from elsewhere"
    assert b"https://" not in page.body
