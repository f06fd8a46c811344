"""Names that say what happened to a thing are counted, wherever they are bound."""

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
