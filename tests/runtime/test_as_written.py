"""Files that say something else than they seem to: nothing is shifted, cut, renamed, rounded or guessed in silence."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlopsgen.runtime.contract import Contract, read_contract
from mlopsgen.runtime.doubts import doubts
from mlopsgen.runtime.problems import Failed
from mlopsgen.runtime.tables import read_rows, read_table

from .conftest import Done, Run

pytestmark = pytest.mark.slow


def contract(root: Path, columns: dict[str, Any] | None = None, **more: Any) -> Contract:
    """A contract of one source, with its file beside it."""
    roles = more.pop("roles", {})
    source = {"columns": columns or {}, **more.pop("source", {})}
    said = {"format_version": 1, "main": "source", "sources": {"source": source}, "roles": roles, **more}
    (root / "contract.json").write_text(json.dumps(said))
    return read_contract(root / "contract.json")


def put(root: Path, text: str, name: str = "d.csv") -> Path:
    path = root / "source" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return root / "source"


def validate(run: Run, root: Path) -> Done:
    return run("validate", f"--contract={root / 'contract.json'}", f"--source={root / 'source'}")


def split(run: Run, root: Path) -> Done:
    parts = (f"--train={root / 'train'}", f"--test={root / 'test'}")
    return run("split", f"--contract={root / 'contract.json'}", f"--source={root / 'source'}", *parts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size,age\n1,44,1\n2,50,2\n", "d.csv line 2 has 3 fields, the header 2"),
        ("size,age\n1,44\n2,50,2\n", "d.csv line 3 has 3 fields, the header 2"),
        ("size,age,price\n1,44,5\n2,50\n", "d.csv line 3 has 2 fields, the header 3"),
        ('size,note,price\n1,"a\nb",5\n2,50\n', "d.csv line 4 has 2 fields, the header 3"),
        ("size,age\n1,44,\n2,50\n", "d.csv line 3 has 2 fields, the header 2"),
        ("size,age,size\n1,44,2\n", "d.csv line 1 names the column `size` twice"),
        ("size;age\n1;44\n", 'd.csv has one column, `size;age`: is it separated by `;`? write `delimiter: ";"`'),
        ("size\tage\n1\t44\n", r'is it separated by tabs? write `delimiter: "\t"`'),
        ("", "d.csv is empty"),
    ],
)
def test_a_csv_whose_rows_and_header_differ_shifts_nothing(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(Failed) as refused:
        read_rows(put(tmp_path, text), contract(tmp_path).source)
    assert message in str(refused.value)


def test_a_file_without_header_is_as_long_as_its_columns(tmp_path: Path) -> None:
    columns = {"a": {"type": "integer"}, "b": {"type": "integer"}}
    known = contract(tmp_path, columns, source={"header": False})
    with pytest.raises(Failed, match=r"d.csv line 1 has 3 fields, `columns` 2"):
        read_rows(put(tmp_path, "1,2,3\n"), known.source)
    assert read_rows(put(tmp_path, "1,2\n3,4\n"), known.source)["b"].tolist() == ["2", "4"]


def test_an_empty_field_at_the_end_of_each_row_is_no_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = read_rows(put(tmp_path, "size,age\n1,44,\n2,50,\n"), contract(tmp_path).source)
    assert rows.to_dict("list") == {"size": ["1", "2"], "age": ["44", "50"]}
    assert "note: every row of d.csv ends with a separator" in capsys.readouterr().out
    rows = read_rows(put(tmp_path, "size,age,,\n1,44,,\n2,50,,\n"), contract(tmp_path).source)
    assert list(rows.columns) == ["size", "age"]


def test_packed_files_are_counted_too(tmp_path: Path) -> None:
    folder = put(tmp_path, "a,b\n1,2\n", "a.csv")
    (folder / "b.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n3,4,5\n"))
    with pytest.raises(Failed, match=r"b.csv.gz line 3 has 3 fields, the header 2"):
        read_rows(folder, contract(tmp_path).source)


def test_row_numbers_of_pandas_are_no_feature(tmp_path: Path) -> None:
    folder, known = put(tmp_path, ",size\n0,5\n1,6\n"), contract(tmp_path)
    assert [d.column for d in doubts(known, known.source, read_rows(folder, known.source))] == ["Unnamed: 0"]
    settled = contract(tmp_path, roles={"ignore": ["Unnamed: 0"]})
    assert not list(doubts(settled, settled.source, read_rows(folder, settled.source)))


def test_what_spark_leaves_beside_its_files_is_no_data(tmp_path: Path) -> None:
    """Spark, Hadoop, Arrow and Athena skip names that begin with `_` or `.` when they read such a folder."""
    folder = put(tmp_path, "a,b\n1,2\n", "part-00000.csv")
    put(tmp_path, "b,a\n4,3\n", "part-00001.csv")
    for name in ("_SUCCESS", ".part-00000.csv.crc", "_temporary/0/part-00009.csv", "_committed_1"):
        put(tmp_path, "", name)
    assert read_rows(folder, contract(tmp_path).source)["a"].tolist() == ["1", "3"]


@pytest.mark.parametrize(
    ("format_", "text", "blank"), [("csv", "a\n1\n", ""), ("csv", "a\n1\n", "\n"), ("jsonl", '{"a": "1"}\n', "")]
)
def test_an_empty_part_of_spark_holds_no_rows_and_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], format_: str, text: str, blank: str
) -> None:
    """Spark writes a file without a byte for a partition without a row: the whole folder was refused."""
    source = contract(tmp_path, source={"format": format_}).source
    folder = put(tmp_path, blank, f"part-00000.{format_}")
    with pytest.raises(Failed, match=rf"^part-00000.{format_} is empty$"):
        read_rows(folder, source)
    put(tmp_path, text, f"part-00001.{format_}")
    assert read_rows(folder, source)["a"].tolist() == ["1"]
    assert capsys.readouterr().out == f"note: 1 of 2 files of source are empty: part-00000.{format_}\n"
    put(tmp_path, blank, f"part-00001.{format_}")
    with pytest.raises(Failed, match=r"^all 2 files of .*source are empty$"):
        read_rows(folder, source)


def test_a_part_of_json_lines_without_an_optional_key_is_read_as_a_line_without_it_is(tmp_path: Path) -> None:
    """One file with both lines was read, and two files with a line each were refused."""
    source = contract(tmp_path, source={"format": "jsonl"}).source
    put(tmp_path, '{"a": 1}\n', "part-0.jsonl")
    folder = put(tmp_path, '{"a": 2, "b": "x"}\n', "part-1.jsonl")
    parts = read_rows(folder, source)
    (folder / "part-1.jsonl").unlink()
    put(tmp_path, '{"a": 1}\n{"a": 2, "b": "x"}\n', "part-0.jsonl")
    assert parts.astype(object).equals(read_rows(folder, source).astype(object))


def test_folders_of_a_partitioned_table_are_columns(tmp_path: Path) -> None:
    put(tmp_path, "x\n1\n", "day=2024-01-01/_kind=a%20b/part-0.csv")
    folder = put(tmp_path, "x\n2\n", "day=2024-01-02/_kind=__HIVE_DEFAULT_PARTITION__/part-0.csv")
    rows = read_rows(folder, contract(tmp_path).source)
    assert rows.to_dict("list") == {"x": ["1", "2"], "day": ["2024-01-01", "2024-01-02"], "_kind": ["a b", ""]}


def test_rows_that_a_delta_table_has_deleted_are_not_read(tmp_path: Path) -> None:
    """https://github.com/delta-io/delta/blob/master/PROTOCOL.md: a `remove` leaves its file in the folder."""
    folder = put(tmp_path, "x\n1\n", "part-0.csv")
    put(tmp_path, '{"metaData": {}}\n{"add": {"path": "part-0.csv"}}\n', "_delta_log/00000000000000000000.json")
    assert read_rows(folder, contract(tmp_path).source)["x"].tolist() == ["1"]
    put(tmp_path, "x\n2\n", "part-1.csv")
    put(
        tmp_path,
        '{"add": {"path": "part-1.csv"}}\n{"remove": {"path": "part-0.csv"}}\n',
        "_delta_log/00000000000000000001.json",
    )
    with pytest.raises(Failed, match=r"is a Delta table, and part-0.csv is not known to be of its newest version"):
        read_rows(folder, contract(tmp_path).source)


