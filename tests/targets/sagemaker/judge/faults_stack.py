"""Faults in the templates beside the definition, and in the folder itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .seed import Absent, Doc, Faults, Seeded, at, drop, put, rename

faults = Faults()

SCHEDULE = "AWS::Scheduler::Schedule"
RULE = "AWS::Events::Rule"
PIPELINE = "AWS::SageMaker::Pipeline"
ROLE = "AWS::IAM::Role"
SCALABLE = "AWS::ApplicationAutoScaling::ScalableTarget"
ENDPOINT = "AWS::SageMaker::Endpoint"


def _statements(b: Seeded) -> Iterator[Doc]:
    for resource in b.template.get("Resources", {}).values():
        if resource.get("Type") != ROLE:
            continue
        for policy in resource["Properties"].get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]


def _statement(b: Seeded, action: str) -> Doc:
    """The first statement that allows such an action."""
    for found in _statements(b):
        actions = found["Action"] if isinstance(found["Action"], list) else [found["Action"]]
        if any(a.startswith(action) for a in actions):
            return found
    raise Absent(action)


def _trust(b: Seeded, service: str) -> Doc:
    for resource in b.template.get("Resources", {}).values():
        document = resource.get("Properties", {}).get("AssumeRolePolicyDocument")
        for found in document["Statement"] if document else ():
            if service in str(found["Principal"]):
                trust: Doc = found
                return trust
    raise Absent(service)


def _pipeline_parameters(b: Seeded) -> list[Doc]:
    for path in (
        (SCHEDULE, "Properties", "Target", "SageMakerPipelineParameters", "PipelineParameterList"),
        (RULE, "Properties", "Targets", 0, "SageMakerPipelineParameters", "PipelineParameterList"),
    ):
        try:
            found: list[Doc] = b.resource(*path)
        except Absent:
            continue
        if found:
            return found
    raise Absent


def _canary(b: Seeded) -> Doc:
    path = ("Properties", "DeploymentConfig", "BlueGreenUpdatePolicy", "TrafficRoutingConfiguration")
    found: Doc = b.resource(ENDPOINT, *path)
    return found


# schedules


def _cron(expression: str, name: str) -> None:
    def break_(b: Seeded) -> None:
        put(b.resource(SCHEDULE, "Properties"), "ScheduleExpression", expression)

    break_.__name__ = name
    faults("semantics", 439)(break_)


_cron("cron(0 2 * * 1)", "cron_of_five_fields")
_cron("cron(60 2 ? * MON *)", "cron_minute_sixty")
_cron("cron(0 24 ? * MON *)", "cron_hour_twenty_four")
_cron("cron(0 2 * * * *)", "cron_both_days_starred")
_cron("cron(0 2 ? * ? *)", "cron_neither_day_given")
_cron("cron(0 2 1 * MON *)", "cron_both_days_given")
_cron("cron(0 2 ? * 0 *)", "cron_sunday_as_zero")
_cron("cron(0 2 ? * MONDAY *)", "cron_day_spelt_out")
_cron("cron(0 2 ? 13 MON *)", "cron_month_thirteen")
_cron("cron(0/0 2 ? * MON *)", "cron_step_of_zero")
_cron("cron(0 5-2 ? * MON *)", "cron_range_backwards")
_cron("cron(0 2 32 * ? *)", "cron_day_thirty_two")
_cron("cron(0 2 ? * 2#6 *)", "cron_sixth_monday")
_cron("rate(1 days)", "rate_of_one_days")
_cron("rate(2 hour)", "rate_of_two_hour")
_cron("rate(0 hours)", "rate_of_nothing")
_cron("rate(5 weeks)", "rate_in_weeks")
_cron("0 2 * * 1", "cron_without_its_word")
_cron("at(2026-13-01T00:00:00)", "month_thirteen")


@faults("semantics", 433, 439)
def unknown_time_zone(b: Seeded) -> None:
    b.resource(SCHEDULE, "Properties")["ScheduleExpressionTimezone"] = "Europe/Pari"


@faults("semantics", 433)
def schedule_of_the_past(b: Seeded) -> None:
    b.resource(SCHEDULE, "Properties").update(StartDate="2026-03-01T00:00:00Z", EndDate="2026-02-01T00:00:00Z")


@faults("dangle", 434)
def schedule_sets_an_unknown_parameter(b: Seeded) -> None:
    _pipeline_parameters(b)[0]["Name"] += "x"


@faults("delete", 432)
def schedule_leaves_out_what_has_no_default(b: Seeded) -> None:
    given = {p["Name"] for p in _pipeline_parameters(b)}
    for parameter in b.definition.get("Parameters", []):
        if "DefaultValue" in parameter and parameter["Name"] not in given:
            del parameter["DefaultValue"]
            return
    raise Absent


@faults("retype", 431, 433)
def schedule_gives_words_for_a_number(b: Seeded) -> None:
    numbers = {p["Name"] for p in b.definition["Parameters"] if p.get("Type") in ("Float", "Integer")}
    for given in _pipeline_parameters(b):
        if given["Name"] in numbers:
            given["Value"] = "much"
            return
    raise Absent


@faults("retype", 441)
def schedule_gives_a_number(b: Seeded) -> None:
    _pipeline_parameters(b)[0]["Value"] = {"a": 1}


@faults("dangle", 434)
def schedule_starts_another_pipeline(b: Seeded) -> None:
    target = b.resource(SCHEDULE, "Properties", "Target")
    target["Arn"] = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/somebody-elses"


@faults("dangle", 434)
def rule_starts_a_pipeline_of_another_region(b: Seeded) -> None:
    name = b.resource(PIPELINE, "Properties", "PipelineName")
    b.resource(RULE, "Properties", "Targets", 0)["Arn"] = f"arn:aws:sagemaker:mars-1:123456789012:pipeline/{name}"


@faults("delete", 432)
def rule_without_a_role(b: Seeded) -> None:
    drop(b.resource(RULE, "Properties", "Targets", 0), "RoleArn")


@faults("semantics", 433)
def rule_waits_for_an_unknown_event(b: Seeded) -> None:
    put(b.resource(RULE, "Properties", "EventPattern"), "detail-type", ["Object Create"])


@faults("semantics", 433)
def rule_pattern_without_a_list(b: Seeded) -> None:
    put(b.resource(RULE, "Properties", "EventPattern"), "source", "aws.s3")


# the pipeline and its definition


@faults("dangle", 434, 444)
def stack_points_at_another_definition(b: Seeded) -> None:
    properties = b.resource(PIPELINE, "Properties")
    properties["PipelineDefinition"] = {
        "PipelineDefinitionS3Location": {"Bucket": "acme-ml", "Key": "schedule-adherence/other.json"}
    }


@faults("semantics", 433, 438)
def embedded_definition_that_does_not_parse(b: Seeded) -> None:
    b.resource(PIPELINE, "Properties")["PipelineDefinition"] = {"PipelineDefinitionBody": '{"Version": '}


@faults("semantics", 433, 434)
def embedded_definition_that_differs(b: Seeded) -> None:
    b.resource(PIPELINE, "Properties")["PipelineDefinition"] = {
        "PipelineDefinitionBody": '{"Version": "2020-12-01", "Steps": []}'
    }


@faults("delete", 432, 441)
def pipeline_without_a_definition(b: Seeded) -> None:
    drop(b.resource(PIPELINE, "Properties"), "PipelineDefinition")


@faults("semantics", 433, 441)
def pipeline_name_with_an_underscore(b: Seeded) -> None:
    b.resource(PIPELINE, "Properties")["PipelineName"] = "schedule_adherence"


@faults("rename", 441)
def role_of_the_pipeline_renamed(b: Seeded) -> None:
    rename(b.resource(PIPELINE, "Properties"), "RoleArn", "Role")


@faults("dangle", 434)
def registers_into_another_group(b: Seeded) -> None:
    b.resource("AWS::SageMaker::ModelPackageGroup", "Properties")["ModelPackageGroupName"] = "another"


@faults("dangle", 434)
def group_is_gone(b: Seeded) -> None:
    gone = [k for k, r in b.template["Resources"].items() if r["Type"] == "AWS::SageMaker::ModelPackageGroup"]
    if not gone:
        raise Absent
    for key in gone:
        del b.template["Resources"][key]


@faults("dangle", 434)
def job_role_that_the_stack_does_not_make(b: Seeded) -> None:
    b.resource(ROLE, "Properties", "RoleName")
    for arguments in (s["Arguments"] for s in b.steps("Processing")):
        arguments["RoleArn"] = str(arguments["RoleArn"]) + "x"


# what cfn-lint must catch through us


@faults("rename", 441)
def property_misspelt(b: Seeded) -> None:
    rename(b.resource("AWS::SageMaker::ModelPackageGroup", "Properties"), "ModelPackageGroupName", "GroupName")


@faults("rename", 441)
def resource_type_misspelt(b: Seeded) -> None:
    b.resource(RULE)["Type"] = "AWS::Event::Rule"


@faults("dangle", 441)
def reference_to_nothing(b: Seeded) -> None:
    b.resource(SCHEDULE, "Properties", "Target")["RoleArn"] = {"Fn::GetAtt": ["Nobody", "Arn"]}


@faults("delete", 441)
def schedule_without_a_target(b: Seeded) -> None:
    drop(b.resource(SCHEDULE, "Properties"), "Target")


@faults("retype", 441)
def state_is_a_word_of_its_own(b: Seeded) -> None:
    b.resource(RULE, "Properties")["State"] = "ON"


@faults("retype", 441)
def targets_are_a_map(b: Seeded) -> None:
    properties = b.resource(RULE, "Properties")
    properties["Targets"] = properties["Targets"][0]


@faults("rename", 438, 441)
def resources_misspelt(b: Seeded) -> None:
    rename(b.template, "Resources", "Resource")


@faults("semantics", 438, 441)
def template_is_not_yaml(b: Seeded) -> None:
    at(b.files, "stack.yaml")
    b.files["stack.yaml"] = "Resources:\n  A: [1, 2\n"


# roles and policies


@faults("semantics", 434, 442)
def pipeline_role_trusts_the_wrong_service(b: Seeded) -> None:
    _trust(b, "sagemaker.amazonaws.com")["Principal"] = {"Service": "ec2.amazonaws.com"}


@faults("semantics", 434)
def scheduler_role_trusts_events_alone(b: Seeded) -> None:
    _trust(b, "scheduler.amazonaws.com")["Principal"] = {"Service": "events.amazonaws.com"}


@faults("semantics", 434)
def rule_role_trusts_the_scheduler_alone(b: Seeded) -> None:
    _trust(b, "events.amazonaws.com")["Principal"] = {"Service": "scheduler.amazonaws.com"}


@faults("semantics", 442)
def role_trusts_everybody(b: Seeded) -> None:
    _trust(b, "sagemaker.amazonaws.com")["Principal"] = {"AWS": "*"}


@faults("semantics", 442)
def action_star(b: Seeded) -> None:
    _statement(b, "s3:")["Action"] = "*"


@faults("semantics", 442)
def all_actions_of_a_service(b: Seeded) -> None:
    _statement(b, "s3:")["Action"] = ["s3:*"]


@faults("semantics", 442)
def all_buckets(b: Seeded) -> None:
    _statement(b, "s3:")["Resource"] = "*"


@faults("semantics", 442)
def all_buckets_by_arn(b: Seeded) -> None:
    _statement(b, "s3:")["Resource"] = ["arn:aws:s3:::*"]


@faults("semantics", 442)
def passes_any_role(b: Seeded) -> None:
    _statement(b, "iam:PassRole")["Resource"] = "*"


@faults("semantics", 442)
def passes_its_role_to_anybody(b: Seeded) -> None:
    drop(_statement(b, "iam:PassRole"), "Condition")


@faults("semantics", 442)
def metrics_in_any_namespace(b: Seeded) -> None:
    drop(_statement(b, "cloudwatch:PutMetricData"), "Condition")


@faults("semantics", 442)
def everything_but_one_action(b: Seeded) -> None:
    statement = _statement(b, "s3:")
    statement["NotAction"] = statement.pop("Action")


@faults("semantics", 442)
def managed_full_access(b: Seeded) -> None:
    b.resource(ROLE, "Properties")["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"]


@faults("semantics", 441, 442)
def unknown_action(b: Seeded) -> None:
    _statement(b, "sagemaker:")["Action"] = ["sagemaker:CreateTrainJob"]


@faults("delete", 434)
def scheduler_role_may_not_start_the_pipeline(b: Seeded) -> None:
    _statement(b, "sagemaker:StartPipelineExecution")["Action"] = ["sagemaker:DescribePipeline"]


# logs, secrets, serving


@faults("delete", 432)
def logs_kept_for_ever(b: Seeded) -> None:
    drop(b.resource("AWS::Logs::LogGroup", "Properties"), "RetentionInDays")


@faults("semantics", 441)
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
    _canary(b)["CanarySize"] = {"Type": "CAPACITY_PERCENT", "Value": 60}


@faults("delete", 432)
def canary_without_a_size(b: Seeded) -> None:
    drop(_canary(b), "CanarySize")


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


# the folder


@faults("delete", 444)
def definition_is_missing(b: Seeded) -> None:
    drop(b.files, "pipeline.json")


@faults("delete", 444)
def stack_is_missing(b: Seeded) -> None:
    drop(b.files, "stack.yaml")


@faults("delete", 444)
def readme_is_missing(b: Seeded) -> None:
    drop(b.files, "README.md")


@faults("delete", 444)
def dockerfile_is_missing(b: Seeded) -> None:
    drop(b.files, "image/Dockerfile")


def _base(b: Seeded, base: str) -> None:
    lines = b.files.get("image/Dockerfile", "").splitlines()
    if not any(line.startswith("FROM") for line in lines):
        raise Absent
    b.files["image/Dockerfile"] = "\n".join(f"FROM {base}" if x.startswith("FROM") else x for x in lines) + "\n"


@faults("semantics", 445)
def base_image_latest(b: Seeded) -> None:
    _base(b, "python:latest")


@faults("semantics", 445)
def base_image_without_a_tag(b: Seeded) -> None:
    _base(b, "python")


@faults("delete", 432, 438)
def dockerfile_without_a_base(b: Seeded) -> None:
    text = b.files.get("image/Dockerfile")
    if text is None:
        raise Absent
    b.files["image/Dockerfile"] = "\n".join(x for x in text.splitlines() if not x.startswith("FROM"))


@faults("semantics", 442)
def container_runs_as_root(b: Seeded) -> None:
    text = b.files.get("image/Dockerfile")
    if text is None:
        raise Absent
    b.files["image/Dockerfile"] = "\n".join(x for x in text.splitlines() if not x.startswith("USER"))


@faults("semantics", 444)
def manifest_names_a_file_that_is_not_there(b: Seeded) -> None:
    manifest = b.files.get("manifest.json")
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise Absent
    manifest["files"]["more.json"] = "sha256:" + "0" * 64
