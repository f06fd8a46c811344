"""Trainings: one machine or several, on demand or spot, from scratch or from the champion."""

from __future__ import annotations

from typing import Any

from mlopsgen.plan.steps import FromRegistry, Gpu, Input, Resources, RunParameter, Secret
from mlopsgen.plan.values import Flag, Param, PortKind
from mlopsgen.spec.values import Ref
from tests.targets.sagemaker.emit.plans import (
    PARAMETERS,
    codes,
    definition,
    findings,
    inputs,
    outputs,
    plan,
    prepare,
    script,
    stack,
    step,
    train,
    values,
)


def trained(**more: Any) -> Any:
    return step(definition(plan(prepare(), train(**more))), "training")["Arguments"]


def test_metrics_of_the_gates_are_read_from_what_the_training_prints() -> None:
    (metric,) = step(definition(), "training")["Arguments"]["AlgorithmSpecification"]["MetricDefinitions"]
    assert metric == {"Name": "accuracy", "Regex": r"(?:^|\s)accuracy=([-+0-9.eE]+)"}


def test_spot_training_keeps_checkpoints_of_its_own_run() -> None:
    found = trained(resources=Resources(spot=True), timeout=600)
    assert found["EnableManagedSpotTraining"] is True
    assert found["StoppingCondition"] == {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 1200}
    assert found["CheckpointConfig"]["S3Uri"]["Std:Join"]["Values"][1:] == [
        {"Get": "Execution.PipelineExecutionId"},
        "checkpoints",
        "training",
    ]


def test_torchrun_meets_at_the_first_machine() -> None:
    found = trained(resources=Resources(nodes=2), distributed="torchrun")
    command = found["AlgorithmSpecification"]["ContainerArguments"]
    after = command[command.index("--") + 1 :]
    assert after[:5] == ["python", "-m", "torch.distributed.run", "--nnodes=2", "--nproc-per-node=1"]
    assert after[5] == "/opt/app/train.py"
    assert "--cluster=/opt/ml/input/config/resourceconfig.json" in command[: command.index("--")]
    assert found["ResourceConfig"]["InstanceCount"] == 2


def test_of_several_machines_the_metrics_are_read_too() -> None:
    """Nobody printed them, so the service saw none; a search over several machines had no objective and failed."""
    command = trained(resources=Resources(nodes=2), distributed="torchrun")["AlgorithmSpecification"]
    assert {"--scalars=stdout", "--metrics=/opt/ml/output/data/metrics"} <= set(command["ContainerArguments"])
    by_itself = trained(resources=Resources(nodes=2))["AlgorithmSpecification"]
    assert "--scalars=stdout" not in by_itself["ContainerArguments"], "no launcher knows which machine is the first"


def test_torchrun_starts_once_for_each_accelerator() -> None:
    asked = Resources(nodes=2, gpu=Gpu("a10g", 4))
    found = trained(resources=asked, distributed="torchrun")
    assert "--nproc-per-node=gpu" in found["AlgorithmSpecification"]["ContainerArguments"]
    assert found["ResourceConfig"]["InstanceType"] == "ml.g5.12xlarge"


def test_what_cannot_be_started_on_several_machines_is_refused() -> None:
    for kind in ("mpi", "tensorflow"):
        (found,) = findings(plan(prepare(), train(distributed=kind, resources=Resources(nodes=2))))
        assert (found.code, found.spec_path) == ("MG301", ("training", "distributed"))


def test_the_number_of_machines_may_be_a_run_parameter() -> None:
    found = trained(resources=Resources(nodes=Ref("folds")), distributed="torchrun")
    assert found["ResourceConfig"]["InstanceCount"] == {"Get": "Parameters.folds"}
    joined = {"Std:Join": {"On": "", "Values": ["--nnodes=", {"Get": "Parameters.folds"}]}}
    assert joined in found["AlgorithmSpecification"]["ContainerArguments"]


def test_a_secret_is_fetched_by_the_launcher_and_allowed_by_name() -> None:
    given = plan(prepare(), train(secrets=(Secret("DB", "prod/db", ()),)))
    command = step(definition(given), "training")["Arguments"]["AlgorithmSpecification"]["ContainerArguments"]
    assert "--secret=DB=aws-secretsmanager://eu-west-1/prod/db" in command
    statements = stack(given)["Resources"]["JobsRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    (allowed,) = (s for s in statements if "secretsmanager:GetSecretValue" in s["Action"])
    assert allowed["Resource"] == ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-??????"]


def test_a_secret_of_another_platform_is_refused() -> None:
    secret = Secret("DB", "azure-keyvault://vault/db", ("training", "secrets", "DB"))
    assert codes(plan(prepare(), train(secrets=(secret,)))) == ["MG312"]


def test_the_champion_is_fetched_by_the_launcher() -> None:
    previous = Input(port="previous", kind=PortKind.MODEL, source=FromRegistry("churn", "champion"), origin=())
    reads = (*inputs(train="prepare.train"), previous)
    given = plan(prepare(), train(inputs=reads, argv=script("train.py", reads, outputs("model", "metrics"))))
    found = step(definition(given), "training")["Arguments"]
    command = found["AlgorithmSpecification"]["ContainerArguments"]
    # Of the service's own folders not all may be written in; beside them the launcher may make its own.
    assert "--fetch=/opt/ml/mlopsgen/fetched/previous=champion@sagemaker://eu-west-1/churn" in command
    assert "--previous=/opt/ml/mlopsgen/fetched/previous" in command
    assert [c["ChannelName"] for c in found["InputDataConfig"]] == ["train"]
    statements = stack(given)["Resources"]["JobsRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert any("sagemaker:ListModelPackages" in s["Action"] for s in statements)


def test_an_optional_parameter_is_left_out_by_the_launcher() -> None:
    argv = (*train().argv, Flag("limit", Param("limit"), optional=True))
    given = train(argv=argv, params=values(folds=5, limit=Ref("limit")))
    limit = RunParameter(name="limit", type="integer", required=False)
    document = definition(plan(prepare(), given, parameters=(*PARAMETERS, limit)))
    assert "--optional=limit" in step(document, "training")["Arguments"]["AlgorithmSpecification"]["ContainerArguments"]
    assert {"Name": "limit", "Type": "String", "DefaultValue": ""} in document["Parameters"]


def test_a_training_in_a_foreign_image_is_refused() -> None:
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/other:1"
    assert "MG301" in codes(plan(prepare(), train(image=image)))