@pytest.mark.parametrize("ids", [[2**60, 2**60 + 1], ["00042", "00007"], ["12345678901234567890", "1"]])
@pytest.mark.parametrize("declared", ["integer", "string", None])
def test_an_id_is_copied_as_it_is_written(tmp_path: Path, ids: list[Any], declared: str | None) -> None:
    known = contract(tmp_path, {"id": {"type": declared}} if declared else {}, roles={"id": "id", "label": "y"})
    folder = put(tmp_path, "id,y\n" + "".join(f"{one},{n}\n" for n, one in enumerate(ids)))
    if declared == "integer" and len(str(ids[0])) == 20:
        with pytest.raises(Failed, match="`12345678901234567890`, which is not of type integer"):
            read_table(folder, known)
        return
    assert read_table(folder, known)["id"].tolist() == [str(one) for one in ids]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_large_whole_numbers_do_not_become_others(run: Run, tmp_path: Path, form: str) -> None:
    """A column with a null in it becomes floats in pandas, and a float knows no odd number beyond 2⁵³."""
    numbers = [2**60 + n for n in range(40)]
    frame = pd.DataFrame({"key": pd.array([*numbers, None], dtype="Int64"), "y": range(41)})
    (tmp_path / "source").mkdir()
    match form:
        case "csv":
            frame.to_csv(tmp_path / "source" / "d.csv", index=False)
        case "jsonl":
            lines = [json.dumps({"key": n, "y": y}) for y, n in enumerate([*numbers, None])]
            (tmp_path / "source" / "d.jsonl").write_text("\n".join(lines))
        case _:
            frame.to_parquet(tmp_path / "source" / "d.parquet")
    known = contract(
        tmp_path, {"key": {"type": "integer", "nullable": True, "maximum": 2.0**60 + 2**11}},
        source={"format": form}, checks={"unique": ["key"]}, split={"test": 0.2, "stratify": False},
    )  # fmt: skip
    assert validate(run, tmp_path).err == ""
    assert split(run, tmp_path).err == ""
    parts = pd.concat([read_table(tmp_path / part, known)["key"] for part in ("train", "test")])
    assert sorted(int(n) for n in parts.dropna()) == numbers


