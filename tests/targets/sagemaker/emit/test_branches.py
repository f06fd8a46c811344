"""Gates and `when`: which step lies in which branch."""

from __future__ import annotations

from typing import Any

from mlopsgen.plan.steps import RunParameter
from mlopsgen.spec.values import Ref
from tests.targets.sagemaker.emit.plans import (
    PARAMETERS,
    behind_bounds,
    codes,
    definition,
    evaluate,
    inputs,
    outputs,
    plan,
    prepare,
    register,
    run,
    step,
    train,
)

GO = RunParameter(name="go", type="boolean", required=False, default=True)
DEEP = RunParameter(name="go_deep", type="boolean", required=False, default=True)


def names(steps: list[Any]) -> list[str]:
    return [s["Name"] for s in steps]


def test_the_registry_stands_behind_the_gate() -> None:
    gate = step(definition(), "evaluation-gate")["Arguments"]
    (condition,) = gate["Conditions"]
    assert condition == {
        "Type": "Equals",
        "LeftValue": {
            "Std:JsonGet": {"PropertyFile": {"Get": "Steps.evaluation.PropertyFiles.gate"}, "Path": "passed"}
        },
        "RightValue": True,
    }
    assert (names(gate["IfSteps"]), gate["ElseSteps"]) == (["registry"], [])
    (file,) = step(definition(), "evaluation")["PropertyFiles"]
    assert file == {"PropertyFileName": "gate", "OutputName": "gate", "FilePath": "gate.json"}


def test_what_waits_for_the_registry_stands_behind_the_gate_too() -> None:
    tell = run("tell", after=("registry",))
    more = run("more", after=("tell",))
    gate = step(definition(plan(prepare(), train(), evaluate(), register(), tell, more)), "evaluation-gate")
    assert names(gate["Arguments"]["IfSteps"]) == ["registry", "tell", "more"]


def test_a_failed_gate_fails_the_run_and_says_where_the_reasons_are() -> None:
    gate = step(definition(plan(prepare(), train(), evaluate(on_gate_failure="fail"), register())), "evaluation-gate")
    (fail,) = gate["Arguments"]["ElseSteps"]
    said = fail["Arguments"]["ErrorMessage"]["Std:Join"]["Values"]
    assert fail["Type"] == "Fail"
    assert said[0].startswith("The gates did not hold, so nothing was registered (accuracy)")
    assert said[1:] == [{"Get": "Steps.evaluation.ProcessingOutputConfig.Outputs['gate'].S3Output.S3Uri"}, "/gate.json"]


def test_a_run_without_registry_fails_all_the_same() -> None:
    gate = step(definition(plan(prepare(), train(), evaluate(on_gate_failure="fail"))), "evaluation-gate")
    assert (gate["Arguments"]["IfSteps"], names(gate["Arguments"]["ElseSteps"])) == ([], ["evaluation-gate-failed"])


def test_a_gate_that_leads_to_nothing_is_no_condition() -> None:
    assert names(behind_bounds(definition(plan(prepare(), train(), evaluate()))))[-1] == "evaluation"


def test_a_version_that_failed_its_gate_can_never_be_approved_by_chance() -> None:
    given = plan(prepare(), train(), evaluate(on_gate_failure="register"), register(approval="automatic"))
    rejected = step(definition(given), "registry-rejected")["Arguments"]
    assert rejected["ModelApprovalStatus"] == "Rejected"
    assert "ModelLifeCycle" not in rejected
    assert step(definition(given), "registry")["Arguments"]["ModelApprovalStatus"] == "Approved"


def test_a_gate_that_only_reports_is_no_condition() -> None:
    document = definition(
        plan(prepare(), train(), evaluate(on_gate_failure="report"), register(on_gate_failure="report"))
    )
    assert names(behind_bounds(document))[-1] == "registry"


def test_when_skips_a_step_and_all_that_reads_from_it() -> None:
    extra = run("extra", inputs(rows="prepare.test"), outputs("table"), when=Ref("go"))
    reader = run("reader", inputs(table="extra.table"), outputs("page"))
    document = definition(plan(prepare(), extra, reader, parameters=(*PARAMETERS, GO)))
    branch = step(document, "when-go")["Arguments"]
    assert branch["Conditions"] == [{"Type": "Equals", "LeftValue": {"Get": "Parameters.go"}, "RightValue": True}]
    assert names(branch["IfSteps"]) == ["extra", "reader"]
    assert names(document["Steps"]) == ["prepare", "when-go"]


def test_branches_nest() -> None:
    steps = (prepare(), train(when=Ref("go")), evaluate(), register(when=Ref("go_deep")))
    document = definition(plan(*steps, parameters=(*PARAMETERS, GO, DEEP)))
    outer = step(document, "when-go")["Arguments"]["IfSteps"]
    assert names(outer) == ["training", "evaluation", "evaluation-gate"]
    gate = step(document, "evaluation-gate")["Arguments"]["IfSteps"]
    assert names(gate) == ["when-go-deep"]
    assert names(step(document, "when-go-deep")["Arguments"]["IfSteps"]) == ["registry"]


def test_the_same_question_in_two_branches_has_two_names() -> None:
    one = run("one", outputs=outputs("a"), when=Ref("go"))
    two = run("two", inputs(a="one.a"), outputs("b"), when=Ref("go_deep"))
    three = run("three", when=Ref("go_deep"))
    document = definition(plan(one, two, three, parameters=(*PARAMETERS, GO, DEEP)))
    inside = step(document, "when-go")["Arguments"]["IfSteps"]
    assert (names(document["Steps"]), names(inside)) == (["when-go", "when-go-deep-2"], ["one", "when-go-deep"])


def test_approval_may_be_a_run_parameter() -> None:
    approval = RunParameter(
        name="approval", type="string", required=False, default="manual", values=("manual", "automatic")
    )
    steps = (prepare(), train(), evaluate(), register(approval=Ref("approval")))
    document = definition(plan(*steps, parameters=(*PARAMETERS, approval)))
    assert step(document, "registry")["Arguments"]["ModelApprovalStatus"] == "Approved"
    assert step(document, "registry-manual")["Arguments"]["ModelApprovalStatus"] == "PendingManualApproval"
    declared = next(p for p in document["Parameters"] if p["Name"] == "approval")
    assert declared["EnumValues"] == ["manual", "automatic"]
    waiting = plan(*steps, run("tell", after=("registry",)), parameters=(*PARAMETERS, approval))
    assert codes(waiting) == ["MG301"]
