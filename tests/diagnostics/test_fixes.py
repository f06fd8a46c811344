"""Edits of findings, made in the text."""

import pytest

from mlopsgen.diagnostics import Diagnostic, Fix, Span
from mlopsgen.findings.fixes import apply_fixes


def edit(line: int, column: int, end: int, text: str, file: str = "s") -> Diagnostic:
    return Diagnostic("MG104", "m", fix=Fix(text, span=Span(file, line, column, line, end)))


TEXT = "añ: one\r\nb😀: two\nc: three"


@pytest.mark.parametrize(
    ("edits", "text"),
    [
        ([], TEXT),
        ([edit(1, 5, 8, "1")], "añ: 1\r\nb😀: two\nc: three"),
        ([edit(2, 5, 8, "2"), edit(1, 5, 8, "1"), edit(3, 1, 2, "see")], "añ: 1\r\nb😀: 2\nsee: three"),
        ([edit(1, 5, 8, "1"), edit(1, 5, 8, "1")], "añ: 1\r\nb😀: two\nc: three"),
        ([edit(1, 5, 8, "1"), edit(1, 6, 9, "X")], "añ: 1\r\nb😀: two\nc: three"),
        ([edit(1, 5, 5, "x "), edit(1, 5, 5, "y ")], "añ: x one\r\nb😀: two\nc: three"),
        ([edit(1, 1, 3, "k"), edit(1, 3, 4, " ->")], "k -> one\r\nb😀: two\nc: three"),
        ([edit(3, 4, 9, "3")], "añ: one\r\nb😀: two\nc: 3"),
        ([edit(9, 1, 1, "!")], TEXT + "!"),
    ],
)
def test_edits(edits: list[Diagnostic], text: str) -> None:
    assert apply_fixes(TEXT, edits) == text
    assert apply_fixes("\ufeff" + TEXT, edits) == "\ufeff" + text


def test_edits_without_a_place_are_left() -> None:
    assert apply_fixes(TEXT, [Diagnostic("MG104", "m", fix=Fix("x")), Diagnostic("MG104", "m")]) == TEXT


def test_edits_of_other_files_are_left() -> None:
    assert apply_fixes(TEXT, [edit(1, 5, 8, "1", file="other")], "s") == TEXT


def test_an_edit_over_several_lines() -> None:
    d = Diagnostic("MG104", "m", fix=Fix("x", span=Span("s", 1, 5, 3, 3)))
    assert apply_fixes(TEXT, [d]) == "añ: x three"


def test_a_text_that_begins_with_an_empty_line() -> None:
    assert apply_fixes("\na: one\n", [edit(2, 4, 7, "1")]) == "\na: 1\n"
