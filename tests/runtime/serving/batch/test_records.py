"""What is read, what is written, and what becomes of records that cannot be scored."""

from __future__ import annotations

import csv
import gzip
import json

import pytest

from .conftest import Deployment, read, table

pytestmark = pytest.mark.slow


def test_one_bad_record_of_ten_thousand_fails_the_run_and_is_told(double: Deployment) -> None:
    double.write("a.csv", table(range(100, 5100)))
    double.write("b.csv", table([*range(100, 4099), "many", *range(100, 1100)]))
    done = double.score()
    assert done.code == 1
    assert done.err == "mlopsgen: b.csv line 4001: `x` is `many`, which is not of type number\n"
    assert not double.ended()
    assert [path.name for path in double.parts()] == ["part-00000.csv"]


def test_one_bad_record_of_ten_thousand_is_skipped_and_counted(double: Deployment) -> None:
    double.write("a.csv", table([*range(100, 10099), "many"]))
    done = double.score(on_bad_record="skip", max_bad=0.0001)
    assert done.code == 0
    assert "9999 records scored by version sha256-" in done.out
    assert "1 of 10000 were bad" in done.out
    assert double.success()["records"] == {"read": 10000, "scored": 9999, "bad": 1}
    assert [row["prediction"] for row in double.rows()] == [str(2.0 * x) for x in range(100, 10099)]
    assert not (double.out / "dead-letter").exists()


def test_one_bad_record_of_ten_thousand_is_kept_with_its_place_and_reason(double: Deployment) -> None:
    double.write("a.csv", table([*range(100, 10099), "many"]))
    assert double.score(on_bad_record="dead-letter").code == 0
    letters = (double.out / "dead-letter" / "run=r1" / "part-00000.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in letters] == [
        {
            "record": "09999,many",
            "file": "a.csv",
            "line": 10001,
            "column": "x",
            "reason": "`x` is `many`, which is not of type number",
            "model_version": double.success()["model"]["version"],
            "run": "r1",
        }
    ]
    assert double.success()["dead_letter"].endswith("/out/dead-letter/run=r1")


def test_more_bad_records_than_allowed_leave_the_run_unfinished(double: Deployment) -> None:
    double.write("a.csv", table(["a", "b", *range(100, 108)]))
    double.write("b.csv", table(range(100, 110)))
    done = double.score(on_bad_record="dead-letter", max_bad=0.09)
    assert (done.code, double.ended()) == (1, False)
    assert "2 of 20 records are bad, a share of 0.1, and --max-bad allows 0.09" in done.err
    assert len(list((double.out / "dead-letter" / "run=r1").iterdir())) == 1
    double.score("r2", on_bad_record="dead-letter", max_bad=0.1)
    assert double.ended("r2")


