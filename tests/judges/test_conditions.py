"""KFP's driver answers conditions here, with its own engine."""

from __future__ import annotations

import pytest

from .conditions import evaluated

pytestmark = pytest.mark.slow
VALUE = "inputs.parameter_values['{0}']"


def test_the_driver_answers_and_breaks_off_as_on_a_cluster() -> None:
    passed, name = VALUE.format("passed"), VALUE.format("name")
    said = evaluated(
        [
            (f"{passed} == true", {"passed": True}),
            (f"{passed} == true", {"passed": False}),
            (f"int({VALUE.format('count')}) > 2 && {name} != 'x'", {"count": 3, "name": "y"}),
            (f"parseJson({name}).a == 1.0", {"name": '{"a": 1}'}),
            (f"{passed} == true", {}),
            (name, {"name": "x"}),
            ("inputs.parameters['x'].string_value == 'x'", {"x": "x"}),
            ("inputs.nothing == true", {}),
        ]
    )
    assert said[:4] == [True, False, True, True]
    words = ["no such key: passed", "return type is not bool", "no such key: x", "undefined field 'nothing'"]
    assert [word for word, text in zip(words, said[4:], strict=True) if word not in str(text)] == []
