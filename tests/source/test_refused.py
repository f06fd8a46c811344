"""What YAML can say and a spec cannot, each at its place; and texts that are none."""

import pytest

from mlopsgen.codes import CODES
from mlopsgen.source import plain, read_yaml

from .conftest import FindingsOf


@pytest.mark.parametrize(
    ("text", "code", "place", "message"),
    [
        ("a: &x 1\n", "MG102", "1:4", "`&x` is an anchor, which a spec cannot use"),
        ("a:\n  &x\n  b: 1\n", "MG102", "2:3", "`&x` is an anchor, which a spec cannot use"),
        ("a: [&x , 1]\n", "MG102", "1:5", "`&x` is an anchor, which a spec cannot use"),
        ("&x a: 1\n", "MG102", "1:1", "`&x` is an anchor, which a spec cannot use"),
        ("a: 1\nb: *a\n", "MG102", "2:4", "`*a` is an alias, which a spec cannot use"),
        ("a: !!str 1\n", "MG102", "1:4", "`!!str` is a tag, which a spec cannot use"),
        ("a: !x {b: 1}\n", "MG102", "1:4", "`!x` is a tag, which a spec cannot use"),
        ("a: !<tag:x,1> b\n", "MG102", "1:4", "`!<tag:x,1>` is a tag, which a spec cannot use"),
        ("<<: {a: 1}\n", "MG102", "1:1", "`<<` merges maps, which a spec cannot do"),
        ("a: 1\n---\nb: 2\n", "MG102", "2:1", "a second document begins here"),
        ("a: 1\n...\nb: 2\n", "MG102", "3:1", "something follows the end of the document"),
        ("%TAG ! x:\n---\na: 1\n", "MG102", "1:1", "a `%` directive cannot be used"),
        ("%YAML 1.1\n---\na: 1\n", "MG102", "1:1", "a `%` directive cannot be used"),
        ("%YAML 3.0\n---\na: 1\n", "MG102", "1:1", "a `%` directive cannot be used"),
        ("? [a]\n: 1\n", "MG102", "1:3", "a map or list stands where a key belongs"),
        ("a: {{ x }}\n", "MG102", "1:5", "a map or list stands where a key belongs"),
        (": 1\n", "MG101", "1:1", "a key is missing before this colon"),
        ("'': 1\n", "MG101", "1:1", "a key without a name"),
        ("a: 1\na: 2\n", "MG107", "2:1", "`a` is written twice"),
        ("a: 1\n'a': 2\n", "MG107", "2:1", "`a` is written twice"),
        ('{a: 1, "a": 2}\n', "MG107", "1:8", "`a` is written twice"),
        ("", "MG101", "1:1", "the file is empty"),
        ("# only a comment\n", "MG101", "1:1", "the file is empty"),
        ("- a\n", "MG106", "1:1", "a spec is a map of `key: value` lines"),
        ("\n\n  churn\n", "MG106", "3:3", "a spec is a map of `key: value` lines"),
        ("name:churn\n", "MG101", "1:5", "a space is missing after this colon"),
        ("a: {b:1, c: 2}\n", "MG101", "1:6", "a space is missing after this colon"),
    ],
)  # fmt: skip
def test_refused(text: str, code: str, place: str, message: str, findings_of: FindingsOf) -> None:
    wrong = next(d for d in findings_of(text) if d.code == code)
    assert wrong.span
    assert wrong.hint
    assert (f"{wrong.span.line}:{wrong.span.column}", wrong.message) == (place, message)


def test_the_way_to_a_finding_is_told(findings_of: FindingsOf) -> None:
    wrong = findings_of("a:\n  - b: 1\n    c: *x\n  - {d: yes, d: 2}\n")
    assert [d.spec_path for d in wrong] == [("a", 0, "c"), ("a", 1, "d"), ("a", 1, "d")]


def test_true_and_1_are_two_keys() -> None:
    assert list(plain(read_yaml("true: a\n1: b\n'True': c\n", "s").root)) == ["true", "1", "True"]


def test_a_quoted_merge_key_is_a_name() -> None:
    assert plain(read_yaml("'<<': 1\n", "s").root) == {"<<": 1}


def test_one_document_may_be_marked() -> None:
    assert plain(read_yaml("%YAML 1.2\n---\na: 1\n...\n", "s").root) == {"a": 1}


CHARACTERS = [
    ("\0", "U+0000 (null)"),
    ("\x07", "U+0007 (a control character)"),
    ("\x1b", "U+001B (escape)"),
    ("\x7f", "U+007F (delete)"),
    ("\x85", "U+0085 (next line)"),
    ("\x9b", "U+009B (a control character)"),
    ("\u200e", "U+200E (left-to-right mark)"),
    ("\u202e", "U+202E (right-to-left override)"),
    ("\u2066", "U+2066 (left-to-right isolate)"),
    ("\u2028", "U+2028 (line separator)"),
    ("\ufeff", "U+FEFF (zero width no-break space)"),
    ("\uffff", "U+FFFF (no character)"),
    ("\ud83d", "U+D83D (half a surrogate pair)"),
]


