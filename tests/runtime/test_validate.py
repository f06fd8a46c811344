from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from .conftest import Place, Run

pytestmark = pytest.mark.slow


def spoil(place: Place, **cells: tuple[int, Any]) -> None:
    """Changes one value in each named column."""
    path = place / "source" / "wine.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column, (row, value) in cells.items():
        frame.loc[row, column] = value
    frame.to_csv(path, index=False)


def test_good_data_goes_on_with_the_command_behind(run: Run, wine: Place) -> None:
    done = run(
        *("validate", f"--contract={wine / 'contract.json'}", f"--source={wine / 'source'}", "--"),
        *("split", f"--contract={wine / 'contract.json'}", f"--source={wine / 'source'}"),
        *(f"--train={wine / 'train'}", f"--test={wine / 'test'}", f"--validation={wine / 'validation'}"),
    )
    assert (done.code, done.err) == (0, "")
    assert len(pd.read_csv(wine / "test" / "data.csv")) == 31


def test_every_broken_rule_is_told_with_its_count_and_first_values(run: Run, wine: Place) -> None:
    cells = {"alcohol": (3, "-1"), "hue": (5, "abc"), "ash": (7, ""), "id": (9, "0008"), "target": (1, "9")}
    spoil(wine, **cells)
    done = run(
        "validate", f"--contract={wine / 'contract.json'}", f"--source={wine / 'source'}", f"--report={wine / 'r'}"
    )
    assert done.code == 1
    assert set(done.out.splitlines()) == {
        "source: column `hue` has 1 value that is not of type number (row 6: `abc`)",
        "source: column `alcohol` has 1 value below 0 (row 4: `-1`)",
        "source: column `ash` has 1 value missing, and is not nullable (row 8)",
        "source: column `target` has 1 value that is none of 0, 1, 2 (row 2: `9`)",
        "source: column `id` has 1 value that stood before, and must be unique (row 10: `0008`)",
    }
    assert done.err.startswith("mlopsgen: the data breaks 5 rules of its contract: source: column `hue`")
    report = wine.json("r/report.json")
    assert report["passed"] is False
    assert {(rule["column"], rule["rule"], rule["count"]) for rule in report["broken"]} == {
        ("hue", "type", 1), ("alcohol", "minimum", 1), ("ash", "null", 1), ("target", "values", 1), ("id", "unique", 1),
    }  # fmt: skip


def test_a_bad_row_is_never_shown_whole(run: Run, wine: Place) -> None:
    spoil(wine, alcohol=(3, "-1"), colour=(3, "a-secret"))
    done = run("validate", f"--contract={wine / 'contract.json'}", f"--source={wine / 'source'}")
    assert "a-secret" not in done.out + done.err


def test_the_command_behind_does_not_run_on_bad_data(run: Run, wine: Place) -> None:
    spoil(wine, alcohol=(3, "-1"))
    marker = wine / "ran"
    argv = ("--", "python", "-c", f"open(r'{marker}', 'w')")
    assert run("validate", f"--contract={wine / 'contract.json'}", f"--source={wine / 'source'}", *argv).code == 1
    assert not marker.exists()


def test_null_rates_hold_for_nullable_and_undeclared_columns(run: Run, wine: Place) -> None:
    columns = wine.contract["sources"]["source"]["columns"]
    del columns["hue"]
    columns["ash"]["nullable"] = True
    path = wine / "source" / "wine.csv"
    frame = pd.read_csv(path, dtype=str)
    frame.loc[:16, "ash"] = None  # 17 of 178: 9.6 %
    frame.loc[:17, "hue"] = None  # 18 of 178: 10.1 %
    frame.to_csv(path, index=False)
    done = run("validate", f"--contract={wine.write_contract()}", f"--source={wine / 'source'}")
    assert "source: column `hue` misses 10.1% of its values, more than 10.0%\n" in done.out
    assert "`ash`" not in done.out


def test_missing_columns_and_too_few_rows(run: Run, wine: Place) -> None:
    path = wine / "source" / "wine.csv"
    pd.read_csv(path, dtype=str).drop(columns=["ash", "target"]).head(90).to_csv(path, index=False)
    done = run("validate", f"--contract={wine / 'contract.json'}", f"--source={wine / 'source'}")
    assert done.out.splitlines() == [
        "source: column `ash` is missing",
        "source: column `target` is missing",
        "source: the table has 90 rows, fewer than 100",
    ]


