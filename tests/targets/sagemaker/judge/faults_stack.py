"""Faults in roles, endpoints, and in the folder itself."""

from __future__ import annotations

from typing import Any

import yaml

from .places import ENDPOINT, ROLE, SCALABLE, canary_of, set_base, statement_of, trust_of
from .seed import Absent, Doc, Faults, Seeded, drop, put

faults = Faults()


def patched(b: Seeded, kind: str, properties: Doc) -> None:
    """A resource more, as a patch would add it."""
    b.template["Resources"]["Patched"] = {"Type": kind, "Properties": properties}


@faults("semantics", 434, 442)
def pipeline_role_trusts_the_wrong_service(b: Seeded) -> None:
    trust_of(b, "sagemaker.amazonaws.com")["Principal"] = {"Service": "ec2.amazonaws.com"}


@faults("semantics", 434)
def scheduler_role_trusts_events_alone(b: Seeded) -> None:
    trust_of(b, "scheduler.amazonaws.com")["Principal"] = {"Service": "events.amazonaws.com"}


@faults("semantics", 434)
def rule_role_trusts_the_scheduler_alone(b: Seeded) -> None:
    trust_of(b, "events.amazonaws.com")["Principal"] = {"Service": "scheduler.amazonaws.com"}


@faults("semantics", 442)
def role_trusts_everybody(b: Seeded) -> None:
    trust_of(b, "sagemaker.amazonaws.com")["Principal"] = {"AWS": "*"}


@faults("semantics", 442)
def action_star(b: Seeded) -> None:
    statement_of(b, "s3:")["Action"] = "*"


@faults("semantics", 442)
def all_actions_of_a_service(b: Seeded) -> None:
    statement_of(b, "s3:")["Action"] = ["s3:*"]


@faults("semantics", 442)
def all_buckets(b: Seeded) -> None:
    statement_of(b, "s3:")["Resource"] = "*"


@faults("semantics", 442)
def all_buckets_by_arn(b: Seeded) -> None:
    statement_of(b, "s3:")["Resource"] = ["arn:aws:s3:::*"]


@faults("semantics", 442)
def passes_any_role(b: Seeded) -> None:
    statement_of(b, "iam:PassRole")["Resource"] = "*"


@faults("semantics", 442)
def passes_its_role_to_anybody(b: Seeded) -> None:
    drop(statement_of(b, "iam:PassRole"), "Condition")


@faults("semantics", 442)
def metrics_in_any_namespace(b: Seeded) -> None:
    drop(statement_of(b, "cloudwatch:PutMetricData"), "Condition")


@faults("semantics", 442)
def everything_but_one_action(b: Seeded) -> None:
    statement = statement_of(b, "s3:")
    statement["NotAction"] = statement.pop("Action")


@faults("semantics", 442)
def managed_full_access(b: Seeded) -> None:
    b.resource(ROLE, "Properties")["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"]


@faults("semantics", 441, 442, by="cfn-lint")
def unknown_action(b: Seeded) -> None:
    statement_of(b, "sagemaker:")["Action"] = ["sagemaker:CreateTrainJob"]


@faults("delete", 434)
def scheduler_role_may_not_start_the_pipeline(b: Seeded) -> None:
    statement_of(b, "sagemaker:StartPipelineExecution")["Action"] = ["sagemaker:DescribePipeline"]


@faults("delete", 432)
def logs_kept_for_ever(b: Seeded) -> None:
    drop(b.resource("AWS::Logs::LogGroup", "Properties"), "RetentionInDays")


@faults("semantics", 441, by="cfn-lint")
def logs_kept_for_a_hundred_days(b: Seeded) -> None:
    put(b.resource("AWS::Logs::LogGroup", "Properties"), "RetentionInDays", 100)


@faults("semantics", 433)
def access_key_in_the_template(b: Seeded) -> None:
    b.template["Description"] = "made with AKIA" + "IOSFODNN7ABCDEFG"


@faults("semantics", 433)
def fewest_above_most(b: Seeded) -> None:
    b.resource(SCALABLE, "Properties").update(MinCapacity=5, MaxCapacity=2)


@faults("semantics", 433)
def resource_id_without_a_variant(b: Seeded) -> None:
    put(b.resource(SCALABLE, "Properties"), "ResourceId", "endpoint/schedule-adherence")


@faults("dangle", 434)
def resource_id_of_another_endpoint(b: Seeded) -> None:
    put(b.resource(SCALABLE, "Properties"), "ResourceId", "endpoint/another/variant/main")


@faults("dangle", 434)
def resource_id_of_another_variant(b: Seeded) -> None:
    name = b.resource(ENDPOINT, "Properties", "EndpointName")
    put(b.resource(SCALABLE, "Properties"), "ResourceId", f"endpoint/{name}/variant/other")


@faults("semantics", 433)
def canary_of_sixty_percent(b: Seeded) -> None:
    canary_of(b)["CanarySize"] = {"Type": "CAPACITY_PERCENT", "Value": 60}


@faults("delete", 432)
def canary_without_a_size(b: Seeded) -> None:
    drop(canary_of(b), "CanarySize")


@faults("dangle", 434)
def rollback_on_an_alarm_that_nobody_makes(b: Seeded) -> None:
    alarms = b.resource(ENDPOINT, "Properties", "DeploymentConfig", "AutoRollbackConfiguration", "Alarms")
    alarms[0]["AlarmName"] = "nobody"


