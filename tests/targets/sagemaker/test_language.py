"""From the words of a spec to the words of SageMaker: one small spec for each thing that a spec can say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlopsgen.compile import CompileRequest, compile_spec

BASE: dict[str, Any] = {
    "apiVersion": "mlopsgen/v1",
    "name": "churn",
    "data": {"source": "s3://lake/churn/", "label": "churned", "columns": {"age": "integer", "churned": "boolean"}},
    "training": {"run": "train.py"},
    "evaluation": {"task": "classification", "gates": {"accuracy": {"at_least": 0.8}}},
    "registry": {"model": "churn"},
    "targets": {"sagemaker": {"region": "eu-west-1", "account": "123456789012", "bucket": "acme-ml"}},
}
SEARCH = {"metric": "accuracy", "trials": 4, "parallel": 2, "search": {"depth": {"int": [2, 9]}}}
EXTRA = {"run": "extra.py", "outputs": ["page"]}
VERSIONED = {"uri": "s3://lake/churn/", "version": "7", "columns": BASE["data"]["columns"]}
RUN_ID = {"Values": ["--id=", {"Get": "Execution.PipelineExecutionId"}]}
SCHEDULED = {"Get": "Execution.StartDateTime"}


def emitted(tmp_path: Path, more: dict[str, Any], env: str | None = None) -> dict[str, Any]:
    """The parsed files of the base spec with these sections merged in."""
    for script in ("train.py", "extra.py"):
        (tmp_path / script).write_text("")
    spec = tmp_path / "spec.yaml"
    spec.write_text(yaml.safe_dump(merged(BASE, more), sort_keys=False))
    files = compile_spec(CompileRequest(spec, spec.read_bytes(), env), "sagemaker").bundle.files
    return {
        "pipeline": json.loads(files["pipeline.json"]),
        "always": json.loads(files["exit-handler.json"]) if "exit-handler.json" in files else {},
        "stack": yaml.safe_load(files["stack.yaml"]),
        "image": files.get("image/Dockerfile", b"").decode(),
    }


def merged(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    both = {key: merged(old.get(key), new[key]) if key in new else old[key] for key in {**old, **new}}
    return {key: value for key, value in both.items() if value is not None}


def steps(definition: dict[str, Any]) -> dict[str, Any]:
    """Every step by name, in whatever branch it lies."""
    found: dict[str, Any] = {}
    waiting = list(definition.get("Steps", ()))
    while waiting:
        step = waiting.pop()
        found[step["Name"]] = step
        waiting += [s for branch in ("IfSteps", "ElseSteps") for s in step["Arguments"].get(branch, ())]
    return found


def has(node: Any, part: Any) -> bool:
    """Whether a part stands anywhere: a text inside a text, an object whose keys are all there, a value."""
    if isinstance(part, str) and isinstance(node, str) and part in node:
        return True
    if (
        isinstance(part, dict)
        and isinstance(node, dict)
        and all(k in node and has(node[k], v) for k, v in part.items())
    ):
        return True
    if type(node) is type(part) and node == part:
        return True
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return any(has(child, part) for child in inner)


def training(**more: Any) -> dict[str, Any]:
    return {"training": {"run": "train.py", **more}}


def tuning(**more: Any) -> dict[str, Any]:
    return training(tuning={**SEARCH, **more})


def trigger(**more: Any) -> dict[str, Any]:
    return {"triggers": {"it": {"start": "training", **more}}}


def target(**more: Any) -> dict[str, Any]:
    return {"targets": {"sagemaker": more}}


SAID: dict[str, tuple[dict[str, Any], str, Any]] = {
    "code.base": ({"code": {"base": "python:3.12-slim@sha256:" + "1" * 64}}, "image", "FROM python:3.12-slim@sha256"),
    "code.image": (
        {"code": {"image": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/ml@sha256:{'1' * 64}"}},
        "training",
        {"TrainingImage": "/ml@sha256:"},
    ),
    "data.checks": ({"data": {"checks": {"min_rows": 5}}}, "prepare", "--contract-digest=sha256:"),
    "data.split": ({"data": {"split": {"test": 0.3}}}, "prepare", {"OutputName": "test"}),
    "data.version": (
        {"data": {"source": None, "columns": None, "sources": {"s": VERSIONED}}},
        "prepare",
        {"MLOPSGEN_DATA_VERSION": "s=7"},
    ),
    "steps": ({"steps": {"extra": EXTRA}}, "extra", "/opt/app/extra.py"),
    "steps.when": (
        {
            "parameters": {"go": {"type": "boolean", "default": True}},
            "steps": {"extra": {**EXTRA, "when": "${parameters.go}"}},
        },
        "when-go",
        {"LeftValue": {"Get": "Parameters.go"}, "RightValue": True},
    ),
    "steps.always": ({"steps": {"extra": {**EXTRA, "always": True}}}, "always", {"Name": "extra"}),
    "steps.after": ({"steps": {"extra": {**EXTRA, "after": ["training"]}}}, "extra", {"DependsOn": ["training"]}),
    "steps.env": ({"steps": {"extra": {**EXTRA, "env": {"MODE": "fast"}}}}, "extra", {"Environment": {"MODE": "fast"}}),
    "steps.secrets": (
        {"steps": {"extra": {**EXTRA, "secrets": {"TOKEN": "crm"}}}},
        "extra",
        "--secret=TOKEN=aws-secretsmanager://eu-west-1/crm",
    ),
    "steps.retries": ({"steps": {"extra": {**EXTRA, "retries": {"attempts": 2}}}}, "extra", {"MaxAttempts": 2}),
    "steps.timeout": ({"steps": {"extra": {**EXTRA, "timeout": "10m"}}}, "extra", {"MaxRuntimeInSeconds": 600}),
    "steps.cache": ({"steps": {"extra": EXTRA}}, "extra", {"CacheConfig": {"Enabled": True}}),
    "run.scheduled_at": ({"steps": {"extra": {**EXTRA, "params": {"at": "${run.scheduled_at}"}}}}, "extra", SCHEDULED),
    "run.id": (training(params={"id": "${run.id}"}), "training", RUN_ID),
    "training.nodes": (training(resources={"nodes": 2}, distributed="torchrun"), "training", "--nnodes=2"),
    "training.spot": (training(resources={"spot": True}), "training", {"EnableManagedSpotTraining": True}),
    "training.framework": (
        {"training": {"run": None, "framework": "sklearn.LogisticRegression"}},
        "training",
        "--framework=sklearn.LogisticRegression",
    ),
    "tuning.grid": (tuning(strategy="grid", trials=8), "training", {"Strategy": "Grid"}),
    "tuning.random": (tuning(strategy="random"), "training", {"Strategy": "Random"}),
    "tuning.bayesian": (tuning(strategy="bayesian"), "training", {"Strategy": "Bayesian"}),
    "tuning.hyperband": (
        {"training": {"params": {"epochs": 9}, "tuning": {**SEARCH, "strategy": "hyperband"}}},
        "training",
        {"HyperbandStrategyConfig": {"MaxResource": 9}},
    ),
    "tuning.stop_at": (tuning(strategy="random", stop_at=0.9), "training", {"TargetObjectiveMetricValue": 0.9}),
    "tuning.refit": (tuning(strategy="random", refit=True), "training-refit", "BestTrainingJob.TunedHyperParameters"),
    "evaluation": ({}, "evaluation", {"PropertyFileName": "gate"}),
    "on_gate_failure.fail": ({"evaluation": {"on_gate_failure": "fail"}}, "evaluation-gate-failed", {"Type": "Fail"}),
    "on_gate_failure.register": (
        {"evaluation": {"on_gate_failure": "register"}},
        "registry-rejected",
        {"ModelApprovalStatus": "Rejected"},
    ),
    "tracking.experiment": ({"tracking": {"experiment": "who"}}, "pipeline", {"ExperimentName": "who"}),
    "tracking.mlflow": (
        {"tracking": {"backend": {"mlflow": "https://mlflow.acme.example"}}},
        "training",
        {"MLFLOW_TRACKING_URI": "https://mlflow.acme.example"},
    ),
    "registry.approval": (
        {"registry": {"approval": "manual"}},
        "registry",
        {"ModelApprovalStatus": "PendingManualApproval"},
    ),
    "registry.card": ({"registry": {"card": {"intended_use": "Calls"}}}, "registry", {"ModelCardContent": "Calls"}),
    "governance.encryption": (
        {
            "governance": {
                "encryption": {"key": f"arn:aws:kms:eu-west-1:123456789012:key/{'1' * 8}-1111-1111-1111-{'1' * 12}"}
            }
        },
        "training",
        {"VolumeKmsKeyId": "arn:aws:kms:"},
    ),
    "governance.network": (
        {"governance": {"network": {"private": True}}}
        | target(subnets=["subnet-0a1b2c3d"], security_groups=["sg-0a1b2c3d"]),
        "training",
        {"VpcConfig": {"Subnets": ["subnet-0a1b2c3d"]}},
    ),
    "governance.retention": ({"governance": {"retention": "90d"}}, "stack", {"RetentionInDays": 90}),
    "governance.access": ({"governance": {"access": {"invoke": ["app"]}}}, "stack", {"Roles": ["app"]}),
    "triggers.schedule": (
        trigger(schedule="0 2 * * 1", timezone="Europe/Paris"),
        "stack",
        {"ScheduleExpression": "cron(0 2 ? * MON *)", "ScheduleExpressionTimezone": "Europe/Paris"},
    ),
    "triggers.new_data": (trigger(new_data="data.source"), "stack", {"detail-type": ["Object Created"]}),
    "triggers.invoke": (trigger(invoke=True), "stack", {"Type": "AWS::IAM::ManagedPolicy"}),
    "tags": ({"tags": {"domain": "telecom"}}, "training", {"Key": "domain", "Value": "telecom"}),
    "targets.machines": (target(machines={"training": "ml.c5.xlarge"}), "training", {"InstanceType": "ml.c5.xlarge"}),
    "targets.steps": (
        target(steps={"training": {"EnableNetworkIsolation": True}}),
        "training",
        {"EnableNetworkIsolation": True},
    ),
    "targets.patches": (
        target(
            patches=[
                {"file": "pipeline.json", "at": "/Steps/[Name=training]/CacheConfig", "merge": {"ExpireAfter": "P7D"}}
            ]
        )
        | training(cache=True)
        | {"data": {"source": "s3://lake/churn/", "split": {"test": 0.2}}},
        "training",
        {"ExpireAfter": "P7D"},
    ),
}


@pytest.mark.parametrize("said", SAID)
def test_what_a_spec_says_is_emitted(said: str, tmp_path: Path) -> None:
    more, where, expected = SAID[said]
    files = emitted(tmp_path, more)
    place = files[where] if where in files else steps(files["pipeline"])[where]
    assert has(place, expected), json.dumps(place, indent=1)


def test_a_section_that_is_not_written_leaves_nothing(tmp_path: Path) -> None:
    """What the probes look for is not in every bundle."""
    plain = steps(emitted(tmp_path, {})["pipeline"])
    elsewhere = ("evaluation", "data.checks", "data.split", "tracking.experiment")
    found = [
        said
        for said, (_, where, part) in SAID.items()
        if said not in elsewhere and where in plain and has(plain[where], part)
    ]
    assert found == []


def test_a_description_is_one_line_where_the_service_takes_no_more(tmp_path: Path) -> None:
    files = emitted(tmp_path, {"description": "Who leaves.\n\nAnd why.\n"})
    registered = steps(files["pipeline"])["registry"]["Arguments"]
    assert registered["ModelPackageDescription"].startswith("Who leaves. And why. (")
    assert has(files["stack"], {"PipelineDescription": "Who leaves. And why."})


def test_an_environment_has_its_own_account(tmp_path: Path) -> None:
    own = {"targets": {"sagemaker": {"region": "eu-central-1", "bucket": "acme-live"}}}
    files = emitted(tmp_path, {"environments": {"production": own}}, "production")
    assert has(files["stack"], "arn:aws:sagemaker:eu-central-1:123456789012:")
    assert not has(files["pipeline"], "eu-west-1")
    assert has(files["pipeline"], "s3://acme-live/churn-production/runs")
