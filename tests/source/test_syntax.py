"""The slips people make when they write YAML: each has its sentence, its place and its way out."""

import pytest

from mlopsgen.diagnostics import SpecError
from mlopsgen.findings.fixes import apply_fixes
from mlopsgen.source import plain, read_yaml

from .conftest import FindingsOf

SLIPS = [
    # tabs
    ("a:\n\tb: 1\n", "2:1", "a tab indents this line"),
    ("a:\n  b: 1\n \tc: 2\n", "3:2", "a tab indents this line"),
    ("a:\n\t- 1\n", "2:1", "a tab indents this line"),
    ("a: 1\n\tb: 2\n", "2:1", "a tab indents this line"),
    # a space is missing
    ("name:churn\nfoo: 1\n", "1:5", "a space is missing after this colon"),
    ("foo: 1\nname:churn\n", "2:5", "a space is missing after this colon"),
    ("a:\n  name:x\n  b: 1\n", "2:7", "a space is missing after this colon"),
    ("a:\n  # why\n  name:x\n\n  b: 1\n", "3:7", "a space is missing after this colon"),
    ("- a: 1\n-b\n", "2:1", "a space is missing after this dash"),
    # brackets
    ("a: [1, 2\nb: 3\n", "1:4", "this `[` is never closed"),
    ("a: [1, 2\n", "1:4", "this `[` is never closed"),
    ("a: [1, 2 # x]\nb: 1\n", "1:4", "this `[` is never closed"),
    ("a: [1, ']'\nb: 1\n", "1:4", "this `[` is never closed"),
    ("a: [\n", "1:4", "this `[` is never closed"),
    ("a: [1, {b: [2]\n", "1:8", "this `{` is never closed"),
    ("a: {b: 1\nc: 2\n", "1:4", "this `{` is never closed"),
    ("a: {\n  b: 1,\n  c: 2\nd: 3\n", "1:4", "this `{` is never closed"),
    ("a: [1, 2}\nb: 1\n", "1:9", "`[` is closed by `}`"),
    ("a: ]\n", "1:4", "`]` closes nothing"),
    ("a: }\n", "1:4", "`}` closes nothing"),
    ("a: {b: 1 c: 2}\n", "1:10", "a comma is missing before this"),
    ('a: ["x" "y"]\n', "1:9", "a comma is missing before this"),
    ('{"a": 1,\n "b": 2\n "c": 3}', "3:2", "a comma is missing before this"),
    ("a: , b\n", "1:4", "a value is missing before this comma"),
    ("a: [- b]\n", "1:5", "a value is missing here"),
    ("a: {b: ${var.x}}\n", "1:8", "`${…}` inside brackets needs quotes"),
    ("a: [${var.x}, 1]\n", "1:5", "`${…}` inside brackets needs quotes"),
    # quotes
    ('a: "x\nb: 1\n', "1:4", "this quote is never closed"),
    ("a: 'x\nb: 1\n", "1:4", "this quote is never closed"),
    ('"a: 1\nb: 2\n', "1:1", "this quote is never closed"),
    ('a: "x\nb: "y"\nc: 1\n', "1:4", "this quote is not closed in its line"),
    ('"a: 1\nb: "x"\n', "1:1", "this quote is not closed in its line"),
    ('a: ["x]\nb: "y"\n', "1:5", "this quote is not closed in its line"),
    ("a: 'it's'\n", "1:8", "text follows the closing quote"),
    ('a: "x" # ok\nb: "y"z\n', "2:7", "text follows the closing quote"),
    ("a: [1]x\n", "1:7", "text follows the closing bracket"),
    ('a: "C:\\data"\n', "1:7", "`\\d` is no escape that double quotes know"),
    ('a: "\\xZZ"\n', "1:5", "`\\x` is no escape that double quotes know"),
    # indentation
    ("a: 1\n  b: 2\n", "2:3", "this line is indented below a line that has its value already"),
    ("a:\n    b: 1\n  c: 2\n", "3:3", "the indentation of this line fits no line above"),
    ("a: |\n    x\n  y\nb: 1\n", "3:3", "the indentation of this line fits no line above"),
    ("a:\n  - 1\n - 2\n", "3:2", "this list item fits no list above"),
    ("a: 1\n- b\n", "2:1", "this list item fits no list above"),
    ("- a\nb: 1\n", "2:1", "a key stands among list items"),
    ("a:\n  - b\n  c: 1\n", "3:3", "a key stands among list items"),
    # colons
    ("description: Note: this\n", "1:18", "a second `: ` stands in this line"),
    ("a: 1\nfoo\nb: 2\n", "2:1", "this line has no colon"),
    ("foo\nb: 2\n", "1:1", "this line has no colon"),
    ("a: 1\nfoo\n", "2:1", "this line has no colon"),
    (": 1\n", "1:1", "a key is missing before this colon"),
    ("k" * 1100 + ": 1\n", "1:1101", "a key is longer than 1,024 characters"),
    ("a: - b\n", "1:4", "a list cannot begin in the line of its key"),
    # characters that begin something in YAML
    ("a: @foo\n", "1:4", "a value cannot begin with `@`"),
    ("a: `foo`\n", "1:4", "a value cannot begin with a backtick"),
    ("a: %foo\n", "1:4", "a value cannot begin with `%`"),
    ("a: ?\n", "1:4", "a value cannot begin with `?`"),
    ("a: >=1.0\n", "1:4", "`>` begins a block of text in YAML"),
    ("a: |x\n", "1:4", "`|` begins a block of text in YAML"),
]


