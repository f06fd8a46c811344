"""Run parameters: types, defaults, bounds."""

from __future__ import annotations

from typing import Any

import pytest

from mlopsgen.plan.steps import Plan, RunParameter
from mlopsgen.spec.values import Ref
from mlopsgen.targets.sagemaker.names import ARGUMENT_LENGTH, DEFAULT_LENGTH
from tests.targets.sagemaker.emit.plans import codes, definition, findings, plan, run, script, step, values


def given(*parameters: RunParameter) -> Plan:
    names = [p.name for p in parameters]
    job = run("use", argv=script("u.py", (), (), *names), params=values(**{n: Ref(n) for n in names}))
    return plan(job, parameters=parameters)


def declared(**facts: Any) -> RunParameter:
    return RunParameter(**{"name": "p", "type": "string", "required": False, **facts})


def test_types_and_defaults() -> None:
    document = definition(
        given(
            declared(name="s", default="x", values=("x", "y")),
            declared(name="i", type="integer", default=3),
            declared(name="n", type="number", default=1),
            declared(name="b", type="boolean", default=False),
            declared(name="l", type="list", default=("a", 1)),
            declared(name="r", required=True),
            declared(name="o", type="number"),
        )
    )
    assert document["Parameters"] == [
        {"Name": "s", "Type": "String", "DefaultValue": "x", "EnumValues": ["x", "y"]},
        {"Name": "i", "Type": "Integer", "DefaultValue": 3},
        {"Name": "n", "Type": "Float", "DefaultValue": 1.0},
        {"Name": "b", "Type": "String", "DefaultValue": "false", "EnumValues": ["true", "false"]},
        {"Name": "l", "Type": "String", "DefaultValue": '["a", 1]'},
        {"Name": "r", "Type": "String"},
        {"Name": "o", "Type": "String", "DefaultValue": ""},
    ]


def test_a_boolean_is_text_only_where_a_command_reads_it() -> None:
    go = declared(name="go", type="boolean", default=True)
    compared = definition(plan(run("use", when=Ref("go")), parameters=(go,)))
    assert compared["Parameters"] == [{"Name": "go", "Type": "Boolean", "DefaultValue": True}]
    assert step(compared, "when-go")["Arguments"]["Conditions"][0]["RightValue"] is True

    told = run("told", argv=script("t.py", (), (), "go"), params=values(go=Ref("go")))
    written = definition(plan(run("use", when=Ref("go")), told, parameters=(go,)))
    assert written["Parameters"][0]["Type"] == "String"
    assert step(written, "when-go")["Arguments"]["Conditions"][0]["RightValue"] == "true"

    maybe = definition(plan(run("use", when=Ref("go")), parameters=(declared(name="go", type="boolean"),)))
    assert maybe["Parameters"][0]["EnumValues"] == ["true", "false", ""]
    assert step(maybe, "when-go")["Arguments"]["Conditions"][0]["RightValue"] == "true"


def test_bounds_fail_the_run_before_it_costs_anything() -> None:
    document = definition(
        given(
            declared(name="i", type="integer", default=3, minimum=1, maximum=5),
            declared(name="n", type="number", default=0.5, values=(0.5, 1)),
        )
    )
    check = document["Steps"][0]
    assert check["Name"] == "parameter-bounds"
    assert check["Arguments"]["Conditions"] == [
        {"Type": "GreaterThanOrEqualTo", "LeftValue": {"Get": "Parameters.i"}, "RightValue": 1},
        {"Type": "LessThanOrEqualTo", "LeftValue": {"Get": "Parameters.i"}, "RightValue": 5},
        {"Type": "In", "QueryValue": {"Get": "Parameters.n"}, "Values": [0.5, 1.0]},
    ]
    said = step(document, "parameters-out-of-bounds")["Arguments"]["ErrorMessage"]
    assert "i is at least 1 and at most 5; n is one of 0.5, 1" in said


def test_bounds_of_what_may_be_empty_are_said_to_be_unchecked() -> None:
    (found,) = findings(given(declared(type="number", minimum=0)))
    assert found.code == "MG315"
    assert "p" in found.message


def test_a_default_too_long() -> None:
    assert codes(given(declared(default="x" * 1025))) == ["MG306"]


def test_too_many() -> None:
    assert "MG306" in codes(given(*[declared(name=f"p{n}", default="") for n in range(201)]))


PROMPT = "Say in one word whether the review below is kind or unkind; look at the tone alone. " * 4


@pytest.mark.parametrize("text", [PROMPT, "two\nlines"], ids=["long", "two lines"])
def test_a_prompt_as_a_default_is_refused_like_one_as_a_param(text: str) -> None:
    """Every run with its defaults failed when the job was made (aws/sagemaker-python-sdk#5224)."""
    assert len(PROMPT) < DEFAULT_LENGTH, "a pipeline's parameter may have it, an argument of a job may not"
    (found,) = findings(given(declared(default=text, origin=("parameters", "p"))))
    assert (found.code, found.spec_path) == ("MG306", ("parameters", "p", "default"))
    assert "one line of 256 characters" in found.message
    (fixed,) = findings(plan(run("use", argv=script("u.py", (), (), "p"), params=values(p=text))))
    assert fixed.code == "MG306"


@pytest.mark.parametrize("text", [PROMPT, "two\nlines"], ids=["long", "two lines"])
def test_a_prompt_among_the_values_of_a_parameter_is_refused_at_its_place(text: str) -> None:
    """The default was looked at alone, so a run could choose what no job takes."""
    for default in ("kind", None):
        given_one = declared(
            default=default, required=default is None, values=("kind", text), origin=("parameters", "p")
        )
        (found,) = findings(given(given_one))
        assert (found.code, found.spec_path) == ("MG306", ("parameters", "p", "values", 1))


def test_a_parameter_fills_its_argument_to_the_last_character() -> None:
    room = ARGUMENT_LENGTH - len("--p=")
    assert codes(given(declared(default="x" * room, values=("x" * room,)))) == []
    assert codes(given(declared(default="x" * (room + 1)))) == ["MG306"]
