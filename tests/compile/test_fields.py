"""Every field of the language is in a spec that is tried; that none is forgotten is each target's contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen import targets
from mlopsgen.spec.model import fields
from mlopsgen.spec.product import Spec
from mlopsgen.spec.shape import reachable
from mlopsgen.testing.fields import declared, places
from tests.compile.outcome import WHOLE, whole
from tests.wrong import SPECS, TARGETS, lay

pytestmark = pytest.mark.slow

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
