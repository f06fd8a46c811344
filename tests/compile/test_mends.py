"""Every mend that a finding offers leads to a spec that compiles, and every place that offers one is tried."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from mlopsgen.cli.mending import mend
from mlopsgen.compile import CompileRequest, check
from mlopsgen.diagnostics import Diagnostic, Fix, SpecError, errors
from mlopsgen.findings.fixes import apply_fixes
from tests.projects import ROOT
from tests.wrong import ALL, HEAD, SPECS, asked, cases, lay, said

ODD = {
    "src/a,b#1.py": "print()\n",
    "data/a, b #1.csv": "a\n1\n",
    "data/rows.jsonl": "{}\n",
    "data/rows.csv.gz": "x\n",
    "data/semicolons.csv": "id;age;churned\n1;30;no\n",
    "data/cities.csv": 'age,"the city, or #"\n1,rome\n',
}


def _mends() -> Iterator[tuple[str, tuple[str, str]]]:
    """Bodies of specs with one thing wrong, each with what it is mended to."""
    for block in (SPECS / "mends.txt").read_text(encoding="utf-8").removeprefix("=== ").split("\n=== "):
        name, _, bodies = block.partition("\n")
        wrong, _, right = bodies.partition("--- mended\n")
        yield name, (HEAD + wrong, HEAD + right.rstrip("\n") + "\n")


MENDS = dict(_mends())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that the specs lie in; no test writes to it but for the spec."""
    root = lay(tmp_path_factory.mktemp("project"))
    for name, text in ODD.items():
        (root / name).write_text(text, encoding="utf-8")
    return root


def look(wanted: CompileRequest) -> tuple[Diagnostic, ...]:
    """All that is said about a spec, for the target it is for; what is not emitted yet is no matter here."""
    target = "sagemaker" if b"sagemaker:" in wanted.text else "local"
    return said(wanted.root, wanted.text, target, allow=("MG302",))


@pytest.mark.parametrize("name", MENDS)
def test_the_mend_of_the_only_thing_wrong_leads_to_a_spec_that_compiles(name: str, project: Path) -> None:
    wrong, right = MENDS[name]
    before = look(asked(project, wrong))
    assert any(d.fix and d.fix.span for d in before), "a mend is offered"
    mended = mend(asked(project, wrong), look)
    assert mended.request.text.decode() == right
    assert not errors(look(mended.request))
    assert not {(d.code, d.message) for d in before if d.fix} & {(d.code, d.message) for d in look(mended.request)}


def test_a_misspelt_section_is_mended_when_one_of_its_environments_is_asked_for(project: Path) -> None:
    wrong = replace(asked(project, MENDS["the key of environments"][0]), env="live")
    with pytest.raises(SpecError) as stopped:
        check(wrong)
    assert apply_fixes(wrong.text.decode(), stopped.value.findings) == MENDS["the key of environments"][1]


PAIRS = [pytest.param(target, path, id=f"{folder}-{path.stem}") for folder, target in ALL for path in cases(folder)]


@pytest.mark.parametrize(("target", "path"), PAIRS)
def test_each_mend_of_a_wrong_spec_settles_its_finding(target: str | None, path: Path, project: Path) -> None:
    """One after the other, whatever else is wrong there."""
    text = path.read_bytes().decode("utf-8", "replace")
    offered = [d for d in said(project, text, target) if d.fix and d.fix.span]
    for one in offered:
        after = said(project, apply_fixes(text, [one]), target)
        assert (one.code, one.spec_path, one.message) not in {(d.code, d.spec_path, d.message) for d in after}


def test_every_place_in_the_code_that_offers_a_mend_is_tried(project: Path) -> None:
    sites = set(_sites())
    assert len(sites) > 25
    with _made() as made:
        for wrong, _ in MENDS.values():
            look(asked(project, wrong))
        with suppress(SpecError):
            check(replace(asked(project, MENDS["the key of environments"][0]), env="live"))
    tried = {site for site in sites for file, line in made if file == site[0] and site[1] <= line <= site[2]}
    assert sorted(sites - tried) == []


def _sites() -> Iterator[tuple[str, int, int]]:
    """Every call of Fix in the package: file, first line, last line."""
    for path in (ROOT / "src" / "mlopsgen").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fix":
                yield str(path), node.lineno, node.end_lineno or node.lineno


@contextmanager
def _made() -> Iterator[set[tuple[str, int]]]:
    """Where mends are made meanwhile: file and line."""
    made: set[tuple[str, int]] = set()

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is Fix.__init__.__code__ and frame.f_back is not None:
            made.add((frame.f_back.f_code.co_filename, frame.f_back.f_lineno))

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield made
    finally:
        sys.setprofile(before)
