"""Names that say what happened to a thing are counted, no room leans on the room beside it, no module is hidden."""

from __future__ import annotations

import ast

import pytest

from tools import measure

TEXT = """
class Made:
    asked: str

def told(given):
    _found = [wanted for wanted in given]
    finding = _found
"""


def test_participles_are_seen_where_they_are_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    module = measure.Module("src/mlopsgen/said.py", TEXT, ast.parse(TEXT))
    monkeypatch.setattr(measure, "NAMES_LEFT", 7)
    assert list(measure._participles([module])) == []
    monkeypatch.setattr(measure, "NAMES_LEFT", 0)
    seen = sorted(breach.what.split("`")[1] for breach in measure._participles([module]))
    assert seen == ["Made", "_found", "asked", "given", "said", "told", "wanted"]


def test_tests_may_say_what_they_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "NAMES_LEFT", 0)
    assert list(measure._participles([measure.Module("tests/made.py", TEXT, ast.parse(TEXT))])) == []


@pytest.mark.parametrize(
    ("text", "breaches"),
    [
        ("from mlopsgen.targets.acme.serving.endpoints import Endpoint", 1),
        ("from mlopsgen.targets.acme import monitoring", 1),
        ("import mlopsgen.targets.acme.serving", 1),
        ("from mlopsgen.targets.acme.training.jobs import Job", 0),
        ("from mlopsgen.targets.acme.names import name_of", 0),
        ("from mlopsgen.targets.other.serving import endpoints", 0),
        ("from mlopsgen.targets.acme.servings import endpoints", 0),
    ],
)
def test_a_room_imports_nothing_of_the_room_beside(text: str, breaches: int) -> None:
    module = measure.Module("src/mlopsgen/targets/acme/training/searches.py", text, ast.parse(text))
    assert len(list(measure._beside(module))) == breaches


@pytest.mark.parametrize(
    ("files", "hidden"),
    [
        (("src/mlopsgen/credentials.py", "src/mlopsgen/credentials/__init__.py"), ["src/mlopsgen/credentials.py"]),
        (("src/mlopsgen/credentials.py", "src/mlopsgen/credentials/deep/formats.py"), ["src/mlopsgen/credentials.py"]),
        (("tests/wrong.py", "tests/wrong/__init__.py"), ["tests/wrong.py"]),
        (("src/mlopsgen/credentials/__init__.py", "src/mlopsgen/credentials/credentials.py"), []),
        (("src/mlopsgen/lock/model.py", "src/mlopsgen/spec/model.py", "src/mlopsgen/model_of.py"), []),
    ],
)
def test_no_module_stays_beside_the_package_that_replaced_it(files: tuple[str, ...], hidden: list[str]) -> None:
    """An old credentials.py lay beside its package, and what was changed in it changed nothing."""
    modules = [measure.Module(file, '"""Words."""\n', ast.parse('"""Words."""\n')) for file in files]
    seen = [breach for breach in measure.breaches((), modules) if "has its name" in breach.what]
    assert [breach.file for breach in seen] == hidden
