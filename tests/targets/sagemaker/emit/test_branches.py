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


def test_no_condition_lies_in_another() -> None:
    """SageMaker does not nest them (developer guide, "Condition step"): one asks for everything at once."""
    steps = (prepare(), train(when=Ref("go")), evaluate(), register(when=Ref("go_deep")))
    document = definition(plan(*steps, parameters=(*PARAMETERS, GO, DEEP)))
    assert names(document["Steps"]) == ["parameter-bounds", "when-go", "when-go-deep"]
    assert names(step(document, "when-go")["Arguments"]["IfSteps"]) == ["training", "evaluation"]
    behind = step(document, "when-go-deep")["Arguments"]
    assert names(behind["IfSteps"]) == ["registry"]
    # `go` is not asked again: without it there is no evaluation, so that this condition is never reached.
    assert [c["LeftValue"] for c in behind["Conditions"]] == [PASSED, {"Get": "Parameters.go_deep"}]


def test_a_condition_that_is_reached_at_once_asks_for_the_bounds_too() -> None:
    reader = run("reader", inputs(rows="prepare.test"), outputs("page"), when=Ref("go_deep"))
    steps = (prepare(), train(), evaluate(), run("extra", when=Ref("go")), reader)
    document = definition(plan(*steps, parameters=(*PARAMETERS, GO, DEEP)))
    bounds = step(document, "parameter-bounds")["Arguments"]["Conditions"]
    assert bounds
    assert step(document, "when-go")["Arguments"]["Conditions"] == [*bounds, equals({"Get": "Parameters.go"}, True)]
    # What waits for a job stands behind the bounds because of that job.
    assert step(document, "when-go-deep")["Arguments"]["Conditions"] == [equals({"Get": "Parameters.go_deep"}, True)]


def test_the_same_question_in_two_branches_has_two_names() -> None:
    one = run("one", outputs=outputs("a"), when=Ref("go"))
    two = run("two", inputs(a="one.a"), outputs("b"), when=Ref("go_deep"))
    three = run("three", when=Ref("go_deep"))
    document = definition(plan(one, two, three, parameters=(*PARAMETERS[1:], GO, DEEP)))
    assert names(document["Steps"]) == ["when-go", "when-go-deep", "when-go-deep-2"]
    asked = step(document, "when-go-deep")["Arguments"]["Conditions"]
    assert asked == [equals({"Get": "Parameters.go"}, True), equals({"Get": "Parameters.go_deep"}, True)]


def test_a_failed_gate_rejects_only_what_would_be_registered() -> None:
    steps = (prepare(), train(), evaluate(on_gate_failure="register"), register(when=Ref("go")))
    document = definition(plan(*steps, parameters=(*PARAMETERS[1:], GO)))
    rejected = step(document, "evaluation-gate-not-passed")["Arguments"]
    assert rejected["Conditions"] == [equals({"Get": "Parameters.go"}, True), equals(PASSED, False)]
    assert (names(rejected["IfSteps"]), rejected["ElseSteps"]) == (["registry-rejected"], [])


def equals(left: Any, right: Any) -> Any:
    return {"Type": "Equals", "LeftValue": left, "RightValue": right}


PASSED = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.evaluation.PropertyFiles.gate"}, "Path": "passed"}}


def test_approval_may_be_a_run_parameter() -> None:
    approval = RunParameter(
        name="approval", type="string", required=False, default="manual", values=("manual", "automatic")
    )
    steps = (prepare(), train(), evaluate(), register(approval=Ref("approval")))
    document = definition(plan(*steps, parameters=(*PARAMETERS, approval)))
    assert step(document, "registry")["Arguments"]["ModelApprovalStatus"] == "Approved"
    assert step(document, "registry-manual")["Arguments"]["ModelApprovalStatus"] == "PendingManualApproval"
    asked = {one: step(document, one)["Arguments"] for one in ("registry-approval", "registry-manual-approval")}
    said = {"Get": "Parameters.approval"}
    assert asked["registry-approval"]["Conditions"] == [equals(PASSED, True), equals(said, "automatic")]
    assert asked["registry-manual-approval"]["Conditions"] == [equals(PASSED, True), equals(said, "manual")]
    assert [names(one["IfSteps"]) for one in asked.values()] == [["registry"], ["registry-manual"]]
    declared = next(p for p in document["Parameters"] if p["Name"] == "approval")
    assert declared["EnumValues"] == ["manual", "automatic"]
    waiting = plan(*steps, run("tell", after=("registry",)), parameters=(*PARAMETERS, approval))
    assert codes(waiting) == ["MG301"]
