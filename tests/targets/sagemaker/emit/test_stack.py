"""The stack: who may do what, and what starts a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from mlopsgen.plan.steps import Governance, Image, OnInvoke, OnNewData, OnSchedule, Plan, RunParameter, Tracking
from mlopsgen.plan.values import AppPath, Flag, Param, Python, StateUri
from mlopsgen.spec.values import Ref, RunFact, Text
from tests.targets.sagemaker.emit.plans import (
    LOCAL,
    PARAMETERS,
    REMOTE,
    bundle,
    codes,
    definition,
    evaluate,
    findings,
    inputs,
    plan,
    prepare,
    register,
    run,
    stack,
    step,
    train,
    tune,
    values,
)

WEEKLY = OnSchedule(name="weekly", cron="0 2 * * 1", timezone="Europe/Paris", origin=("triggers", "weekly"))
FRESH = OnNewData(name="fresh", source="source", origin=("triggers", "fresh"))
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NETWORK: dict[str, Any] = {"subnets": ["subnet-0a1b2c3d"], "security_groups": ["sg-0a1b2c3d"]}
FULL = plan(
    prepare(),
    tune(),
    evaluate(reads_champion=True),
    register(),
    sources=(REMOTE,),
    triggers=(WEEKLY, FRESH, OnInvoke(name="called", origin=())),
    governance=Governance(
        encryption_key=KEY, private_network=True, retention=86400 * 90, invoke=("app",), deploy=("release",)
    ),
)


def resources(given: Plan | None = None, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = stack(given, **more)["Resources"]
    return found


def statements(found: dict[str, Any]) -> Iterator[Any]:
    for resource in found.values():
        properties = resource["Properties"]
        for policy in properties.get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            yield from properties["PolicyDocument"]["Statement"]


def allowed(found: dict[str, Any], role: str, action: str) -> list[Any]:
    policy = found[role]["Properties"]["Policies"][0]["PolicyDocument"]
    return [s for s in policy["Statement"] if action in s["Action"]]


STARRED = {
    "ecr:GetAuthorizationToken",
    "cloudwatch:PutMetricData",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
}
"""Actions that IAM knows no narrower resource for."""


@pytest.mark.parametrize("given", [plan(), FULL])
def test_no_policy_is_wider_than_it_has_to_be(given: Plan) -> None:
    for statement in statements(resources(given, **NETWORK)):
        assert not any("*" in action for action in statement["Action"])
        if "*" in statement["Resource"]:
            assert set(statement["Action"]) <= STARRED


def test_jobs_write_under_their_own_prefix_and_nowhere_else() -> None:
    (write,) = allowed(resources(FULL, **NETWORK), "JobsRole", "s3:PutObject")
    assert write["Resource"] == ["arn:aws:s3:::acme-ml/churn/models/*", "arn:aws:s3:::acme-ml/churn/runs/*"]


def test_jobs_read_the_declared_sources_and_no_others() -> None:
    (read,) = [s for s in allowed(resources(FULL, **NETWORK), "JobsRole", "s3:GetObject") if s["Sid"] == "ReadData"]
    own = ["arn:aws:s3:::acme-ml/churn/models/*", "arn:aws:s3:::acme-ml/churn/runs/*"]
    assert read["Resource"] == [*own, "arn:aws:s3:::lake/churn/*"]


def test_the_first_count_of_a_test_set_is_not_denied_for_want_of_listing() -> None:
    count = run("count", argv=(Python(), AppPath("c.py"), Flag("store", StateUri("test-sets"))))
    found = resources(plan(prepare(), count))
    (keep,) = [s for s in allowed(found, "JobsRole", "s3:GetObject") if s["Sid"] == "KeepState"]
    assert keep["Resource"] == ["arn:aws:s3:::acme-ml/churn/state/*"]
    listed = [s["Condition"]["StringLike"]["s3:prefix"] for s in allowed(found, "JobsRole", "s3:ListBucket")]
    assert listed == [["churn/data/*", "churn/runs/*", "churn/state/*"]]


def test_wildcards_of_a_spec_stay_text_in_a_policy() -> None:
    source = replace(REMOTE, uri="s3://lake/a*b?c$d/")
    (read,) = allowed(resources(plan(sources=(source,))), "JobsRole", "s3:GetObject")
    assert "arn:aws:s3:::lake/a${*}b${?}c${$}d/*" in read["Resource"]


def test_a_source_known_only_to_the_run_is_allowed_up_to_where_it_is_known() -> None:
    source = replace(REMOTE, uri=Text(("s3://lake/by-day/", Ref("folds"), "/x")))
    (read,) = allowed(resources(plan(sources=(source,))), "JobsRole", "s3:GetObject")
    assert "arn:aws:s3:::lake/by-day/*" in read["Resource"]


def test_only_the_service_takes_a_role_and_only_for_this_account() -> None:
    for resource in resources(FULL, **NETWORK).values():
        if resource["Type"] == "AWS::IAM::Role":
            (trust,) = resource["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            assert trust["Principal"]["Service"].endswith(".amazonaws.com")
            assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_the_pipeline_hands_on_the_jobs_role_alone() -> None:
    found = resources()
    (passed,) = allowed(found, "PipelineRole", "iam:PassRole")
    assert passed["Resource"] == ["arn:aws:iam::123456789012:role/churn-eu-west-1-jobs"]
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert step(definition(), "training")["Arguments"]["RoleArn"] == passed["Resource"][0]


def test_a_role_of_ones_own_replaces_both() -> None:
    own = "arn:aws:iam::123456789012:role/ml"
    found = resources(role=own)
    assert not any(r["Type"] == "AWS::IAM::Role" for r in found.values())
    assert found["Pipeline"]["Properties"]["RoleArn"] == own
    assert step(definition(role=own), "training")["Arguments"]["RoleArn"] == own


def test_the_definition_lies_under_its_digest() -> None:
    template = stack()
    location = template["Resources"]["Pipeline"]["Properties"]["PipelineDefinition"]["PipelineDefinitionS3Location"]
    assert location == {"Bucket": "acme-ml", "Key": {"Fn::Sub": "churn/definitions/${DefinitionDigest}/pipeline.json"}}
    assert template["Parameters"]["DefinitionDigest"]["AllowedPattern"] == "[0-9a-f]{64}"


def test_nothing_of_value_goes_with_the_stack() -> None:
    found = resources(FULL, **NETWORK)
    for name in ("ModelPackageGroup", "Repository", "ProcessingLogs", "TrainingLogs"):
        assert found[name]["UpdateReplacePolicy"] == "Retain"


def test_a_first_deployment_that_fails_leaves_nothing_in_the_way_of_the_next() -> None:
    found = resources(FULL, **NETWORK)
    kept = {name for name, resource in found.items() if "DeletionPolicy" in resource}
    assert kept == {"ModelPackageGroup", "Repository", "ProcessingLogs", "TrainingLogs"}
    assert {found[name]["DeletionPolicy"] for name in kept} == {"RetainExceptOnCreate"}
    # The log groups are the account's and mostly exist: a stack that makes them would fail with its first deployment.
    assert stack(FULL, **NETWORK)["Parameters"]["KeepLogs"]["Default"] == "false"
    readme = bundle(FULL, **NETWORK)["README.md"]
    assert "delete-stack --region eu-west-1 --stack-name churn\naws cloudformation wait" in readme
    assert "--change-set-type CREATE --import-existing-resources" in readme


def test_an_image_that_exists_needs_no_repository() -> None:
    image = Image(prebuilt="123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1", base="", python="3.11")
    assert "Repository" not in resources(plan(image=image))
    assert "Repository" not in resources(repository="ml/churn")
    assert (
        "ml/churn:src-"
        in step(definition(repository="ml/churn"), "training")["Arguments"]["AlgorithmSpecification"]["TrainingImage"]
    )
    assert codes(plan(image=replace(image, prebuilt="docker.io/acme/x:1"))) == ["MG301"]


def test_a_schedule_keeps_its_time_zone() -> None:
    schedule = resources(plan(triggers=(WEEKLY,)))["WeeklySchedule"]["Properties"]
    assert schedule["ScheduleExpression"] == "cron(0 2 ? * MON *)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Paris"
    assert schedule["Target"]["Arn"] == "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn"


def test_a_cron_line_that_cannot_be_said() -> None:
    (found,) = findings(plan(triggers=(replace(WEEKLY, cron="0 2 1 * 1"),)))
    assert (found.code, found.spec_path) == ("MG311", ("triggers", "weekly", "schedule"))


def test_new_files_of_a_source_start_a_run() -> None:
    rule = resources(plan(triggers=(FRESH,), sources=(REMOTE,)))["FreshRule"]["Properties"]
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": ["lake"]}, "object": {"key": [{"prefix": "churn/"}]}},
    }
    assert codes(plan(triggers=(FRESH,), sources=(LOCAL,))) == ["MG301"]


def test_nobody_gives_a_value_to_a_run_that_a_clock_starts() -> None:
    required = RunParameter(name="day", type="string", required=True)
    job = run("use", argv=(Python(), AppPath("u.py"), Flag("day", Param("day"))), params=values(day=Ref("day")))
    (found,) = findings(plan(job, parameters=(*PARAMETERS, required), triggers=(WEEKLY,)))
    assert (found.code, found.spec_path) == ("MG301", ("triggers", "weekly"))


def test_triggers_whose_names_fall_together() -> None:
    twins = (WEEKLY, replace(WEEKLY, name="week-ly"), replace(WEEKLY, name="we-ekly"), replace(WEEKLY, name="week-1"))
    assert codes(plan(triggers=(*twins, replace(WEEKLY, name="week--1")))) == ["MG305"]


def test_whoever_may_start_gets_a_policy() -> None:
    policy = resources(FULL, **NETWORK)["InvokePolicy"]["Properties"]
    assert policy["Roles"] == ["app"]
    assert policy["PolicyDocument"]["Statement"][0]["Resource"] == [
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn"
    ]
    assert codes(plan(governance=Governance(invoke=("arn:aws:iam::1:role/x",)))) == ["MG305"]


def test_the_exit_handler_is_a_pipeline_that_the_end_of_a_run_starts() -> None:
    tell = run(
        "tell", argv=(Python(), AppPath("t.py"), Flag("run", Param("run"))), params=values(run=RunFact("run.id"))
    )
    files = bundle(plan(prepare(), train(), replace(tell, always=True)))
    assert "exit-handler.json" in files
    found = resources(plan(prepare(), train(), replace(tell, always=True)))
    rule = found["WhenEndedRule"]["Properties"]
    assert rule["EventPattern"]["detail"]["currentPipelineExecutionStatus"] == ["Succeeded", "Failed", "Stopped"]
    (target,) = rule["Targets"]
    assert target["Arn"].endswith(":pipeline/churn-always")
    assert target["SageMakerPipelineParameters"]["PipelineParameterList"] == [
        {"Name": "run-arn", "Value": "$.detail.pipelineExecutionArn"}
    ]
    assert '"CacheConfig"' not in files["exit-handler.json"]
    assert "tell" not in files["pipeline.json"]


def test_what_new_files_start_does_not_read_where_they_arrived() -> None:
    lake = RunParameter(name="lake", type="string", required=False, default="a")
    given = replace(REMOTE, uri=Text(("s3://raw/", Ref("lake"), "/rows.csv")))
    found = findings(plan(sources=(given,), parameters=(*PARAMETERS, lake), triggers=(FRESH,)), readable=["s3://raw/"])
    assert [(d.code, d.spec_path) for d in found] == [("MG315", ("triggers", "fresh", "new_data"))]


def test_a_time_of_a_schedule_is_the_runs_own() -> None:
    job = run(
        "use", argv=(Python(), AppPath("u.py"), Flag("at", Param("at"))), params=values(at=RunFact("run.scheduled_at"))
    )
    assert codes(plan(job)) == []
    assert codes(plan(job, triggers=(WEEKLY,))) == ["MG315"]


def test_a_version_in_s3_is_written_down_and_not_read() -> None:
    """S3DataSource and S3Input have an address alone, and no version of it (API reference)."""
    found = findings(plan(sources=(replace(REMOTE, version="abc"),)))
    assert [(d.code, d.spec_path) for d in found] == [("MG315", ("data", "sources", "source", "version"))]


def test_an_exit_handler_reads_nothing_of_the_run() -> None:
    tell = run("tell", inputs(model="training.model"), always=True)
    assert "MG301" in codes(plan(prepare(), train(), tell))


def test_encryption_reaches_everything_that_takes_a_key() -> None:
    given = plan(governance=Governance(encryption_key=KEY))
    processing = step(definition(given), "prepare")["Arguments"]
    training = step(definition(given), "training")["Arguments"]
    assert processing["ProcessingOutputConfig"]["KmsKeyId"] == KEY
    assert processing["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == KEY
    assert (training["OutputDataConfig"]["KmsKeyId"], training["ResourceConfig"]["VolumeKmsKeyId"]) == (KEY, KEY)
    assert resources(given)["Repository"]["Properties"]["EncryptionConfiguration"]["KmsKey"] == KEY
    (use,) = allowed(resources(given), "JobsRole", "kms:GenerateDataKey")
    assert use["Resource"] == [KEY]


@pytest.mark.parametrize("machine", ["ml.g5.xlarge", "ml.r5d.large", "ml.p4de.24xlarge"])
def test_a_machines_own_disk_takes_no_key(machine: str) -> None:
    """The service refuses `VolumeKmsKeyId` there (API reference, ResourceConfig), known to the catalogue or not."""
    given = plan(governance=Governance(encryption_key=KEY))
    document = definition(given, machines={"training": machine})
    assert "VolumeKmsKeyId" not in step(document, "training")["Arguments"]["ResourceConfig"]


def test_jobs_may_write_under_the_key() -> None:
    # "the execution role must include permissions to call kms:Encrypt" (APIReference, OutputDataConfig, KmsKeyId).
    (use,) = allowed(resources(plan(governance=Governance(encryption_key=KEY))), "JobsRole", "kms:Encrypt")
    assert use["Resource"] == [KEY]


def test_what_cannot_be_a_key_is_refused() -> None:
    (refused,) = findings(plan(governance=Governance(encryption_key="the key")))
    assert (refused.code, refused.spec_path) == ("MG305", ("governance", "encryption", "key"))


def test_an_alias_is_no_key_for_a_disk() -> None:
    given = plan(governance=Governance(encryption_key="alias/ml"))
    assert [(d.code, d.severity) for d in findings(given, repository="churn")] == [("MG315", "warning")]
    assert "VolumeKmsKeyId" not in step(definition(given), "training")["Arguments"]["ResourceConfig"]
    (use,) = allowed(resources(given), "JobsRole", "kms:GenerateDataKey")
    assert use["Condition"] == {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/ml"}}


def test_a_private_network_needs_one() -> None:
    given = plan(governance=Governance(private_network=True))
    assert codes(given) == ["MG301"]
    assert codes(plan(), subnets=["subnet-0a1b2c3d"]) == ["MG301"]
    network = step(definition(given, **NETWORK), "prepare")["Arguments"]["NetworkConfig"]["VpcConfig"]
    assert network == {"Subnets": ["subnet-0a1b2c3d"], "SecurityGroupIds": ["sg-0a1b2c3d"]}


def test_logs_are_kept_as_long_as_asked_or_longer() -> None:
    files = bundle(plan(governance=Governance(retention=86400 * 100)))
    logs = yaml.safe_load(files["stack.yaml"])["Resources"]["TrainingLogs"]["Properties"]
    assert logs["RetentionInDays"] == 120
    assert "--log-group-name /aws/sagemaker/TrainingJobs --retention-in-days 120" in files["README.md"]


def test_a_result_is_never_reused_for_longer_than_it_is_kept() -> None:
    given = plan(governance=Governance(retention=86400 * 7))
    assert step(definition(given), "prepare")["CacheConfig"]["ExpireAfter"] == "P7D"
    assert step(definition(cache_for="90m"), "prepare")["CacheConfig"]["ExpireAfter"] == "PT90M"


def test_runs_are_recorded_where_the_spec_says() -> None:
    assert definition()["PipelineExperimentConfig"]["ExperimentName"] == "churn"
    server = "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/ml"
    given = plan(tracking=Tracking(experiment="churn", mlflow=server))
    assert "PipelineExperimentConfig" not in definition(given)
    environment = step(definition(given), "training")["Arguments"]["Environment"]
    assert environment == {"MLFLOW_TRACKING_URI": server, "MLFLOW_EXPERIMENT_NAME": "churn"}
    (record,) = allowed(resources(given), "JobsRole", "sagemaker-mlflow:LogMetric")
    assert record["Resource"] == [server]


def test_records_that_others_keep() -> None:
    assert codes(plan(governance=Governance(lineage=True))) == ["MG302"]
    assert [(d.code, d.severity) for d in findings(plan(governance=Governance(audit=True)))] == [("MG315", "note")]


def test_names_too_long_for_the_account() -> None:
    assert codes(plan(name="a" * 48), region="ap-southeast-2") == ["MG305"] * 2


def test_the_account_of_other_partitions() -> None:
    found = definition(region="cn-north-1")
    job = step(found, "training")["Arguments"]
    assert job["RoleArn"].startswith("arn:aws-cn:iam::")
    assert ".dkr.ecr.cn-north-1.amazonaws.com.cn/" in job["AlgorithmSpecification"]["TrainingImage"]