@pytest.mark.parametrize(("text", "place", "message"), SLIPS)
def test_a_slip(text: str, place: str, message: str, findings_of: FindingsOf) -> None:
    (only,) = findings_of(text)
    assert only.span
    assert (only.code, f"{only.span.line}:{only.span.column}", only.message) == ("MG101", place, message)
    assert only.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a: *.py # all\n", "if it is text, quote it: `'*.py'`"),
        ("a: **/*.csv\n", "if it is text, quote it: `'**/*.csv'`"),
        ("a: & b\n", "if it is text, quote it: `'& b'`"),
    ],
)
def test_text_that_looks_like_an_alias_or_anchor(text: str, hint: str, findings_of: FindingsOf) -> None:
    (only,) = findings_of(text)
    assert (only.code, str(only.span), only.hint) == ("MG102", "spec.yaml:1:4", hint)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("name:churn\nfoo: 1\n", {"name": "churn", "foo": 1}),
        ("foo: 1\nname:churn\n", {"foo": 1, "name": "churn"}),
        ("a: {b:1, c: 2}\n", {"a": {"b": 1, "c": 2}}),
        ("name:churn\n", {"name": "churn"}),
    ],
)
def test_a_missing_space_can_be_put_in(text: str, mended: object, findings_of: FindingsOf) -> None:
    assert plain(read_yaml(apply_fixes(text, findings_of(text)), "s").root) == mended


def test_what_was_found_before_the_slip_is_told_too(findings_of: FindingsOf) -> None:
    assert [d.message for d in findings_of("a: yes\na: 1\nb: [\n")] == [
        "`yes` is a boolean to some YAML readers and text to others",
        "`a` is written twice",
        "this `[` is never closed",
    ]


def test_a_slip_in_any_place_of_a_real_spec_is_located(loader: str) -> None:
    """One character taken out or put in anywhere: if that is no YAML, the finding stands in its line or the next."""
    spec = """name: churn
data:
  source: 'a b.csv'
  columns: {age: integer, x: {type: number}}
training:
  run: [python, "train.py"]
  params:
    folds: 5
"""
    far = []
    for i in range(len(spec)):
        for text in (spec[:i] + spec[i + 1 :], *(spec[:i] + c + spec[i:] for c in "\t\"'[]{}:,- ")):
            try:
                read_yaml(text, "s")
            except SpecError as wrong:
                line = spec.count("\n", 0, i) + 1
                if not any(d.span and abs(d.span.line - line) <= 1 for d in wrong.findings):
                    far.append((i, text, [str(d.span) + d.message for d in wrong.findings]))
    assert far == []


def test_the_mark_of_a_glued_value_is_its_colon(findings_of: FindingsOf) -> None:
    (only,) = findings_of("a: {long:1}\n")
    assert only.span
    assert (only.span.column, only.span.end_column) == (9, 10)
