"""No bytes that a caller sends are a 500, and every answer is JSON, or what was asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlopsgen.runtime.serving.records import TYPES
from mlopsgen.runtime.serving.scorer import Scorer
from mlopsgen.runtime.serving.service import Question, Service, instances, invocation, reply, warm
from mlopsgen.runtime.serving.signature import signature_of
from mlopsgen.runtime.serving.tensors import inference

from .conftest import contract_of

PROTOCOLS = (invocation, instances, inference)
KEYS = ["instances", "columns", "data", "age", "income", "plan", "since", "customer", "inputs", "name", "shape"]
KEYS += ["datatype", "id", "outputs", "input_data", "dataframe_split"]
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([10**400, "pro"])
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner, max_size=5),
    max_leaves=20,
)
records = st.lists(st.fixed_dictionaries({"age": leaves, "plan": leaves}, optional={"income": values}), max_size=4)
tensor = st.fixed_dictionaries(
    {
        "name": st.sampled_from(KEYS),
        "shape": st.lists(st.integers(-1, 4), max_size=3) | values,
        "datatype": st.sampled_from(["INT64", "FP64", "BOOL", "BYTES"]) | leaves,
        "data": st.lists(leaves, max_size=4) | values,
    }
)
bodies = values | records | st.fixed_dictionaries({"inputs": st.lists(tensor, max_size=3)})


class Counted:
    """A model that answers anything."""

    def predict(self, table: Any) -> dict[str, list[Any]]:
        return {"prediction": list(range(len(table)))}


def service() -> Service:
    signature = signature_of(contract_of(), None, {})
    return warm(Scorer(predictor=Counted(), signature=signature, version="1"), "m")


SERVICE = service()


def check(body: bytes, kind: str | None, accept: str | None = None) -> None:
    for protocol in PROTOCOLS:
        answer = reply(SERVICE, protocol, Question(body=body, content_type=kind, accept=accept))
        assert answer.status in (200, 400, 406, 415), answer.body
        if answer.content_type == "application/json":
            json.loads(answer.body)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=bodies)
def test_no_json_breaks_the_server(body: Any) -> None:
    check(json.dumps(body).encode(), "application/json")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.binary(max_size=60) | st.text(max_size=60).map(str.encode), kind=st.sampled_from([*TYPES, "", "a/b"]))
def test_no_bytes_break_the_server(body: bytes, kind: str) -> None:
    check(body, kind)


@settings(max_examples=30, deadline=None)
@given(kind=st.text(max_size=30), accept=st.text(max_size=30))
def test_no_headers_break_the_server(kind: str, accept: str) -> None:
    check(b'[{"age": 20, "plan": "pro"}]', kind, accept)
    check(b'[{"age": 20, "plan": "pro"}]', f"application/json; charset={kind}", f"text/csv;{accept}")


@pytest.mark.parametrize(
    "body",
    [
        [{f"c{number}": 1} for number in range(30_000)],
        {"columns": [f"c{number}" for number in range(30_000)], "data": []},
        [{f"c{number}": 1 for number in range(30_000)}],
        {"inputs": [{"name": f"c{n}", "shape": [1], "datatype": "INT64", "data": [1]} for n in range(30_000)]},
    ],
    ids=["a column each", "a table", "a record", "tensors"],
)
def test_small_bodies_that_ask_for_huge_tables_are_refused_at_once(body: Any) -> None:
    answer = reply(SERVICE, inference if "inputs" in body else invocation, Question(body=json.dumps(body).encode()))
    assert answer.status == 400
    assert b"too many for one request" in answer.body
