"""A wheel carries its templates as code, taken only when made from the very text."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from mlopsgen.compile import Asked, compile_spec
from mlopsgen.diagnostics import SpecError
from mlopsgen.render import FileJob, environment, precompiled, render
from mlopsgen.render.environment import precompile
from tests.projects import ROOT

TEMPLATE = '{"a": {{ a }},\n "b": {{ b }}}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "templates" / "t").mkdir(parents=True)
    (tmp_path / "templates" / "t" / "a.json.j2").write_text(TEMPLATE)
    monkeypatch.setattr(precompiled, "PRECOMPILED", tmp_path / "made")
    assert precompile(tmp_path / "templates", tmp_path / "made") == 1
    return tmp_path


def printed(folder: Path, b: object = 2) -> bytes:
    # A loader of its own, so that no template is remembered from before.
    loader = FileSystemLoader(folder / "templates" / "t")
    return render([FileJob("a.json", "a.json.j2", {"a": 1, "b": b})], loader)["a.json"]


def test_the_code_in_the_package_is_used(folder: Path) -> None:
    (made,) = (folder / "made").glob("*.py")
    made.write_text(made.read_text().replace('"b": ', '"c": '))
    assert printed(folder) == b'{\n  "a": 1,\n  "c": 2\n}\n'


def test_every_template_of_a_compile_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precompiled, "PRECOMPILED", tmp_path)
    precompile(ROOT / "templates", tmp_path)
    monkeypatch.setattr(Environment, "_parse", lambda *_: pytest.fail("a template was compiled once more"))
    for name in ("local", "sagemaker"):
        environment._environment.cache_clear()
        spec = ROOT / "examples/schedule-adherence/spec.yaml"
        assert compile_spec(Asked(spec, spec.read_bytes()), name).bundle.files
    environment._environment.cache_clear()


def test_changed_text_is_compiled_anew(folder: Path) -> None:
    (folder / "templates" / "t" / "a.json.j2").write_text(TEMPLATE.replace('"b"', '"d"'))
    assert printed(folder) == b'{\n  "a": 1,\n  "d": 2\n}\n'


def test_another_jinja_compiles_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (made,) = (folder / "made").glob("*.py")
    made.write_text("raise SystemExit")
    monkeypatch.setattr(precompiled, "jinja_version", "0.0")
    assert printed(folder) == b'{\n  "a": 1,\n  "b": 2\n}\n'


def test_findings_still_name_the_line(folder: Path) -> None:
    with pytest.raises(SpecError) as caught:
        printed(folder, b={1})
    assert str(caught.value.found[0].span) == "a.json.j2:2:1"
