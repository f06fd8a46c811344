"""Faults in what names what: references, cycles, names, limits, meanings."""

from __future__ import annotations

from .places import cache_config, comparison, first_processing, property_file, retry_policy
from .seed import Absent, Faults, Seeded, at, put

faults = Faults()


@faults("dangle", 434)
def undeclared_parameter(b: Seeded) -> None:
    b.get("Parameters.")["Get"] += "x"


@faults("dangle", 434)
def parameter_no_longer_declared(b: Seeded) -> None:
    used = b.get("Parameters.")["Get"].split(".")[1]
    b.definition["Parameters"] = [p for p in b.definition["Parameters"] if p["Name"] != used]


@faults("dangle", 434)
def unknown_step(b: Seeded) -> None:
    found = b.get("Steps.")
    _, name, rest = found["Get"].split(".", 2)
    found["Get"] = f"Steps.{name}x.{rest}"


@faults("dangle", 434)
def renamed_step_still_referred_to(b: Seeded) -> None:
    name = b.get("Steps.")["Get"].split(".")[1]
    next(s for s in b.steps() if s["Name"] == name)["Name"] = "Other"


@faults("dangle", 434, by="botocore")
def unknown_property(b: Seeded) -> None:
    for found in b.expressions("Get"):
        if found["Get"].startswith("Steps.") and ".PropertyFiles." not in found["Get"]:
            found["Get"] += "x"
            return
    raise Absent


@faults("dangle", 434)
def unknown_property_file(b: Seeded) -> None:
    json_get = b.expressions("Std:JsonGet")[0]["Std:JsonGet"]
    at(json_get, "PropertyFile")["Get"] += "x"


@faults("dangle", 434)
def property_file_of_an_unknown_output(b: Seeded) -> None:
    property_file(b)["OutputName"] += "x"


@faults("dangle", 434)
def depends_on_an_unknown_step(b: Seeded) -> None:
    b.steps()[-1].setdefault("DependsOn", []).append("Nobody")


@faults("dangle", 434)
def unknown_execution_fact(b: Seeded) -> None:
    b.get("Execution.")["Get"] = "Execution.PipelineRunId"


@faults("dangle", 434)
def unknown_root(b: Seeded) -> None:
    found = b.get("Parameters.")
    found["Get"] = found["Get"].replace("Parameters.", "Parameter.")


@faults("dangle", 434)
def property_file_of_a_step_without_any(b: Seeded) -> None:
    json_get = b.expressions("Std:JsonGet")[0]["Std:JsonGet"]
    other = next((s["Name"] for s in b.steps() if s["Type"] in ("Training", "Tuning")), None)
    if other is None:
        raise Absent
    json_get["PropertyFile"] = {"Get": f"Steps.{other}.PropertyFiles.report"}


@faults("dangle", 434)
def parameter_nobody_reads(b: Seeded) -> None:
    b.definition.setdefault("Parameters", []).append({"Name": "forgotten", "Type": "String", "DefaultValue": "x"})


@faults("dangle", 434)
def property_file_nobody_reads(b: Seeded) -> None:
    for found in b.expressions("Std:JsonGet"):
        found["Std:JsonGet"] = {"S3Uri": "s3://acme-ml/gate.json", "Path": "passed"}
    property_file(b)


@faults("dangle", 435)
def depends_on_itself(b: Seeded) -> None:
    step = b.steps("Processing")[-1]
    step.setdefault("DependsOn", []).append(step["Name"])


@faults("dangle", 435)
def cycle_through_depends_on(b: Seeded) -> None:
    last = b.steps("Condition")[0]
    b.steps()[0].setdefault("DependsOn", []).append(last["Name"])