def test_text_that_is_no_record_is_told_apart(double: Deployment) -> None:
    double.write("a.csv", b'id,x\n1,100\n2,100,3\n4\n5,"1\n0"\n\xff6,100\n7,100,\n\n8,101\n')
    assert double.score(on_bad_record="dead-letter").code == 0
    assert [(row["id"], row["prediction"]) for row in double.rows()] == [("1", "200.0"), ("7", "200.0"), ("8", "202.0")]
    letters = (double.out / "dead-letter/run=r1/part-00000.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in letters]
    assert [(one["line"], one["reason"]) for one in told] == [
        (3, "has 3 fields, where there are names for 2"),
        (4, "has 1 field, where there are names for 2"),
        (5, "`x` is `1\n0`, which is not of type number"),
        (7, "is not UTF-8"),
    ]
    assert told[2]["record"] == '5,"1\n0"'
    assert told[3]["record_base64"] == "/zYsMTAw"


def test_a_quote_that_is_never_closed_fails_before_memory_ends(
    double: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlopsgen.runtime.serving.batch import lines

    monkeypatch.setattr(lines, "LONGEST", 1000)
    double.write("a.csv", 'id,x\n1,100\n2,"100\n' + "3,100\n" * 1000)
    done = double.score(on_bad_record="skip")
    assert done.code == 1
    assert "a.csv line 3: the record goes on for more than" in done.err


def test_a_file_without_a_column_of_the_model_fails_whatever_the_policy(double: Deployment) -> None:
    double.write("a.csv", "id,y\n1,2\n")
    done = double.score(on_bad_record="skip")
    assert done.code == 1
    assert "a.csv: the model knows no column `y`" in done.err or "a.csv: there is no column `x`" in done.err


def test_ids_and_columns_are_as_written_and_csv_stays_csv(double: Deployment) -> None:
    double.contract(id={"type": "string"}, x={"type": "number"}, note={"type": "string", "nullable": True})
    notes = ['a "b", c', "two\nlines", "a\rb", "", " blank ", "=1+1", "ü;|\t"]
    with (double.root / "in" / "a.csv").open("w", newline="", encoding="utf-8-sig") as file:
        rows = [(f"{at:05d}", "1e2", note) for at, note in enumerate(notes)]
        csv.writer(file).writerows([("id", "x", "note"), *rows])
    assert double.score(out_columns='["note", "id"]').code == 0
    (part,) = double.parts()
    assert part.read_bytes().count(b'"two\nlines"') == 1
    back = list(read(part))
    assert [row["note"] for row in back] == notes
    assert [row["id"] for row in back] == [f"{at:05d}" for at in range(7)]
    assert list(back[0]) == ["note", "id", "prediction", "score"]


@pytest.mark.parametrize("written", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("read_as", ["csv", "jsonl", "parquet"])
def test_every_format_is_read_and_written(double: Deployment, read_as: str, written: str) -> None:
    import pandas as pd

    frame = pd.DataFrame({"id": ["00042", "00043"], "x": [100.0, 101.5]})
    path = double.root / "in" / f"a.{read_as}"
    match read_as:
        case "csv":
            frame.to_csv(path, index=False)
        case "jsonl":
            frame.to_json(path, orient="records", lines=True)
        case _:
            frame.to_parquet(path, index=False)
    done = double.score(format=read_as, out_format=written)
    assert done.code == 0, done.err
    (part,) = double.parts()
    match written:
        case "csv":
            back = pd.read_csv(part, dtype={"id": str})
        case "jsonl":
            back = pd.read_json(part, lines=True, dtype=False)
        case _:
            back = pd.read_parquet(part)
    assert back.to_dict("records") == [
        {"id": "00042", "prediction": 200.0, "score": 0.5},
        {"id": "00043", "prediction": 203.0, "score": 0.5},
    ]


def test_lines_that_hold_no_object_are_bad_records(double: Deployment) -> None:
    double.write("a.jsonl", '{"id": "1", "x": 100}\nnonsense\n[1]\n\n{"id": "2", "x": null}\n{"id": "3", "x": 101}')
    assert double.score(format="jsonl", on_bad_record="dead-letter").code == 0
    assert [row["id"] for row in double.rows()] == ["1", "3"]
    told = [json.loads(line) for line in (double.out / "dead-letter/run=r1/part-00000.jsonl").read_text().splitlines()]
    assert [one["line"] for one in told] == [2, 3, 5]
    assert [one["record"] for one in told] == ["nonsense", "[1]", '{"id": "2", "x": null}']


def test_objects_that_lack_a_key_or_have_one_too_many_are_bad_one_by_one(double: Deployment) -> None:
    double.write("a.jsonl", '{"id": "1"}\n')
    double.write("b.jsonl", '{"id": "2", "x": 100, "y": 1}\n{"x": 101}\n{"id": "4", "x": 102, "y": null}\n')
    done = double.score(format="jsonl", on_bad_record="dead-letter")
    assert done.code == 0, done.err
    assert [(row["id"], row["prediction"]) for row in double.rows()] == [("", "202.0"), ("4", "204.0")]
    files = sorted((double.out / "dead-letter/run=r1").iterdir())
    told = [json.loads(path.read_text()) for path in files]
    assert told[0]["reason"] == "`x` is null, and may not be"
    assert "knows no column `y`" in told[1]["reason"]


def test_nulls_and_types_of_parquet_come_through(double: Deployment) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    double.contract(id={"type": "string"}, x={"type": "number"}, n={"type": "integer", "nullable": True})
    columns = {"id": ["a", "b"], "x": [100.0, 101.0], "n": pa.array([2**60, None], pa.int64())}
    columns["word"] = pa.array(["u", "v"]).dictionary_encode()
    pq.write_table(pa.table(columns), double.root / "in" / "a.parquet")
    out = '["n", "word"]'
    assert double.score(format="parquet", out_format="parquet", out_columns=out).code == 0
    back = pq.read_table(double.parts()[0])
    assert [str(field.type) for field in back.schema] == ["int64", "string", "double", "double"]
    assert back.to_pylist()[0] == {"n": 2**60, "word": "u", "prediction": 200.0, "score": 0.5}
    assert double.score("r2", format="parquet", out_columns=out).code == 0
    assert double.parts("r2")[0].read_text().splitlines()[1:] == [f"{2**60},u,200.0,0.5", ",v,202.0,0.5"]


def test_csv_without_a_header_is_read_by_the_names_given(double: Deployment) -> None:
    double.write("a.csv", "100,00042\n101,00043\n")
    assert double.score(header="false", columns='["x", "id"]', out_header="false").code == 0
    assert double.parts()[0].read_text() == "00042,200.0,0.5\n00043,202.0,0.5\n"


def test_the_columns_asked_for_are_read_alone(double: Deployment) -> None:
    double.write("a.csv", "z,x,id\n1,100,00042\n")
    assert double.score(columns='["id", "x"]').code == 0
    assert double.rows() == [{"id": "00042", "prediction": "200.0", "score": "0.5"}]
    done = double.score("r2", columns='["id", "x", "w"]')
    assert done.code == 1
    assert "a.csv has no column `w`" in done.err


def test_hidden_files_and_notes_are_no_input(double: Deployment) -> None:
    for name in ("_SUCCESS", ".hidden.csv", "_delta_log/0.json", ".x/a.csv"):
        double.write(name, "nonsense")
    double.write("day=2024-01-01/a.csv", table([100]))
    double.write("empty.csv", "")
    assert double.score().code == 0
    assert len(double.rows()) == 1
    assert [one["name"] for one in double.success()["input"]["files"]] == ["day=2024-01-01/a.csv", "empty.csv"]


def test_the_folders_of_a_partitioned_table_are_columns_where_the_model_reads_them(double: Deployment) -> None:
    double.contract(id={"type": "string"}, x={"type": "number"}, region={"type": "string"})
    double.write("region=north%20sea/a.csv", table([100]))
    assert double.score(out_columns='["region"]').code == 0
    assert double.rows() == [{"region": "north sea", "prediction": "200.0", "score": "0.5"}]


def test_compressed_files_are_read_and_unknown_ones_refused(double: Deployment) -> None:
    double.write("a.csv.gz", gzip.compress(table([100, 101]).encode()))
    assert double.score().code == 0
    assert len(double.rows()) == 2
    double.write("b.csv.gz", gzip.compress(table(range(100, 9000)).encode())[:-900])
    done = double.score("r2")
    assert done.code == 1
    assert "b.csv.gz cannot be unpacked" in done.err
    double.write("b.csv.gz", b"")
    double.write("c.csv.zip", b"PK")
    assert "c.csv.zip is compressed as .zip" in double.score("r3").err


def test_empty_input_is_a_finished_run_of_no_records(double: Deployment) -> None:
    done = double.score()
    assert done.code == 0
    assert "there is no file below" in done.out
    assert double.success()["records"] == {"read": 0, "scored": 0, "bad": 0}
    assert double.success()["parts"] == []
    double.write("a.csv", "id,x\n")
    double.score("r2")
    assert double.success("r2")["records"]["read"] == 0
    assert double.parts("r2") == []


@pytest.mark.parametrize(
    ("at", "timezone", "day"),
    [
        ("2024-05-01T03:00:00Z", "UTC", "2024-05-01"),
        ("2024-05-01T22:30:00Z", "Europe/Berlin", "2024-05-02"),
        ("2024-05-01T00:30:00+02:00", "UTC", "2024-04-30"),
        ("2024-05-01T23:30:00", "Europe/Berlin", "2024-05-01"),
    ],
)
def test_the_folder_of_the_scheduled_day_is_read_and_written(
    double: Deployment, at: str, timezone: str, day: str
) -> None:
    double.write(f"{day}/a.csv", table([100]))
    double.write("2024-04-01/a.csv", table([1, 2, 3]))
    assert double.score(partition="date", out_partition="date", at=at, timezone=timezone).code == 0
    assert len(double.rows(under=day)) == 1
    assert json.loads((double.out / day / "run=r1" / "_SUCCESS").read_text())["at"] == at


def test_one_file_may_be_the_input(double: Deployment) -> None:
    path = double.write("a b.csv", table([100, "many"]))
    done = double.score(input=path)
    assert done.code == 1
    assert "a b.csv line 3: `x`" in done.err
    assert double.score("r2", input=path, on_bad_record="skip").code == 0
    assert len(double.rows("r2")) == 1


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"model": None}, "needs --model=DIR or --registry=URI"),
        ({"header": "false", "contract": None}, "csv without a header needs --columns"),
        ({"mini_batch": 5, "mini_batch_bytes": 5}, "not both"),
        ({"node": 2, "nodes": 2}, "nodes are counted from 0"),
        ({"max_bad": 2}, "--max-bad must be a share"),
        ({"out_columns": "id"}, "must be a JSON list of names"),
        ({"run-id": "a/b"}, "--run-id must be one word"),
        ({"partition": "date", "at": "soon"}, "--at must be a time"),
        ({"partition": "date", "at": "2024-05-01T03:00:00Z", "timezone": "Mars/X"}, "--timezone=Mars/X is not known"),
        ({"format": "files"}, "--format of score must be one of csv, parquet, jsonl"),
        ({"call_timeout": 0}, "must be more than 0"),
    ],
)
def test_flags_that_make_no_sense_are_refused(double: Deployment, flags: dict[str, object], said: str) -> None:
    done = double.score(**flags)
    assert done.code == 2
    assert said in done.err


def test_output_inside_the_input_is_refused(double: Deployment) -> None:
    done = double.score(output=double.root / "in" / "out")
    assert done.code == 2
    assert "the next run would read what this one writes" in done.err
