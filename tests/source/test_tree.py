"""Where a path of the spec stands in its text."""

import pytest

from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, Span
from mlopsgen.source import Node, plain, read_yaml, with_spans

TEXT = """\
# a comment
name: churn
data:
  source: data/churn.csv   # here
  columns: {age: integer, "née": {type: number, minimum: 0.50}}
training:
  run:
    - python
    - "train.py"
  params:
evaluation: |
  first

  last
tags: [a, [b, c]]
"""
SOURCE = read_yaml(TEXT, "spec.yaml")


def at(*path: str | int, on: On = On.VALUE) -> str:
    span = SOURCE.locate(path, on)
    return f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        (("name",), "2:7-2:12", "2:1-2:5"),
        (("data",), "4:3-5:64", "3:1-3:5"),
        (("data", "source"), "4:11-4:25", "4:3-4:9"),
        (("data", "columns", "née", "minimum"), "5:58-5:62", "5:49-5:56"),
        (("data", "columns", "née"), "5:34-5:63", "5:27-5:32"),
        (("training", "run"), "8:5-9:17", "7:3-7:6"),
        (("training", "run", 1), "9:7-9:17", "9:7-9:17"),
        (("training", "params"), "10:10-10:10", "10:3-10:9"),
        (("evaluation",), "11:13-14:7", "11:1-11:11"),
        (("tags", 1, 0), "15:12-15:13", "15:12-15:13"),
    ],
)
def test_a_key_and_a_value_stand_where_they_were_written(path: tuple[str | int, ...], value: str, key: str) -> None:
    assert (at(*path), at(*path, on=On.KEY)) == (value, key)


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        (("data", "label"), "3:1-3:5"),
        (("data", "split", "test"), "3:1-3:5"),
        (("training", "run", 2), "7:3-7:6"),
        (("training", "run", -1), "7:3-7:6"),
        (("tags", 1, 7), "15:12-15:13"),
        (("tags", True), "15:1-15:5"),
        (("name", "x"), "2:1-2:5"),
        (("deployment",), "2:1-2:5"),
    ],
)
def test_what_was_not_written_stands_at_its_nearest_ancestor(path: tuple[str | int, ...], nearest: str) -> None:
    assert at(*path) == nearest
    assert SOURCE.find(path) is None


def test_plain_data_has_no_positions() -> None:
    assert plain(SOURCE.root) == {
        "name": "churn",
        "data": {"source": "data/churn.csv", "columns": {"age": "integer", "née": {"type": "number", "minimum": 0.5}}},
        "training": {"run": ["python", "train.py"], "params": None},
        "evaluation": "first\n\nlast\n",
        "tags": ["a", ["b", "c"]],
    }


def test_a_scalar_keeps_what_was_written() -> None:
    source = read_yaml('python: 3.10\nquoted: "3.10"\n', "spec.yaml")
    nodes = [source.find(("python",)), source.find(("quoted",))]
    assert [(n.value, n.raw) for n in nodes if isinstance(n, Node)] == [(3.1, "3.10"), ("3.10", '"3.10"')]


def test_a_byte_order_mark_shifts_nothing() -> None:
    source = read_yaml("\ufeffname: churn".encode(), "spec.yaml")
    assert (source.text, source.locate(("name",)).column) == ("name: churn", 7)


def test_findings_are_placed_sorted_and_said_once() -> None:
    later = Diagnostic("MG106", "b", ("tags",))
    earlier = Diagnostic("MG104", "a", ("name",), on=On.KEY)
    placed = with_spans([later, earlier, later], SOURCE)
    assert [(d.code, str(d.span)) for d in placed] == [("MG104", "spec.yaml:2:1"), ("MG106", "spec.yaml:15:7")]


def test_an_error_comes_before_a_warning_at_the_same_place() -> None:
    both = [Diagnostic("MG104", "w", ("name",), severity=Severity.WARNING), Diagnostic("MG106", "e", ("name",))]
    assert [d.code for d in with_spans(both, SOURCE)] == ["MG106", "MG104"]


def test_a_place_that_is_known_stays() -> None:
    span = Span("other.yaml", 9, 9, 9, 10)
    assert with_spans([Diagnostic("MG106", "a", ("name",), span=span)], SOURCE)[0].span == span


def test_a_finding_about_the_whole_spec_stands_at_its_first_key() -> None:
    assert str(with_spans([Diagnostic("MG207", "nothing to do")], SOURCE)[0].span) == "spec.yaml:2:1"


@pytest.mark.parametrize(
    ("fix", "where", "span"),
    [
        (Fix("x"), ("name",), "2:7-2:12"),
        (Fix("x", On.KEY), ("name",), "2:1-2:5"),
        (Fix("x", spec_path=("tags", 0)), ("name",), "15:8-15:9"),
    ],
)
def test_an_edit_gets_its_place(fix: Fix, where: tuple[str, ...], span: str) -> None:
    placed = with_spans([Diagnostic("MG106", "a", where, fix=fix)], SOURCE)[0].fix
    assert placed
    assert placed.span
    s = placed.span
    assert f"{s.line}:{s.column}-{s.end_line}:{s.end_column}" == span


def test_an_edit_of_what_was_never_written_stays_words() -> None:
    """Its nearest ancestor would be overwritten whole."""
    placed = with_spans([Diagnostic("MG105", "a", ("data", "label"), fix=Fix("churned"))], SOURCE)[0]
    assert placed.fix == Fix("churned")


def test_an_edit_where_nothing_stands_keeps_its_space() -> None:
    placed = with_spans([Diagnostic("MG105", "a", ("training", "params"), fix=Fix("{}"))], SOURCE)[0]
    assert placed.fix
    assert placed.fix.text == " {}"
