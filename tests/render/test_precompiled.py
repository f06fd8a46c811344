"""A wheel carries its templates as trees, taken only when made from the very text."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import SpecError
from mlopsgen.render import FileJob, precompiled, reading, render
from mlopsgen.render.precompiled import precompile, template_tree
from tests.projects import ROOT, TARGETS

TEMPLATE = '{"a": {{ a }},\n "b": {{ b }}}\n'


@pytest.fixture
def trees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the trees; no tree is remembered from before, nor after."""
    monkeypatch.setattr(precompiled, "PRECOMPILED", tmp_path / "made")
    template_tree.cache_clear()
    yield tmp_path / "made"
    template_tree.cache_clear()


@pytest.fixture
def folder(trees: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "templates" / "t"
    folder.mkdir(parents=True)
    (folder / "a.json.j2").write_text(TEMPLATE)
    assert precompile(tmp_path / "templates", trees) == 1
    return folder


def printed(folder: Path, b: object = 2) -> bytes:
    return render([FileJob("a.json", "a.json.j2", {"a": 1, "b": b})], folder)["a.json"]


def test_the_tree_in_the_package_is_used(folder: Path, trees: Path) -> None:
    (own,) = trees.glob("*.py")
    own.write_text(own.read_text().replace('"b": ', '"c": '))
    assert printed(folder) == b'{\n  "a": 1,\n  "c": 2\n}\n'


@pytest.mark.parametrize("target", TARGETS)
def test_every_template_of_a_compile_is_there(trees: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    precompile(ROOT / "templates", trees)
    monkeypatch.setattr(reading, "read_template", lambda _, name: pytest.fail(f"{name} was read once more"))
    spec = ROOT / "examples/schedule-adherence/spec.yaml"
    assert compile_spec(CompileRequest(spec, spec.read_bytes()), target).bundle.files


def test_changed_text_is_read_anew(folder: Path) -> None:
    (folder / "a.json.j2").write_text(TEMPLATE.replace('"b"', '"d"'))
    assert printed(folder) == b'{\n  "a": 1,\n  "d": 2\n}\n'


def test_a_tree_of_another_kind_is_not_taken(folder: Path, trees: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (stale,) = trees.glob("*.py")
    stale.write_text("raise SystemExit")
    monkeypatch.setattr(precompiled, "_FORMAT", 0)
    assert printed(folder) == b'{\n  "a": 1,\n  "b": 2\n}\n'


def test_findings_still_name_the_line(folder: Path) -> None:
    with pytest.raises(SpecError) as caught:
        printed(folder, b={1})
    assert str(caught.value.findings[0].span) == "a.json.j2:2:1"


def test_no_jinja_is_imported_where_templates_come_read(folder: Path, trees: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from mlopsgen.render import FileJob, precompiled, render\n"
        f"precompiled.PRECOMPILED = Path({str(trees)!r})\n"
        f"render([FileJob('a.json', 'a.json.j2', {{'a': 1, 'b': 2}})], Path({str(folder)!r}))\n"
        "sys.exit('jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
