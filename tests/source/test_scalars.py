"""What a value without quotes means."""

import pytest

from mlopsgen.diagnostics import SpecError
from mlopsgen.findings.fixes import apply_fixes
from mlopsgen.source import plain, read_yaml

from .conftest import FindingsOf


def read(text: str) -> object:
    return plain(read_yaml(f"a: {text}\n", "spec.yaml").root)["a"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-0", 0),
        ("+5", 5),
        ("42", 42),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("3.10", 3.1),
        ("1e-3", 0.001),
        ("1e3", 1000.0),
        ("1.0e3", 1000.0),
        ("-1.5E+2", -150.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("0.0", 0.0),
        ("0e5", 0.0),
        ("churn", "churn"),
        ("none", "none"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("3.11.7", "3.11.7"),
        ("1.2.3-4", "1.2.3-4"),
        ("-", ["x"]),
        ("10m", "10m"),
        ("16Gi", "16Gi"),
        ("2026-11", "2026-11"),
        ("8080:80", "8080:80"),
        ("e5", "e5"),
        (".", "."),
        ("0xfg", "0xfg"),
        ("s3://a/b", "s3://a/b"),
        ("١٢٣", "١٢٣"),
        ("yesterday", "yesterday"),
        ("'yes'", "yes"),
        ('"0001"', "0001"),
        ('"1e-3"', "1e-3"),
    ],
)
def test_a_plain_value(text: str, value: object) -> None:
    got = read(text) if text != "-" else plain(read_yaml("a:\n- x\n", "s").root)["a"]
    assert (got, type(got)) == (value, type(value))


AMBIGUOUS = [
    "True",
    "TRUE",
    "False",
    "FALSE",
    "Null",
    "NULL",
    "NuLL",
    "yes",
    "Yes",
    "YES",
    "no",
    "No",
    "NO",
    "on",
    "On",
    "ON",
    "off",
    "Off",
    "OFF",
    "y",
    "Y",
    "n",
    "N",
    ".inf",
    ".Inf",
    "-.INF",
    "+.inf",
    ".nan",
    ".NaN",
    "0001",
    "-007",
    "00",
    "08",
    "0o17",
    "0O17",
    "0b101",
    "0x1F",
    "-0x1f",
    "1_000",
    "1_000.5",
    "0_1",
    "01.5",
    "1_0e3",
    "22:22:22",
    "1:30",
    "-1:30",
    "00:30",
    "12:30:45.5",
    "190:20:30",
    "2026-11-03",
    "2026-13-45",
    "2026-1-1",
    "2026-11-03T10:00:00Z",
    "=",
    "<<",
]


@pytest.mark.parametrize("text", [*AMBIGUOUS, "2026-11-03 10:00:00 +1"])
def test_what_readers_disagree_about_is_refused_and_quoting_mends_it(text: str, findings_of: FindingsOf) -> None:
    spec = f"before: 1\nlist:\n  - é😀\n  - {text}   # why\n"
    (only,) = findings_of(spec)
    assert (only.code, only.spec_path, str(only.span)) == ("MG103", ("list", 1), "spec.yaml:4:5")
    assert only.hint
    assert f'`"{text}"`' in only.hint
    assert plain(read_yaml(apply_fixes(spec, [only]), "spec.yaml").root)["list"] == ["é😀", text]


@pytest.mark.parametrize("text", [*AMBIGUOUS, "true", "null", "~", "1", "1.5", "1e-3"])
def test_as_a_key_every_word_is_a_name(text: str, loader: str) -> None:
    if text == "<<":
        pytest.skip("a plain `<<` is a merge key")
    assert list(plain(read_yaml(f"{text}: 1\nb: 2\n", "s").root)) == [text, "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9223372036854775808", "`9223372036854775808` does not fit in 64 bits"),
        ("-9223372036854775809", "`-9223372036854775809` does not fit in 64 bits"),
        ("9" * 5000, f"`{'9' * 40}…` does not fit in 64 bits"),
        ("1e400", "`1e400` is larger than any number a computer holds"),
        ("-1e400", "`-1e400` is larger than any number a computer holds"),
        ("1e-400", "`1e-400` is so small that it reads as zero"),
    ],
)
def test_a_number_that_no_computer_holds(text: str, message: str, findings_of: FindingsOf) -> None:
    (only,) = findings_of(f"a: {text}\n")
    assert (only.code, only.message, only.fix) == ("MG106", message, None)


def test_all_ambiguous_values_and_twins_are_found_at_once(findings_of: FindingsOf) -> None:
    wrong = findings_of("a: yes\na: 0001\nb: [on, 'off', off]\nc:\n  d: True\n  d: 2\n")
    assert [f"{d.span.line}:{d.span.column} {d.code}" for d in wrong if d.span] == [
        "1:4 MG103", "2:1 MG107", "2:4 MG103", "3:5 MG103", "3:16 MG103", "5:6 MG103", "6:3 MG107",
    ]  # fmt: skip


def test_a_quoted_date_is_text() -> None:
    with pytest.raises(SpecError):
        read("2026-11-03")
    assert read("'2026-11-03'") == "2026-11-03"