def test_a_whole_number_is_not_rounded_because_another_has_a_point(tmp_path: Path) -> None:
    known = contract(tmp_path, {"n": {"type": "integer", "nullable": True}})
    assert read_table(put(tmp_path, f"n,y\n1.0,1\n{2**60 + 1},2\n,3\n"), known)["n"].dropna().tolist() == [1, 2**60 + 1]


def test_a_bound_is_not_rounded_either(run: Run, tmp_path: Path) -> None:
    contract(tmp_path, {"n": {"type": "integer", "maximum": 2.0**53}})
    put(tmp_path, f"n\n{2**53}\n{2**53 + 1}\n")
    assert "column `n` has 1 value above" in validate(run, tmp_path).out


def test_a_number_beyond_64_bits_in_a_column_that_nobody_declared_is_text(run: Run, tmp_path: Path) -> None:
    known = contract(tmp_path, {"y": {"type": "integer"}}, split={"test": 0.2, "stratify": False})
    put(tmp_path, "n,y\n" + "".join(f"1234567890123456789{n},{n}\n" for n in range(10)))
    assert (validate(run, tmp_path).err, split(run, tmp_path).err) == ("", "")
    assert read_table(tmp_path / "train", known)["n"].str.len().eq(20).all()


def test_codes_with_leading_zeros_are_no_quantities(tmp_path: Path) -> None:
    table = read_table(put(tmp_path, "code,y\n00042,1\n17,2\n"), contract(tmp_path))
    assert table["code"].tolist() == ["00042", "17"]


@pytest.mark.parametrize("odd", ["inf", "unknown", "1,234.5", "12 kg"])
def test_an_odd_cell_does_not_make_words_of_numbers(run: Run, tmp_path: Path, odd: str) -> None:
    put(tmp_path, "x,y\n" + "".join(f"{n}.5,{n}\n" for n in range(20)) + f'"{odd}",3\n')
    contract(tmp_path, checks={"min_rows": 1}, split={"test": 0.2, "stratify": False})
    for done in (validate(run, tmp_path), split(run, tmp_path)):
        assert done.code == 1
        assert f"row 21 `{odd}`" in done.err
        assert "`columns: {x: number}`" in done.err
    contract(tmp_path, {"x": {"type": "number"}})
    assert f"column `x` has 1 value that is not of type number (row 21: `{odd}`)" in validate(run, tmp_path).out
    for settled in ({"columns": {"x": {"type": "category"}}}, {"roles": {"ignore": ["x"]}}):
        contract(tmp_path, split={"test": 0.2, "stratify": False}, **settled)
        assert split(run, tmp_path).err == ""


