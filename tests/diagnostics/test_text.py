"""What a person sees."""

import re

import pytest

from mlopsgen.diagnostics import Diagnostic, Fix, Severity, Span, SpecError
from mlopsgen.findings.text import as_text, count
from mlopsgen.source import read_yaml

HINT = "did you mean `schedule`? real-time deployments have none; batch ones do"


def finding(line: int, column: int, width: int, **more: object) -> Diagnostic:
    span = Span("spec.yaml", line, column, line, column + width)
    return Diagnostic("MG104", "unknown field", span=span, **more)  # type: ignore[arg-type]


def shown(text: str | bytes, *findings: Diagnostic) -> list[str]:
    return as_text(findings, {"spec.yaml": text}).split("\n")


def test_the_form() -> None:
    text = "deployment:\n  live:\n    mode: real-time\n" + "\n" * 27 + "    shedule: daily\n"
    message = "unknown field `shedule` in a real-time deployment"
    d = Diagnostic("MG104", message, hint=HINT, span=Span("spec.yaml", 31, 5, 31, 12))
    assert as_text([d], {"spec.yaml": text}) == (
        "spec.yaml:31:5: error[MG104]: unknown field `shedule` in a real-time deployment\n"
        "   31 |     shedule: daily\n"
        "      |     ^^^^^^^\n"
        f"      = hint: {HINT}\n"
        "\n"
        "1 error\n"
    )


def test_nothing_found_says_nothing() -> None:
    assert as_text([], {}) == ""


def test_without_a_place() -> None:
    assert as_text([Diagnostic("MG440", "cfn-lint is not installed", severity=Severity.WARNING)], {}) == (
        "warning[MG440]: cfn-lint is not installed\n\n1 warning\n"
    )


def test_of_a_file_whose_text_nobody_has() -> None:
    assert as_text([finding(1, 1, 1)], {}) == "spec.yaml:1:1: error[MG104]: unknown field\n\n1 error\n"


def test_behind_the_end_of_the_text() -> None:
    assert shown("a: 1\n", finding(9, 1, 1))[:2] == ["spec.yaml:9:1: error[MG104]: unknown field", ""]


@pytest.mark.parametrize(
    ("line", "column", "width", "code", "marks"),
    [
        ("\tab: c", 2, 2, "    ab: c", "    ^^"),
        ("a:\t[x,\ty]", 8, 1, "a:  [x, y]", "        ^"),
        ("a\tb", 2, 1, "a   b", " ^^^"),
        ("表面: ü", 5, 1, "表面: ü", "      ^"),
        ("表面: ü", 1, 2, "表面: ü", "^^^^"),
        ("😀: x", 4, 1, "😀: x", "    ^"),
        ("e\u0301e\u0301: x", 7, 1, "e\u0301e\u0301: x", "    ^"),
        ("a: \u202ex", 5, 1, "a: <U+202E>x", "           ^"),
        ("a: \x1b[2Jx", 4, 1, "a: <U+001B>[2Jx", "   ^^^^^^^^"),
        ("a: \u200bx", 4, 1, "a: <U+200B>x", "   ^^^^^^^^"),
        ("ab", 3, 0, "ab", "  ^"),
        ("ab", 3, 9, "ab", "  ^"),
        ("", 1, 1, "", "^"),
    ],
)
def test_marks_stand_under_their_place(line: str, column: int, width: int, code: str, marks: str) -> None:
    _, above, below, *_ = shown(f"{line}\n", finding(1, column, width))
    assert (above, below) == (f"    1 | {code}".rstrip(), f"      | {marks}")


def test_a_place_of_several_lines_shows_its_first() -> None:
    d = Diagnostic("MG106", "m", span=Span("spec.yaml", 1, 4, 3, 5))
    assert shown("a: |\n  x\n  yz\n", d)[1:3] == ["    1 | a: |", "      |    ^ to line 3"]


def test_a_long_line_is_trimmed_around_the_place() -> None:
    line = "a" * 300 + "HERE" + "b" * 300
    _, above, below, *_ = shown(line, finding(1, 301, 4))
    assert len(above) < 140
    assert above.startswith("    1 | …aaa")
    assert above.endswith("bbb…")
    assert above[below.index("^") : below.rindex("^") + 1] == "HERE"