@faults("dangle", 435)
def cycle_through_a_reference(b: Seeded) -> None:
    late = b.get("Steps.")["Get"].split(".")[1]
    early = next(s for s in b.steps() if s["Name"] == late)
    others = (s for s in b.steps() if s is not early and s["Type"] not in ("Condition", "Fail"))
    reader = next((s for s in others if f"Steps.{late}." in str(s)), None)
    if reader is None:
        raise Absent
    early["Arguments"].setdefault("Environment", {})["X"] = {"Get": f"Steps.{reader['Name']}.RoleArn"}


@faults("dangle", 435)
def branch_step_that_its_condition_waits_for(b: Seeded) -> None:
    for condition in b.steps("Condition"):
        if condition["Arguments"].get("IfSteps"):
            condition.setdefault("DependsOn", []).append(condition["Arguments"]["IfSteps"][0]["Name"])
            return
    raise Absent


@faults("semantics", 433)
def condition_in_a_condition(b: Seeded) -> None:
    outer = b.steps("Condition")[0]
    always = {"Type": "Equals", "LeftValue": {"Get": "Execution.PipelineName"}, "RightValue": "x"}
    inner = {"Conditions": [always], "IfSteps": outer["Arguments"]["IfSteps"], "ElseSteps": []}
    outer["Arguments"]["IfSteps"] = [{"Name": "inner", "Type": "Condition", "Arguments": inner}]


@faults("limits", 433, 437)
def step_name_too_long(b: Seeded) -> None:
    b.steps("Fail")[0]["Name"] = "F" * 65


@faults("limits", 433)
def step_name_with_a_blank(b: Seeded) -> None:
    b.steps("Fail")[0]["Name"] = "Too bad"


@faults("limits", 433)
def step_name_ends_with_a_hyphen(b: Seeded) -> None:
    b.steps("Fail")[0]["Name"] = "Failed-"


@faults("limits", 436)
def two_steps_of_one_name(b: Seeded) -> None:
    b.definition["Steps"].append({"Name": b.steps()[0]["Name"], "Type": "Fail", "Arguments": {"ErrorMessage": "x"}})


@faults("limits", 436)
def one_name_in_both_branches(b: Seeded) -> None:
    inner = b.arguments("Condition", "IfSteps", 0)
    b.arguments("Condition", "ElseSteps", 0)["Name"] = inner["Name"]


@faults("limits", 436)
def two_parameters_of_one_name(b: Seeded) -> None:
    b.definition["Parameters"].append(dict(b.definition["Parameters"][0]))


@faults("limits", 436)
def two_property_files_of_one_name(b: Seeded) -> None:
    found = property_file(b)
    next(s for s in b.steps("Processing") if s.get("PropertyFiles"))["PropertyFiles"].append(dict(found))


@faults("limits", 437)
def too_many_parameters(b: Seeded) -> None:
    b.definition["Parameters"] += [{"Name": f"p{i}", "Type": "String", "DefaultValue": "x"} for i in range(201)]
    b.steps("Fail")[0]["Arguments"]["ErrorMessage"] = {
        "Std:Join": {"On": "", "Values": [{"Get": f"Parameters.p{i}"} for i in range(201)]}
    }


@faults("limits", 437)
def definition_too_large(b: Seeded) -> None:
    b.steps()[0]["Description"] = "d"
    b.definition["Metadata"] = {f"m{i}": "x" * 1000 for i in range(1100)}


@faults("limits", 437)
def description_too_long(b: Seeded) -> None:
    b.steps()[0]["Description"] = "d" * 3073


@faults("limits", 437)
def error_message_too_long(b: Seeded) -> None:
    b.arguments("Fail")["ErrorMessage"] = "m" * 3073


@faults("limits", 433, 437)
def too_many_attempts(b: Seeded) -> None:
    put(retry_policy(b), "MaxAttempts", 21)


@faults("limits", 433, 437)
def first_attempt_after_a_day(b: Seeded) -> None:
    retry_policy(b)["IntervalSeconds"] = 86400


@faults("limits", 433, 437)
def negative_interval(b: Seeded) -> None:
    retry_policy(b)["IntervalSeconds"] = -1