def test_the_file_of_an_odd_cell_is_named_where_there_are_several(tmp_path: Path) -> None:
    put(tmp_path, "x\n" + "1.5\n" * 9, "a.csv")
    known, folder = contract(tmp_path), put(tmp_path, "x\n1.5\n?\n", "b.csv")
    (doubt,) = doubts(known, known.source, read_rows(folder, known.source))
    assert "not in b.csv row 2 `?`" in doubt.message


def test_decimal_commas_are_asked_about_and_then_read(run: Run, tmp_path: Path) -> None:
    put(tmp_path, "x;y\n" + "".join(f"{n},25;{n}\n" for n in range(10)))
    split_of = {"test": 0.2, "stratify": False}
    contract(tmp_path, source={"delimiter": ";"}, split=split_of)
    done = split(run, tmp_path)
    assert done.code == 1
    assert 'write `decimal: ","` if decimals follow them' in done.err
    known = contract(tmp_path, source={"delimiter": ";", "decimal": ","}, split=split_of)
    assert split(run, tmp_path).err == ""
    assert set(read_table(tmp_path / "test", known)["x"] % 1) == {0.25}
    known = contract(tmp_path, {"x": {"type": "number"}}, source={"delimiter": ";", "decimal": ","})
    with pytest.raises(Failed, match=r"holds `1.5`, which is not of type number"):
        read_table(put(tmp_path, "x;y\n1.5;1\n"), known)


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_lists_and_maps_in_cells_are_no_words(run: Run, tmp_path: Path, form: str) -> None:
    (tmp_path / "source").mkdir()
    rows = [{"x": n, "tags": [n], "who": {"age": n}} for n in range(10)]
    if form == "jsonl":
        (tmp_path / "source" / "d.jsonl").write_text("\n".join(map(json.dumps, rows)))
    else:
        pd.DataFrame(rows).to_parquet(tmp_path / "source" / "d.parquet")
    split_of = {"test": 0.2, "stratify": False}
    contract(tmp_path, source={"format": form}, split=split_of)
    done = split(run, tmp_path)
    assert done.code == 1
    assert "column `tags` holds a list (row 1): write its parts as columns of their own" in done.err
    assert "column `who` holds a map (row 1)" in done.err
    known = contract(tmp_path, source={"format": form}, roles={"ignore": ["tags", "who"]}, split=split_of)
    assert (validate(run, tmp_path).err, split(run, tmp_path).err) == ("", "")
    assert len(read_table(tmp_path / "test", known)) == 2


def test_the_index_of_a_filtered_frame_is_no_column(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    frame = pd.DataFrame({"x": range(10)})
    # Of rows that lie evenly, pandas keeps the index as a range, which Parquet has no column for.
    frame[frame["x"].isin([1, 2, 5, 9])].to_parquet(tmp_path / "source" / "d.parquet")
    rows = read_rows(tmp_path / "source", contract(tmp_path, source={"format": "parquet"}).source)
    assert (list(rows.columns), list(rows.index)) == (["x"], [0, 1, 2, 3])


def test_an_empty_table_misses_no_values(run: Run, tmp_path: Path) -> None:
    contract(tmp_path, checks={"max_null_rate": 0.1, "min_rows": 1})
    put(tmp_path, "x,y\n")
    assert validate(run, tmp_path).out == "source: the table has 0 rows, fewer than 1\n"


def test_rows_without_a_label_do_not_end_a_stratified_split(run: Run, tmp_path: Path) -> None:
    for form, label in (("csv", "number"), ("parquet", None), ("parquet", "integer"), ("jsonl", None)):
        root = tmp_path / f"{form}-{label}"
        (root / "source").mkdir(parents=True)
        values = [None if n % 7 == 0 else n + 0.5 * (label != "integer") for n in range(60)]
        frame = pd.DataFrame({"x": range(60), "y": values})
        write = {"csv": frame.to_csv, "parquet": frame.to_parquet}.get(form)
        if write is None:
            frame.to_json(root / "source" / "d.jsonl", orient="records", lines=True)
        else:
            write(root / "source" / f"d.{form}", index=False)
        columns = {"y": {"type": label, "nullable": True}} if label else {}
        contract(root, columns, source={"format": form}, roles={"label": "y"}, split={"test": 0.2, "stratify": True})
        assert split(run, root).err == "", (form, label)