@pytest.mark.parametrize(("character", "name"), CHARACTERS)
def test_hidden_characters(character: str, name: str, findings_of: FindingsOf) -> None:
    (only,) = findings_of(f"# 😀\nname: ch{character}urn\n")
    assert (only.code, str(only.span)) == ("MG109", "spec.yaml:2:9")
    assert only.message == f"{name} cannot be part of a spec"


def test_a_hidden_character_does_not_hide_the_next(findings_of: FindingsOf) -> None:
    assert [str(d.span) for d in findings_of("a: \x01\nb: \u202e\x02\n")] == [
        "spec.yaml:1:4",
        "spec.yaml:2:4",
        "spec.yaml:2:5",
    ]


@pytest.mark.parametrize("escape", [r"\0", r"\x07", r"\e", r"\x7f", r"\u202e", r"\L", r"\uFEFF", r"\ud800"])
def test_hidden_characters_by_escape(escape: str, findings_of: FindingsOf) -> None:
    (only,) = findings_of(f'a: "ok"\nb: "x{escape}y"\n')
    assert only.code == "MG109"
    assert only.span
    assert only.span.line == 2


def test_visible_escapes_are_text() -> None:
    assert plain(read_yaml(r'a: "\t\n\u00e9\U0001F600\\"', "s").root) == {"a": "\t\n\u00e9\U0001f600\\"}


def test_lone_carriage_returns_are_told_once(findings_of: FindingsOf) -> None:
    (only,) = findings_of("a: 1\rb: 2\rc: 3\r")
    assert (only.code, only.message) == ("MG109", "U+000D (carriage return) cannot be part of a spec")


def test_windows_line_ends_are_fine(loader: str) -> None:
    source = read_yaml('a: "x\r\n  y"\r\nb:\r\n- 1\r\n', "s")
    assert plain(source.root) == {"a": "x y", "b": [1]}
    assert str(source.locate(("b", 0))) == "s:4:3"


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"a: 1\nb: \xff\n", "2:4", "byte 0xff is not UTF-8"),
        ("\ufeffé: ".encode() + b"\xe9\n", "1:4", "byte 0xe9 is not UTF-8"),
        ("a: 1".encode("utf-16"), "1:1", "the file is UTF-16, not UTF-8"),
        (b"#" * (1 << 20) + b"\n", "1:1", "the file is larger than 1 MiB"),
    ],
)
def test_unreadable_bytes(data: bytes, place: str, message: str, findings_of: FindingsOf) -> None:
    (only,) = findings_of(data)
    assert only.span
    assert (only.code, f"{only.span.line}:{only.span.column}", only.message) == ("MG100", place, message)


def test_size_counts_bytes(findings_of: FindingsOf) -> None:
    assert plain(read_yaml("a: " + "x" * ((1 << 20) - 3), "s").root)
    assert [d.code for d in findings_of("a: " + "é" * (1 << 19))] == ["MG100"]


def test_depth() -> None:
    deep = "a: " + "[" * 63 + "]" * 63
    assert plain(read_yaml(deep, "s").root)


def test_too_deep(findings_of: FindingsOf) -> None:
    (only,) = findings_of("a: " + "[" * 64 + "]" * 64)
    assert (only.code, str(only.span)) == ("MG108", "spec.yaml:1:67")


def test_a_pasted_credential_is_told_by_its_kind_alone(findings_of: FindingsOf) -> None:
    key = "AKIA" + "Q7" * 8
    wrong = findings_of(f'a: {key}\nb: ["x {key}"]\n{key}: 1\nc: |\n  {key}\n')
    assert [(d.code, d.span.line) for d in wrong if d.span] == [("MG115", n) for n in (1, 2, 3, 4)]
    assert key not in "".join(d.message + (d.hint or "") for d in wrong)


def test_some_credentials_are_told_by_their_key(findings_of: FindingsOf) -> None:
    (only,) = findings_of("env:\n  WANDB_API_KEY: " + "0a1b" * 10 + "\n  COMMIT: " + "0a1b" * 10 + "\n")
    assert (only.code, only.spec_path) == ("MG115", ("env", "WANDB_API_KEY"))


def test_a_hundred_findings_are_enough(findings_of: FindingsOf) -> None:
    wrong = findings_of("a: [" + "yes, " * 500 + "]")
    assert (len(wrong), wrong[-1].severity, wrong[-1].code) == (101, "note", "MG108")
    assert "more than 100 findings" in wrong[-1].message
    assert {d.code for d in wrong} <= set(CODES)
