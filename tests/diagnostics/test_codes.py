"""Every code is explained, and every code that is used exists."""

import re
from pathlib import Path

import pytest
import yaml

from mlopsgen.codes import CODES, Code, docs_page

HOUSE = Path(__file__).parents[2]
PROMISED = [
    *range(100, 135), *range(201, 212), *range(301, 320), *range(401, 411), *range(430, 446), *range(601, 610),
]  # fmt: skip


def test_every_allocated_code_is_there() -> None:
    assert list(CODES) == [f"MG{number}" for number in PROMISED]


@pytest.mark.parametrize("code", CODES.values(), ids=lambda c: c.code)
def test_an_explanation_says_what_why_and_how_with_an_example(code: Code) -> None:
    *words, example = code.explanation.split("\n\n")
    assert len(words) >= 2
    assert len(" ".join(words)) > 100
    assert example.startswith("    ")
    assert not code.title.endswith(".")
    assert len(code.title) <= 60
    assert not re.search(r"T[O]DO|F[I]XME|[ \t]\n", code.explanation)


# Examples of a spec; the others are commands, templates or pieces of emitted files.
SPECS = [
    c for c in CODES.values() if c.code[2] in "123" and not c.explanation.split("\n\n")[-1].lstrip().startswith("#")
]


@pytest.mark.parametrize("code", SPECS, ids=lambda c: c.code)
def test_an_example_of_a_spec_is_yaml(code: Code) -> None:
    example = re.sub(r"^ {4}", "", code.explanation.split("\n\n")[-1], flags=re.MULTILINE)
    for part in re.split(r"(?m)^# or$", example):
        assert isinstance(yaml.safe_load(part), dict)


def test_the_page_is_fresh() -> None:
    page = (HOUSE / "docs" / "codes.md").read_text(encoding="utf-8")
    assert page == docs_page(CODES.values()), "write it again: python -m mlopsgen.codes > docs/codes.md"


def test_the_page_has_every_code_once() -> None:
    assert re.findall(r"(?m)^### (\S+):", docs_page(CODES.values())) == list(CODES)


def test_codes_of_third_parties_get_a_chapter_of_their_own() -> None:
    assert "## ACM\n\n### ACME1: odd\n\nIt is odd.\n" in docs_page([Code("ACME1", "odd", "It is odd.")])


def test_every_code_in_the_source_is_explained() -> None:
    used = {
        code
        for path in (HOUSE / "src" / "mlopsgen").rglob("*.py")
        if "codes" not in path.parts
        for code in re.findall(r"\bMG[0-9]{3}\b", path.read_text(encoding="utf-8"))
    }
    assert used - set(CODES) == set()
