"""Every field of the language is in a spec that is tried; that none is forgotten is each target's contract."""

from __future__ import annotations

from pathlib import Path

from mlopsgen import targets
from mlopsgen.compile import check, compile_for
from mlopsgen.compile import read as read_text
from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath
from mlopsgen.source import plain
from mlopsgen.spec.canonical import canonical
from mlopsgen.spec.model import Model, fields
from mlopsgen.spec.product import Spec
from mlopsgen.spec.read import Read, read_spec
from mlopsgen.spec.resolve import resolve
from mlopsgen.spec.shape import Leaf, innermost, models_of, reachable, under
from mlopsgen.spec.steps import Step
from mlopsgen.targets.blocks import option_models
from tests.compile.changes import CHANGES, LATER, NOT_HERE, SILENT
from tests.compile.written import Field, Place, declared, other, places
from tests.spec.acme import OPTIONS
from tests.wrong import SPECS, TARGETS, asked, lay

WHOLE = tuple(sorted((SPECS / "whole").glob("*.yaml")))
VALID = tuple(sorted((SPECS / "valid").glob("*.yaml")))
ALLOWED = ("MG301", "MG302", "MG313")
"""What one of the targets refuses of a spec that has all: it says so, which is as good as another byte."""

GONE = {"StepParts.uses", "Variable.default", "Variable.description"}
"""What a spec is rid of before it is read: tests/spec/test_resolve.py shows what becomes of it."""


def test_every_field_of_the_language_is_in_a_spec(tmp_path: Path) -> None:
    project = lay(tmp_path / "project")
    valid = [path.read_bytes() for path in sorted((SPECS / "valid").glob("*.yaml"))]
    models = (*reachable(Spec), *(targets.load(name).options for name in TARGETS))
    every = {declared(model, key) for model in models for key in fields(model)}
    used = {
        declared(place.model, key)
        for text in (*WHOLE.values(), *valid)
        for place in places(whole(project, text)[1])
        for key in place.keys
    }
    assert {str(field) for field in every - used} == GONE
