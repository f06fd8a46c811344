"""Run parameters: types, defaults, bounds."""

from __future__ import annotations

from typing import Any

from mlopsgen.plan.steps import Plan, RunParameter
from mlopsgen.spec.values import Ref
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