def test_a_long_place_is_trimmed_too() -> None:
    _, above, below, *_ = shown("x" * 5000, finding(1, 1, 5000))
    assert (len(above), below.count("^")) == (8 + 120 + 1, 120)


def test_a_line_of_a_million_wide_characters_costs_nothing() -> None:
    _, above, below, *_ = shown("表" * 900_000, *[finding(1, 500_000, 1)] * 50)
    assert above[8] == "…"
    assert below.endswith("^^")


def test_messages_and_hints_cannot_steer_the_terminal() -> None:
    d = Diagnostic(
        "MG106", "\x1b[31mred\u202e", hint="a\rb\nspec.yaml:1:1: error[MG100]: forged", span=Span("a\x1bb", 1, 1, 1, 1)
    )
    text = as_text([d], {})
    assert text.split("\n")[:3] == [
        "a<U+001B>b:1:1: error[MG106]: <U+001B>[31mred<U+202E>",
        "      = hint: a<U+000D>b<U+000A>spec.yaml:1:1: error[MG100]: forged",
        "",
    ]


def test_a_message_of_several_lines_is_indented() -> None:
    assert shown("", Diagnostic("MG602", "failed\n  at x\nat y"))[:3] == [
        "error[MG602]: failed",
        "          at x",
        "        at y",
    ]


def test_an_edit_without_hint_is_said() -> None:
    assert "      = hint: write `x`" in shown("a: y\n", finding(1, 4, 1, fix=Fix("x")))


def test_colors_are_added_and_nothing_else() -> None:
    import re

    d = finding(1, 4, 1, hint="h")
    colored = as_text([d], {"spec.yaml": "a: y\n"}, color=True)
    assert "\x1b[1;31merror[MG104]\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == as_text([d], {"spec.yaml": "a: y\n"})


def test_bytes_and_marks_are_taken_as_text() -> None:
    assert shown(b"\xef\xbb\xbfa: \xff\r\n", finding(1, 4, 1))[1] == "    1 | a: \ufffd"


@pytest.mark.parametrize(
    ("severities", "words"),
    [
        ("e", "1 error"),
        ("eew", "2 errors, 1 warning"),
        ("wwn", "2 warnings, 1 note"),
        ("nn", "2 notes"),
    ],
)
def test_the_last_line_counts(severities: str, words: str) -> None:
    kinds = {"e": Severity.ERROR, "w": Severity.WARNING, "n": Severity.NOTE}
    assert count(Diagnostic("MG104", "m", severity=kinds[s]) for s in severities) == words


def test_an_error_of_reading_shows_its_line() -> None:
    text = "name: churn\ndata:\n\tsource: d.csv\n"
    with pytest.raises(SpecError) as wrong:
        read_yaml(text, "spec.yaml")
    assert as_text(wrong.value.findings, {"spec.yaml": text}) == (
        "spec.yaml:3:1: error[MG101]: a tab indents this line\n"
        "    3 |     source: d.csv\n"
        "      | ^^^^\n"
        "      = hint: YAML indents with spaces alone, two for each level\n"
        "\n"
        "1 error\n"
    )


@pytest.mark.parametrize("command", ["::error::x", "##[group]x", "##vso[task.setvariable variable=A]b"])
def test_no_line_of_a_finding_is_a_command_to_the_runner_that_prints_it(command: str) -> None:
    """actions/runner, ActionCommand.cs: `::` after blanks at a line's start, `##[` anywhere in a line;
    microsoft/azure-pipelines-agent, Command.cs: `##vso[` anywhere in a line."""
    text = f'"x\\n{command}": 1\n{command}\n'
    places = (Span("spec.yaml", 1, 1, 1, 3), Span("spec.yaml", 2, 1, 2, 3), Span(f"a\n{command}", 1, 1, 1, 2))
    for span in places:
        for words in (f"no field `x\n{command}`", f"x\n  {command}", command):
            shown = as_text(
                [Diagnostic("MG104", words, (), f"did you mean\n{command}?", span=span)], {"spec.yaml": text}
            )
            for line in re.split(r"[\r\n]+", shown):
                assert not line.lstrip().startswith("::")
                assert "##[" not in line
                assert "##vso[" not in line
