"""Faults in what starts a pipeline, and in what the templates say of it."""

from __future__ import annotations

from .places import PIPELINE, ROLE, RULE, SCHEDULE, pipeline_parameters
from .seed import Absent, Faults, Seeded, at, drop, put, rename

faults = Faults()


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
    pipeline_parameters(b)[0]["Name"] += "x"


@faults("delete", 432)
def schedule_leaves_out_what_has_no_default(b: Seeded) -> None:
    given = {p["Name"] for p in pipeline_parameters(b)}
    if not given <= {p["Name"] for p in b.definition.get("Parameters", [])}:
        raise Absent  # it starts another pipeline
    for parameter in b.definition.get("Parameters", []):
        if "DefaultValue" in parameter and parameter["Name"] not in given:
            del parameter["DefaultValue"]
            return
    raise Absent


@faults("retype", 431, 433)
def schedule_gives_words_for_a_number(b: Seeded) -> None:
    numbers = {p["Name"] for p in b.definition["Parameters"] if p.get("Type") in ("Float", "Integer")}
    for given in pipeline_parameters(b):
        if given["Name"] in numbers:
            given["Value"] = "much"
            return
    raise Absent


@faults("retype", 441, by="cfn-lint")
def schedule_gives_a_number(b: Seeded) -> None:
    pipeline_parameters(b)[0]["Value"] = {"a": 1}


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
    pattern = b.resource(RULE, "Properties", "EventPattern")
    put(pattern, "detail-type", [at(pattern, "detail-type", 0)[:-1]])


@faults("semantics", 433)
def rule_pattern_without_a_list(b: Seeded) -> None:
    put(b.resource(RULE, "Properties", "EventPattern"), "source", "aws.s3")


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


@faults("rename", 441, by="cfn-lint")
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


@faults("rename", 441, by="cfn-lint")
def property_misspelt(b: Seeded) -> None:
    rename(b.resource("AWS::SageMaker::ModelPackageGroup", "Properties"), "ModelPackageGroupName", "GroupName")


@faults("rename", 441, by="cfn-lint")
def resource_type_misspelt(b: Seeded) -> None:
    b.resource(RULE)["Type"] = "AWS::Event::Rule"


@faults("dangle", 441, by="cfn-lint")
def reference_to_nothing(b: Seeded) -> None:
    b.resource(SCHEDULE, "Properties", "Target")["RoleArn"] = {"Fn::GetAtt": ["Nobody", "Arn"]}


@faults("delete", 441, by="cfn-lint")
def schedule_without_a_target(b: Seeded) -> None:
    drop(b.resource(SCHEDULE, "Properties"), "Target")


@faults("retype", 441, by="cfn-lint")
def state_is_a_word_of_its_own(b: Seeded) -> None:
    b.resource(RULE, "Properties")["State"] = "ON"


@faults("retype", 441, by="cfn-lint")
def targets_are_a_map(b: Seeded) -> None:
    properties = b.resource(RULE, "Properties")
    properties["Targets"] = properties["Targets"][0]


@faults("rename", 438, 441, by="cfn-lint")
def resources_misspelt(b: Seeded) -> None:
    rename(b.template, "Resources", "Resource")


@faults("semantics", 438, 441)
def template_is_not_yaml(b: Seeded) -> None:
    at(b.files, "stack.yaml")
    b.files["stack.yaml"] = "Resources:\n  A: [1, 2\n"