@faults("limits", 433, 437)
def expires_after_a_month(b: Seeded) -> None:
    policy = retry_policy(b)
    policy.pop("MaxAttempts", None)
    policy["ExpireAfterMin"] = 43200


@faults("semantics", 433)
def another_version(b: Seeded) -> None:
    b.definition["Version"] = "2021-01-01"


@faults("semantics", 433)
def unknown_step_type(b: Seeded) -> None:
    first_processing(b)["Type"] = "ProcessingJob"


@faults("semantics", 433)
def unknown_condition_type(b: Seeded) -> None:
    comparison(b)["Type"] = "GreaterOrEqual"


@faults("semantics", 433)
def unknown_parameter_type(b: Seeded) -> None:
    b.parameter("String")["Type"] = "Text"


@faults("semantics", 433)
def default_outside_its_enum(b: Seeded) -> None:
    b.parameter("String")["EnumValues"] = ["only", "these"]


@faults("semantics", 433)
def parameter_name_with_a_dot(b: Seeded) -> None:
    b.definition["Parameters"][0]["Name"] = "min.accuracy"


@faults("semantics", 433)
def both_ends_of_a_retry(b: Seeded) -> None:
    retry_policy(b)["ExpireAfterMin"] = 60


@faults("semantics", 430, 433)
def retries_on_a_condition(b: Seeded) -> None:
    b.steps("Condition")[0]["RetryPolicies"] = [{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 2}]


@faults("semantics", 433)
def unknown_exception_type(b: Seeded) -> None:
    retry_policy(b)["ExceptionType"] = ["Sagemaker.CAPACITY_ERROR"]


@faults("semantics", 433)
def cache_for_thirty_d(b: Seeded) -> None:
    put(cache_config(b), "ExpireAfter", "30d")


@faults("semantics", 430)
def cache_on_a_fail_step(b: Seeded) -> None:
    b.steps("Fail")[0]["CacheConfig"] = {"Enabled": True, "ExpireAfter": "P30D"}


@faults("semantics", 433, 435)
def step_that_waits_for_a_condition(b: Seeded) -> None:
    condition = b.steps("Condition")[0]["Name"]
    b.definition["Steps"].append({"Name": "late", "Type": "Fail", "Arguments": {"ErrorMessage": "x"}})
    b.definition["Steps"][-1] |= {"DependsOn": [condition]}


@faults("semantics", 431, 434, by="botocore")
def reference_to_a_structure(b: Seeded) -> None:
    name = b.steps("Processing")[0]["Name"]
    b.arguments("Fail")["ErrorMessage"] = {"Get": f"Steps.{name}.ProcessingResources.ClusterConfig"}


@faults("semantics", 431, by="botocore")
def number_where_text_must_stand(b: Seeded) -> None:
    b.definition["Parameters"].append({"Name": "n", "Type": "Integer", "DefaultValue": 3})
    b.arguments("Processing", "AppSpecification")["ImageUri"] = {"Get": "Parameters.n"}


@faults("semantics", 431, by="botocore")
def text_where_a_number_must_stand(b: Seeded) -> None:
    b.definition["Parameters"].append({"Name": "t", "Type": "String", "DefaultValue": "3"})
    cluster = b.arguments("Processing", "ProcessingResources", "ClusterConfig")
    cluster["InstanceCount"] = {"Get": "Parameters.t"}


@faults("semantics", 438)
def definition_is_cut_off(b: Seeded) -> None:
    at(b.files, "pipeline.json")
    b.files["pipeline.json"] = '{"Version": "2020-12-01", "Steps": ['


@faults("semantics", 436)
def key_given_twice(b: Seeded) -> None:
    at(b.files, "pipeline.json")
    b.files["pipeline.json"] = '{"Version": "2020-12-01", "Version": "2020-12-01", "Steps": []}'


@faults("semantics", 433, 438)
def not_a_number(b: Seeded) -> None:
    b.parameter("Float")["DefaultValue"] = float("nan")