@faults("delete", 432)
def canary_without_an_alarm(b: Seeded) -> None:
    drop(b.resource(ENDPOINT, "Properties", "DeploymentConfig"), "AutoRollbackConfiguration")


@faults("semantics", 433)
def serverless_in_a_network(b: Seeded) -> None:
    variant = b.resource("AWS::SageMaker::EndpointConfig", "Properties", "ProductionVariants", 0)
    for key in ("InstanceType", "InitialInstanceCount"):
        variant.pop(key, None)
    variant["ServerlessConfig"] = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    b.resource("AWS::SageMaker::Model", "Properties")["VpcConfig"] = {
        "Subnets": ["subnet-0a1b2c3d"],
        "SecurityGroupIds": ["sg-0a1b2c3d"],
    }


@faults("semantics", 443)
def edge_fleet(b: Seeded) -> None:
    b.template["Resources"]["Fleet"] = {
        "Type": "AWS::SageMaker::DeviceFleet",
        "Properties": {
            "DeviceFleetName": "fleet",
            "OutputConfig": {"S3OutputLocation": "s3://acme-ml/edge"},
            "RoleArn": "arn:aws:iam::123456789012:role/edge",
        },
    }


@faults("semantics", 443)
def monitoring_schedule(b: Seeded) -> None:
    name = "arn:aws:iam::123456789012:role/monitor"
    job: Any = {"RoleArn": name}
    b.template["Resources"]["Monitor"] = {
        "Type": "AWS::SageMaker::MonitoringSchedule",
        "Properties": {"MonitoringScheduleConfig": {"MonitoringJobDefinition": job}},
    }


@faults("semantics", 443)
def greengrass_one(b: Seeded) -> None:
    b.template["Resources"]["Core"] = {"Type": "AWS::Greengrass::Group", "Properties": {"Name": "edge"}}


@faults("delete", 444, by="manifest")
def definition_is_missing(b: Seeded) -> None:
    drop(b.files, "pipeline.json")


@faults("delete", 444, by="manifest")
def stack_is_missing(b: Seeded) -> None:
    drop(b.files, "stack.yaml")


@faults("delete", 444, by="manifest")
def readme_is_missing(b: Seeded) -> None:
    drop(b.files, "README.md")


@faults("delete", 444, by="manifest")
def dockerfile_is_missing(b: Seeded) -> None:
    drop(b.files, "image/Dockerfile")


@faults("semantics", 445)
def base_image_latest(b: Seeded) -> None:
    set_base(b, "python:latest")


@faults("semantics", 445)
def base_image_without_a_tag(b: Seeded) -> None:
    set_base(b, "python")


@faults("delete", 432, 438)
def dockerfile_without_a_base(b: Seeded) -> None:
    text = b.files.get("image/Dockerfile")
    if text is None:
        raise Absent
    b.files["image/Dockerfile"] = "\n".join(x for x in text.splitlines() if not x.startswith("FROM"))


@faults("semantics", 442)
def container_asks_for_root(b: Seeded) -> None:
    text = b.files.get("image/Dockerfile")
    if text is None:
        raise Absent
    b.files["image/Dockerfile"] = text + "\nUSER root\n"


@faults("semantics", 433)
def recipe_of_half_a_version(b: Seeded) -> None:
    recipe = {"RecipeFormatVersion": "2020-01-25", "ComponentName": "com.acme.churn", "ComponentVersion": "1.2"}
    patched(b, "AWS::GreengrassV2::ComponentVersion", {"InlineRecipe": yaml.safe_dump(recipe)})


@faults("rename", 430)
def phase_that_no_build_has(b: Seeded) -> None:
    build = {"version": 0.2, "phases": {"test": {"commands": ["mlopsgen check"]}}}
    project = {
        "ServiceRole": "arn:aws:iam::123456789012:role/build",
        "Artifacts": {"Type": "CODEPIPELINE"},
        "Environment": {
            "Type": "LINUX_CONTAINER",
            "ComputeType": "BUILD_GENERAL1_SMALL",
            "Image": "aws/codebuild/standard:7.0",
        },
        "Source": {"Type": "CODEPIPELINE", "BuildSpec": yaml.safe_dump(build)},
    }
    patched(b, "AWS::CodeBuild::Project", project)


@faults("delete", 432)
def action_that_reads_no_branch(b: Seeded) -> None:
    source = {
        "Name": "source",
        "ActionTypeId": {"Category": "Source", "Owner": "AWS", "Version": "1", "Provider": "CodeStarSourceConnection"},
        "Configuration": {"ConnectionArn": "arn:aws:codeconnections:eu-west-1:1:x", "FullRepositoryId": "acme/churn"},
        "OutputArtifacts": [{"Name": "code"}],
    }
    approval = {"Category": "Approval", "Owner": "AWS", "Version": "1", "Provider": "Manual"}
    delivery = {
        "RoleArn": "arn:aws:iam::123456789012:role/delivery",
        "ArtifactStore": {"Type": "S3", "Location": "acme-ml"},
        "Stages": [
            {"Name": "one", "Actions": [source]},
            {"Name": "two", "Actions": [{"Name": "approval", "ActionTypeId": approval}]},
        ],
    }
    patched(b, "AWS::CodePipeline::Pipeline", delivery)


@faults("semantics", 444, by="manifest")
def manifest_names_a_file_that_is_not_there(b: Seeded) -> None:
    manifest = b.files.get("manifest.json")
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise Absent
    manifest["files"]["more.json"] = "sha256:" + "0" * 64
