"""Every code is explained, and every code that is used exists."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from mlopsgen.cli.checking import see_all, together
from mlopsgen.codes import CODES, Code, docs_page
from mlopsgen.diagnostics import Diagnostic, errors
from tests.wrong import asked, lay, said

HOUSE = Path(__file__).parents[2]
PROMISED = [
    *range(100, 135), *range(201, 212), *range(301, 320), *range(401, 411), *range(430, 446), *range(601, 615),
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


NOTHING_WRONG = ("MG315", "MG603")
"""A difference that is noted, and a model that is not good enough: no snippet is wrong."""
NO_SPEC = {
    "MG100": "a megabyte, or bytes that no page holds",
    "MG108": "a hundred thousand values",
    "MG114": "a command",
    "MG130": "a lock",
    "MG131": "said by `mlopsgen lock` alone",
    "MG132": "a command",
    "MG211": "a script",
    "MG314": "a command",
    "MG316": "a command",
    "MG317": "requirements",
    "MG318": "requirements",
}
PAIRS = [code for code in CODES.values() if code.code not in NOTHING_WRONG]
SPECS = [code for code in PAIRS if code.code[2] in "123" and code.code not in NO_SPEC]
SECTIONS = {
    "name": "name: churn",
    "data": "data: {source: data/churn.csv, label: churned}",
    "training": "training: {run: train.py}",
    "targets": 'targets: {sagemaker: {region: eu-west-1, account: "123456789012", bucket: acme-ml}}',
}


def snippets(code: Code) -> tuple[str, str]:
    """The wrong one and the right one."""
    _, wrong, right = re.split(r"(?m)^# (?:wrong|right)\b.*\n", dedent(code.explanation.split("\n\n")[-1]))
    return wrong, right


@pytest.mark.parametrize("code", PAIRS, ids=lambda c: c.code)
def test_an_example_is_a_wrong_snippet_and_its_right_one(code: Code) -> None:
    wrong, right = map(str.strip, snippets(code))
    assert wrong
    assert right
    assert wrong != right


def test_an_example_without_a_wrong_snippet_says_that_nothing_is_wrong() -> None:
    examples = {code: CODES[code].explanation.split("\n\n")[-1].strip() for code in NOTHING_WRONG}
    assert all(example.startswith(("# noted", "# nothing is wrong")) for example in examples.values())


def findings(root: Path, code: str, snippet: str) -> tuple[Diagnostic, ...]:
    """What is said of a snippet, with the sections around it that every spec has."""
    lacking = {name for name in SECTIONS if not re.search(rf"(?m)^{name}:", snippet)}
    lacking -= {"training"} if code == "MG207" else set()
    text = "".join(f"{SECTIONS[name]}\n" for name in SECTIONS if name in lacking)
    request = asked(lay(root), f"apiVersion: mlopsgen/v1\n{text}{snippet}\n")
    if code == "MG133":
        return together(see_all(request, ("sagemaker",)))
    return said(root, request.text, "sagemaker" if code[2] == "3" and code != "MG303" else None)


@pytest.mark.parametrize("code", SPECS, ids=lambda c: c.code)
def test_the_wrong_snippet_earns_its_code_and_the_right_one_earns_no_error(code: Code, tmp_path: Path) -> None:
    wrong, right = (findings(tmp_path, code.code, snippet) for snippet in snippets(code))
    assert code.code in {d.code for d in wrong}
    assert code.code not in {d.code for d in right}
    assert [d.message for d in errors(right)] == []


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