def test_a_column_beyond_the_contract_is_noted_not_refused(run: Run, wine: Place) -> None:
    path = wine / "source" / "wine.csv"
    pd.read_csv(path, dtype=str).assign(extra="x").to_csv(path, index=False)
    done = run("validate", f"--contract={wine / 'contract.json'}", f"--source={wine / 'source'}")
    assert (done.code, done.out.splitlines()[0]) == (0, "note: column `extra` of source is not in the contract")


def test_another_contract_than_the_compiled_one_is_refused(run: Run, wine: Place) -> None:
    path = wine / "contract.json"
    digest = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    argv = ("validate", f"--contract={path}", f"--source={wine / 'source'}")
    assert run(*argv, f"--contract-digest={digest}").code == 0
    assert run(*argv, "--contract-digest=sha256:00").code == 2


def test_a_source_that_the_contract_does_not_know_is_wrong_usage(run: Run, wine: Place) -> None:
    done = run("validate", f"--contract={wine / 'contract.json'}", f"--sorce={wine / 'source'}")
    assert (done.code, done.err) == (2, "mlopsgen: the contract has no source `sorce`; it has source\n")


@pytest.mark.parametrize("form", ["semicolon", "no header", "gzip", "parquet", "jsonl", "two files"])
def test_the_same_table_is_read_from_every_form(run: Run, wine: Place, form: str) -> None:
    path = wine / "source" / "wine.csv"
    frame = pd.read_csv(path, dtype={"id": str, "target": str})
    source = wine.contract["sources"]["source"]
    path.unlink()
    match form:
        case "semicolon":
            frame.to_csv(path, sep=";", index=False)
            source["delimiter"] = ";"
        case "no header":
            frame.to_csv(path, header=False, index=False)
            source |= {"header": False, "columns": {name: source["columns"][name] for name in frame.columns}}
        case "gzip":
            frame.to_csv(path.with_suffix(".dat"), index=False, compression="gzip")
            source["compression"] = "gzip"
        case "two files":
            frame.head(50).to_csv(path.with_name("a.csv"), index=False)
            frame.iloc[50:, ::-1].to_csv(path.with_name("b.csv"), index=False)
        case "parquet":
            frame.to_parquet(path.with_suffix(".parquet"))
            source["format"] = "parquet"
        case _:
            frame.to_json(path.with_suffix(".jsonl"), orient="records", lines=True)
            source["format"] = "jsonl"
    contract = wine.write_contract()
    parts = [f"--{part}={wine / part}" for part in ("train", "test", "validation")]
    split = ("split", f"--contract={contract}", f"--source={wine / 'source'}", *parts)
    assert run("validate", f"--contract={contract}", f"--source={wine / 'source'}").err == ""
    assert run(*split).err == ""
    out = ("train", "--framework=sklearn.GaussianNB", f"--contract={contract}", f"--train={wine / 'train'}")
    assert (
        run(*out, f"--model={wine / 'm'}", f"--metrics={wine / 'me'}", f"--validation={wine / 'validation'}").err == ""
    )


def test_unreadable_files_say_what_they_are_not(run: Run, wine: Place) -> None:
    (wine / "source" / "wine.csv").write_bytes(b"\xff\xfe\x00binary")
    done = run("validate", f"--contract={wine / 'contract.json'}", f"--source={wine / 'source'}")
    assert done.code == 1
    assert done.err.startswith("mlopsgen: wine.csv cannot be read as csv: ")
    (wine / "source" / "wine.csv").unlink()
    done = run("validate", f"--contract={wine / 'contract.json'}", f"--source={wine / 'source'}")
    assert done.err == f"mlopsgen: {wine / 'source'} holds no file for source `source`\n"


def test_a_link_in_a_source_is_not_followed(run: Run, wine: Place, tmp_path: Path) -> None:
    (wine / "source" / "more.csv").symlink_to("/etc/passwd")
    done = run("validate", f"--contract={wine / 'contract.json'}", f"--source={wine / 'source'}")
    assert (done.code, "is a link; only plain files are read" in done.err) == (1, True)
