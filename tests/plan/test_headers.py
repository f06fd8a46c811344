"""What a check sees of a local csv: its header, and nothing where that cannot be read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.wrong import HEAD, lay, said

DATA = "data: {source: %s, label: %s%s}\ntraining: {framework: sklearn.LogisticRegression}\n"
TABLE = "\ufeffid,mean radius\n" + "1,2.5\n" * 20_000


def messages(root: Path, name: str, label: str, body: bytes, more: str = "") -> list[tuple[str, str | None]]:
    path = lay(root) / "data" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    source = f"data/{name.split('/', maxsplit=1)[0]}" + ("/" if "/" in name else "")
    findings = said(root, HEAD + DATA % (source, label, more))
    return [(finding.message, finding.hint) for finding in findings if finding.code == "MG210"]


@pytest.mark.parametrize(
    ("name", "body", "more"),
    [
        ("d.csv", TABLE.encode(), ""),
        ("d.csv.gz", gzip.compress(TABLE.encode()), ", compression: gzip"),
        ("days/day=1/part-0.csv", TABLE.encode(), ""),
        ("d.csv", TABLE.encode()[: 1 << 16] + "é".encode() * 50_000, ""),
    ],
)
def test_a_misspelt_label_is_found_before_a_run(tmp_path: Path, name: str, body: bytes, more: str) -> None:
    wrong = messages(tmp_path, name, "mean_radius", body, more)
    assert wrong == [("the file has no column `mean_radius`", "did you mean `mean radius`?")]
    assert not messages(tmp_path, name, '"mean radius"', body, more)


def test_a_folder_of_a_partition_is_a_column(tmp_path: Path) -> None:
    assert not messages(tmp_path, "days/day=1/part-0.csv", "day", TABLE.encode())


@pytest.mark.parametrize(
    "body", [b"", b"\x28\xb5\x2f\xfd\x04\x00X", b"PK\x03\x04\x00\x00", "naïve,b\n".encode("latin-1")]
)
def test_a_file_that_is_no_plain_text_is_left_to_the_run(tmp_path: Path, body: bytes) -> None:
    assert not messages(tmp_path, "d.csv", "anything", body)


def test_some_columns_may_have_rules_where_the_header_has_the_others(tmp_path: Path) -> None:
    """What a run asks for, `columns: {x: number}`, must not ask for a rule of every other column."""
    assert not said(lay(tmp_path), HEAD + DATA % ("data/churn.csv", "churned", ", columns: {age: number}"))


def test_a_name_that_stands_twice_is_found_before_a_run(tmp_path: Path) -> None:
    body = b"age,amount,day,amount,churned,,\n1,2,3,4,5,,\n"
    wrong = [("the header has the column `amount` twice", "give one of the two another name")]
    assert messages(tmp_path, "d.csv", "churned", body) == wrong, "names that are empty are none"
    assert not messages(tmp_path, "d.csv", "churned", body, ", split: none"), "a script of one's own may read it"


def test_a_title_above_the_header_is_told_by_the_line_that_has_the_column(tmp_path: Path) -> None:
    """Excel's export of a report: the hint listed the title and blanks as the header."""
    body = b"Sales report 2024,,\nPrinted 01.02.2025,,\n,,\nRegion,Units,Won\nNorth,3,Yes\n"
    hint = "it stands in line 4: take out the lines above, as the first one is the header"
    assert messages(tmp_path, "d.csv", "Won", body) == [("the file has no column `Won`", hint)]
    assert not messages(tmp_path, "d.csv", "Won", body.split(b"\n", 3)[3])


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_header_longer_than_what_is_read_of_it_is_left_to_the_run(tmp_path: Path, mark: str) -> None:
    """Ten thousand genes: the columns behind the first 64 KiB were said to be missing."""
    genes = [f"gené_{number:05}" for number in range(10_000)]
    body = (mark + ",".join([*genes, "tumour"]) + "\n" + "1," * 10_000 + "yes\n").encode()
    assert not messages(tmp_path, "d.csv", "tumour", body)
    assert not messages(tmp_path, "d.csv", "tumour", body, ", id: gené_09999")


def test_a_short_file_of_one_line_without_its_end_has_a_header(tmp_path: Path) -> None:
    assert messages(tmp_path, "d.csv", "mean_radius", b"id,mean radius")
