"""Bytes become records, or a reason with its place; predictions become bytes of the type that was asked for."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlopsgen.runtime.contract import Contract
from mlopsgen.runtime.serving.answer import answer_type, json_bytes, write_predictions
from mlopsgen.runtime.serving.records import Records, read_records
from mlopsgen.runtime.serving.refusals import BadRecords, UnknownAnswer, UnknownType
from mlopsgen.runtime.serving.scorer import Predictions
from mlopsgen.runtime.serving.signature import Signature, signature_of

from .conftest import contract_of

ROWS: list[dict[str, Any]] = [{"age": 41, "income": 1.5, "plan": "pro"}, {"age": 18, "income": None, "plan": "basic"}]
TABLE = {"columns": list(ROWS[0]), "data": [list(row.values()) for row in ROWS]}


def rows_of(records: Records) -> list[dict[str, Any]]:
    rows = records.rows.astype(object)
    return [dict(row) for row in rows.where(rows.notna(), None).to_dict("records")]


def parquet(rows: list[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


def arrow(rows: list[dict[str, Any]]) -> bytes:
    table, buffer = pa.Table.from_pylist(rows), io.BytesIO()
    with pa.ipc.new_stream(buffer, table.schema) as stream:
        stream.write_table(table)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps(ROWS), "application/json"),
        (json.dumps(ROWS), None),
        ("\ufeff" + json.dumps(ROWS), "application/json; charset=UTF-8"),
        (json.dumps({"instances": ROWS}), "application/json"),
        (json.dumps({"instances": ROWS, "parameters": {"x": 1}}), "application/json"),
        (json.dumps({"instances": TABLE["data"]}), "application/json"),
        (json.dumps(TABLE), "application/json"),
        (json.dumps({**TABLE, "index": [0, 1]}), "application/json"),
        (json.dumps({"dataframe_split": TABLE}), "application/json"),
        (json.dumps({"dataframe_records": ROWS}), "application/json"),
        (json.dumps({"input_data": TABLE}), "application/json"),
        ("\n".join(map(json.dumps, ROWS)) + "\n", "application/jsonlines"),
        ("\r\n".join(map(json.dumps, ROWS)), "application/x-ndjson"),
        (parquet(ROWS), "application/x-parquet"),
        (parquet(ROWS), "application/vnd.apache.parquet"),
        (arrow(ROWS), "application/vnd.apache.arrow.stream"),
    ],
)
def test_the_ways_to_send_two_records(body: str | bytes, content_type: str | None, signature: Signature) -> None:
    data = body if isinstance(body, bytes) else body.encode()
    assert rows_of(read_records(data, content_type, signature)) == ROWS


def test_a_lone_object_is_one_record(signature: Signature) -> None:
    assert rows_of(read_records(json.dumps(ROWS[0]).encode(), None, signature)) == ROWS[:1]


CSV = "41,1.5,pro\n18,,basic\n"
TEXTS = [{"age": "41", "income": "1.5", "plan": "pro"}, {"age": "18", "income": "", "plan": "basic"}]


@pytest.mark.parametrize(
    ("body", "content_type", "header"),
    [
        (CSV, "text/csv", False),
        (CSV, "text/csv; header=absent", False),
        ("age,income,plan\n" + CSV, "text/csv", True),
        ("age,income,plan\r\n" + CSV.replace("\n", "\r\n"), "text/csv; charset=utf-8; header=present", True),
        ("plan,age,income\n\npro,41,1.5\nbasic,18,\n", "application/csv", True),
    ],
)
def test_csv_is_read_with_and_without_a_header(
    body: str, content_type: str, header: bool, signature: Signature
) -> None:
    records = read_records(body.encode(), content_type, signature)
    assert (records.header, [dict(sorted(row.items())) for row in rows_of(records)]) == (header, TEXTS)


def test_csv_without_a_header_may_have_every_column_of_the_files(signature: Signature) -> None:
    every = read_records(b"c1,41,1.5,pro,2024-01-01,,true\n", "text/csv", signature)
    assert rows_of(every)[0]["customer"] == "c1"
    no_label = read_records(b"c1,41,1.5,pro,2024-01-01,\n", "text/csv", signature)
    assert list(no_label.rows)[-1] == "note"


def test_csv_is_separated_as_the_contract_says(contract: Contract) -> None:
    signature = signature_of(contract_of(delimiter=";", decimal=","), None, {})
    records = read_records(b"age;income;plan\n41;1,5;pro\n", "text/csv", signature)
    assert records.decimal == ","
    assert signature.check(records.rows, decimal=records.decimal).table["income"].tolist() == [1.5]


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", "application/json", "line 1 column 1"),
        (b'{"instances": [\n{"age": 1,}]}', "application/json", "line 2 column 11"),
        (b"[" * 100_000, "application/json", "nested too deeply"),
        (b'[{"age": Infinity}]', "application/json", "Infinity is no number of JSON"),
        (b'[{"age": ' + b"9" * 5000 + b"}]", "application/json", "cannot be read"),
        (b"\xff\xfe", "application/json", "no text in utf-8 (byte 0)"),
        (b'"text"', "application/json", "records are objects of JSON"),
        (b"[1, 2]", "application/json", "record 0: a record is an object"),
        (b'[{"age": 1}, [1]]', "application/json", "record 1: a record is an object"),
        (b"[[1, 2]]", "application/json", "record 0 has 2 values; the model reads 3: age, income, plan"),
        (b'{"instances": 3}', "application/json", "`instances` must be a list"),
        (b'{"instances": [], "instance": 1}', "application/json", "nobody knows the key `instance` beside `instances`"),
        (b'{"records": [{"age": 1}]}', "application/json", 'records stand in {"instances": [...]}'),
        (b'{"columns": ["a", "a"], "data": []}', "application/json", "names the column `a` twice"),
        (b'{"columns": ["a"], "data": [[1], [1, 2]]}', "application/json", "record 1: it is 2 values"),
        (b'{"columns": "a", "data": []}', "application/json", "`columns` must be a list"),
        (b'{"columns": ["a"], "data": 1}', "application/json", "`data` must be a list"),
        (b'{"age": 1}\n{"age": ', "application/jsonlines", "line 2: the JSON ends or breaks"),
        (b'{"age": 1}\n3', "application/jsonlines", "line 2 is no record"),
        (b"", "text/csv", "the csv is empty"),
        (b"1,2\n", "text/csv", "line 1 of the csv has 2 values; the model reads 3"),
        (b"age,income,plan\n1,2\n", "text/csv", "line 2 of the csv has 2 fields, and there are 3 columns"),
        (b"age,age,plan\n1,2,3\n", "text/csv", "names the column `age` twice"),
        (b'age,income,plan\n"1,2,3\n', "text/csv", "the csv breaks at line"),
        (b"PAR1", "application/x-parquet", "the body is not Parquet"),
        (b"PAR1" + b"\0" * 64 + b"PAR1", "application/x-parquet", "the body is not Parquet"),
        (parquet(ROWS)[:-20], "application/x-parquet", "the body is not Parquet"),
        (b"\0" * 64, "application/vnd.apache.arrow.stream", "the body is not a stream of Arrow"),
        (arrow(ROWS)[:200], "application/vnd.apache.arrow.stream", "the body is not a stream of Arrow"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(
    body: bytes, content_type: str, reason: str, signature: Signature
) -> None:
    with pytest.raises(BadRecords) as caught:
        read_records(body, content_type, signature)
    assert reason in str(caught.value)


def test_nan_is_read_as_null_as_clients_write_it(signature: Signature) -> None:
    assert rows_of(read_records(b'[{"age": 1, "income": NaN}]', None, signature)) == [{"age": 1, "income": None}]


def test_a_few_bytes_that_stand_for_a_huge_table_are_refused(
    signature: Signature, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlopsgen.runtime.serving.columnar.MOST_CELLS", 5)
    for body, kind in ((parquet(ROWS), "application/x-parquet"), (arrow(ROWS), "application/vnd.apache.arrow.stream")):
        with pytest.raises(BadRecords, match="too many for one request"):
            read_records(body, kind, signature)


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "nonsense", "image/png"])
def test_an_unknown_content_type_is_told_what_there_is(content_type: str, signature: Signature) -> None:
    with pytest.raises(UnknownType, match="send one of application/json, application/jsonlines"):
        read_records(b"x", content_type, signature)


def test_values_without_names_need_a_model_that_knows_their_order() -> None:
    with pytest.raises(BadRecords, match="the model does not know their order"):
        read_records(b"[[1, 2]]", None, signature_of(None, None, {}))


PREDICTIONS = Predictions(
    columns={"prediction": [True, False], "probabilities": [{"a": 0.25, "b": 0.75}, {"a": 0.5, "b": 0.5}]},
    ids=["007", "008"],
)


def answer(accept: str | None, records: Records) -> tuple[bytes, str]:
    return write_predictions(PREDICTIONS, accept, records)


def test_an_answer_comes_in_the_type_that_was_asked_for() -> None:
    records = Records(pd.DataFrame())
    body, kind = answer(None, records)
    assert (kind, json.loads(body)) == ("application/json", {"predictions": PREDICTIONS.records()})
    body, kind = answer("application/jsonlines", records)
    assert [json.loads(line) for line in body.splitlines()] == PREDICTIONS.records()
    body, kind = answer("text/csv", records)
    assert kind == "text/csv; charset=utf-8; header=present"
    assert body == b"id,prediction,score:a,score:b\n007,true,0.25,0.75\n008,false,0.5,0.5\n"
    assert answer("text/csv; header=absent", records)[0].count(b"\n") == 2
    body, _ = answer("application/x-parquet", records)
    assert pq.read_table(io.BytesIO(body)).to_pydict() == PREDICTIONS.flat()
    body, _ = answer("application/vnd.apache.arrow.stream", records)
    assert pa.ipc.open_stream(body).read_all().to_pydict() == PREDICTIONS.flat()


def test_an_answer_comes_as_the_records_did_where_nobody_asks_otherwise() -> None:
    headless = Records(pd.DataFrame(), "csv", header=False)
    assert answer("*/*", headless) == (
        b"007,true,0.25,0.75\n008,false,0.5,0.5\n",
        "text/csv; charset=utf-8; header=absent",
    )
    assert answer_type("text/html, */*;q=0.1", "json")[0] == "application/json"
    assert answer_type("application/*", "csv")[0] == "application/json"
    assert answer_type("text/csv;q=0.5, application/json", "csv")[0] == "application/json"
    with pytest.raises(UnknownAnswer, match="nobody here writes `image/png`"):
        answer_type("image/png", "json")


def test_half_a_character_in_an_id_is_written_as_json_spells_it() -> None:
    assert json_bytes(["\ud800"]) == b'["\\ud800"]'
