"""What a registered version holds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from mlopsgen.plan.steps import Card, Register
from mlopsgen.plan.values import Flag, Setting
from mlopsgen.spec.values import Ref, Text
from tests.targets.sagemaker.emit.plans import (
    REMOTE,
    RULE,
    codes,
    definition,
    evaluate,
    findings,
    inputs,
    outputs,
    plan,
    prepare,
    register,
    stack,
    step,
    train,
    tune,
)


def registered(*, given: Register | None = None, **more: Any) -> Any:
    steps = (prepare(), train(), evaluate(**more), given or register())
    return step(definition(plan(*steps)), "registry")["Arguments"]


def test_a_version_names_its_model_metrics_data_and_run() -> None:
    found = registered()
    (container,) = found["InferenceSpecification"]["Containers"]
    assert container["ModelDataUrl"] == {"Get": "Steps.training.ModelArtifacts.S3ModelArtifacts"}
    metrics = found["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]["Std:Join"]["Values"]
    assert metrics[1] == "metrics.json"
    assert found["CustomerMetadataProperties"] == {
        "mlopsgen:run": {"Get": "Execution.PipelineExecutionArn"},
        "data:source": "sha256:" + "ab" * 32,
        "figure:confusion": {"Get": "Steps.evaluation.ProcessingOutputConfig.Outputs['confusion'].S3Output.S3Uri"},
    }


def test_approval_makes_a_version_the_champion() -> None:
    manual, automatic = registered(), registered(given=register(approval="automatic"))
    assert (manual["ModelApprovalStatus"], automatic["ModelApprovalStatus"]) == ("PendingManualApproval", "Approved")
    # The runtime's champion is the newest approved version in this stage.
    assert {v["ModelLifeCycle"]["Stage"] for v in (manual, automatic)} == {"Production"}


def test_a_version_has_no_tags_of_its_own() -> None:
    assert "Tags" not in registered()


def test_a_card_is_written_in_the_schema_of_the_service() -> None:
    assert json.loads(registered()["ModelCard"]["ModelCardContent"]) == {
        "model_overview": {"model_creator": "growth"},
        "intended_uses": {"intended_uses": "Plans calls."},
        "additional_information": {
            "caveats_and_recommendations": "Not for prices.",
            "custom_details": {"contact": "ml@acme.example"},
        },
    }


def test_a_card_too_long_is_refused() -> None:
    long = register(card=Card((("limits", "x" * 2049),)))
    assert codes(plan(prepare(), train(), evaluate(), long)) == ["MG306"]


def test_gates_on_groups_leave_a_bias_report() -> None:
    fair = replace(RULE, name="fair", group="sex", measure="demographic_parity_difference")
    report = registered(gates=(RULE, fair))["ModelMetrics"]["Bias"]["Report"]
    assert report["S3Uri"]["Std:Join"]["Values"][1] == "gate.json"
    assert "Bias" not in registered()["ModelMetrics"]


def test_the_explanation_of_a_version_is_a_file_that_is_there() -> None:
    writes = outputs("metrics", "gate", "explanation")
    version = register(figures=inputs(explanation="evaluation.explanation"))
    ours = (*evaluate().argv, Flag("explain-method", Setting("permutation")))
    report = registered(given=version, outputs=writes, argv=ours)["ModelMetrics"]["Explainability"]["Report"]
    assert report["ContentType"] == "application/json"
    assert report["S3Uri"]["Std:Join"]["Values"][1] == "explanation.json"
    # A script's own report: its folder is known, its file is not.
    own = registered(given=version, outputs=writes)
    assert "Explainability" not in own["ModelMetrics"]
    assert "figure:explanation" in own["CustomerMetadataProperties"]


def test_runs_that_expire_take_no_model_of_a_version_with_them() -> None:
    def places(document: Any, name: str) -> set[str]:
        found = step(document, name)["Arguments"]
        job = found.get("TrainingJobDefinition", found)
        written = [o["S3Output"]["S3Uri"] for o in job.get("ProcessingOutputConfig", {}).get("Outputs", [])]
        return {uri["Std:Join"]["Values"][0] for uri in written or [job["OutputDataConfig"]["S3OutputPath"]]}

    models, runs = {"s3://acme-ml/churn/models"}, {"s3://acme-ml/churn/runs"}
    given = plan(prepare(), tune(refit=True), evaluate(), register())
    document = definition(given)
    assert places(document, "training-refit") == places(document, "evaluation") == models
    assert places(document, "prepare") == places(document, "training") == runs
    assert places(definition(plan(prepare(), train())), "training") == runs
    roles = stack(given)["Resources"]
    for role, sid in (("JobsRole", "WriteRuns"), ("JobsRole", "ReadData"), ("PipelineRole", "ReadRuns")):
        statements = roles[role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        (allowed,) = [s["Resource"] for s in statements if s["Sid"] == sid]
        assert {f"arn:aws:s3:::acme-ml/churn/{name}/*" for name in ("models", "runs")} <= set(allowed)


def test_metrics_that_lie_packed_are_said_to_be_lost() -> None:
    own = register(gate=None, metrics=inputs(metrics="training.metrics")[0], figures=())
    (found,) = findings(plan(prepare(), train(), own))
    assert (found.code, found.severity) == ("MG315", "note")
    assert "ModelMetrics" not in step(definition(plan(prepare(), train(), own)), "registry")["Arguments"]


def test_a_source_that_only_the_run_knows_is_recorded_by_the_run() -> None:
    uri = Text(("s3://lake/", Ref("folds"), "/"))
    source = replace(REMOTE, uri=uri)
    given = plan(prepare(), train(), evaluate(), register(data_versions=(("source", str(uri)),)), sources=(source,))
    found = step(definition(given), "registry")["Arguments"]["CustomerMetadataProperties"]["data:source"]
    assert found["Std:Join"]["Values"] == ["s3://lake/", {"Get": "Parameters.folds"}, "/"]


def test_names_of_the_group_are_checked() -> None:
    assert codes(plan(prepare(), train(), evaluate(), register(group="a_b"))) == ["MG305"]
    assert codes(plan(prepare(), train(), evaluate(), register(group="a" * 64))) == ["MG305"]


def test_the_pictures_of_an_evaluation_are_found_from_the_version() -> None:
    two = evaluate(outputs=outputs("metrics", "confusion", "gate"))
    found = step(definition(plan(prepare(), train(), two, register())), "registry")["Arguments"]
    assert "figure:confusion" in found["CustomerMetadataProperties"]
