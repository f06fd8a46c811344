"""Faults in the frame of a definition: its keys, names, references, conditions, parameters."""

from __future__ import annotations

from .seed import Absent, Doc, Faults, Seeded, at, drop, put, rename

faults = Faults()


def _processing(b: Seeded) -> Doc:
    return b.steps("Processing")[0]


def _comparison(b: Seeded) -> Doc:
    for condition in b.arguments("Condition", "Conditions"):
        if "LeftValue" in condition:
            found: Doc = condition
            return found
    raise Absent


def _retry(b: Seeded) -> Doc:
    for step in b.steps():
        if "RetryPolicies" in step:
            found: Doc = step["RetryPolicies"][0]
            return found
    raise Absent


def _cache(b: Seeded) -> Doc:
    for step in b.steps():
        if "CacheConfig" in step:
            found: Doc = step["CacheConfig"]
            return found
    raise Absent


def _property_file(b: Seeded) -> Doc:
    for step in b.steps("Processing"):
        if step.get("PropertyFiles"):
            found: Doc = step["PropertyFiles"][0]
            return found
    raise Absent


# rename


@faults("rename", 430, 432)
def version_renamed(b: Seeded) -> None:
    rename(b.definition, "Version", "Versions")


@faults("rename", 430, 432)
def steps_renamed(b: Seeded) -> None:
    rename(b.definition, "Steps", "Step")


@faults("rename", 430)
def experiment_config_renamed(b: Seeded) -> None:
    rename(b.definition, "PipelineExperimentConfig", "ExperimentConfig")


@faults("rename", 430, 432)
def step_name_renamed(b: Seeded) -> None:
    rename(_processing(b), "Name", "StepName")


@faults("rename", 430, 432)
def step_type_renamed(b: Seeded) -> None:
    rename(_processing(b), "Type", "StepType")


@faults("rename", 430, 432)
def arguments_renamed(b: Seeded) -> None:
    rename(_processing(b), "Arguments", "Argument")


@faults("rename", 430)
def depends_on_renamed(b: Seeded) -> None:
    for step in b.steps():
        if "DependsOn" in step:
            rename(step, "DependsOn", "DependOn")
            return
    _processing(b)["DependOn"] = []


@faults("rename", 430, 434)
def property_files_renamed(b: Seeded) -> None:
    _property_file(b)
    for step in b.steps("Processing"):
        if "PropertyFiles" in step:
            rename(step, "PropertyFiles", "PropertyFile")


@faults("rename", 430, 432, 434)
def property_file_name_renamed(b: Seeded) -> None:
    rename(_property_file(b), "PropertyFileName", "Name")


@faults("rename", 430, 432)
def conditions_renamed(b: Seeded) -> None:
    rename(b.arguments("Condition"), "Conditions", "Condition")


@faults("rename", 430, 432)
def left_value_renamed(b: Seeded) -> None:
    rename(_comparison(b), "LeftValue", "Left")


@faults("rename", 430)
def if_steps_renamed(b: Seeded) -> None:
    rename(b.arguments("Condition"), "IfSteps", "ThenSteps")


@faults("rename", 430, 432)
def error_message_renamed(b: Seeded) -> None:
    rename(b.arguments("Fail"), "ErrorMessage", "Message")


@faults("rename", 430)
def default_value_renamed(b: Seeded) -> None:
    for parameter in b.definition.get("Parameters", []):
        if "DefaultValue" in parameter:
            rename(parameter, "DefaultValue", "Default")
            return
    raise Absent


@faults("rename", 430, 431)
def join_renamed(b: Seeded) -> None:
    rename(b.expressions("Std:Join")[0], "Std:Join", "Std:Joins")


@faults("rename", 430, 432)
def join_values_renamed(b: Seeded) -> None:
    rename(b.expressions("Std:Join")[0]["Std:Join"], "Values", "Value")


@faults("rename", 430, 432)
def json_get_path_renamed(b: Seeded) -> None:
    rename(b.expressions("Std:JsonGet")[0]["Std:JsonGet"], "Path", "JsonPath")


@faults("rename", 430, 431)
def get_in_small_letters(b: Seeded) -> None:
    rename(b.get("Steps."), "Get", "get")


@faults("rename", 430)
def max_attempts_renamed(b: Seeded) -> None:
    rename(_retry(b), "MaxAttempts", "MaxAttempt")


@faults("rename", 430, 432)
def expire_after_renamed(b: Seeded) -> None:
    rename(_cache(b), "ExpireAfter", "ExpiresAfter")


# retype


@faults("retype", 431)
def steps_are_a_map(b: Seeded) -> None:
    b.definition["Steps"] = {s["Name"]: s for s in b.definition["Steps"]}


@faults("retype", 431)
def a_step_is_a_name(b: Seeded) -> None:
    b.definition["Steps"].append("Prepare")


@faults("retype", 431)
def depends_on_is_text(b: Seeded) -> None:
    b.steps()[-1]["DependsOn"] = b.steps()[0]["Name"]


@faults("retype", 431)
def conditions_are_a_map(b: Seeded) -> None:
    b.arguments("Condition")["Conditions"] = _comparison(b)


@faults("retype", 431)
def join_values_are_text(b: Seeded) -> None:
    b.expressions("Std:Join")[0]["Std:Join"]["Values"] = "s3://bucket/prefix"


@faults("retype", 431)
def join_of_a_list(b: Seeded) -> None:
    b.expressions("Std:Join")[0]["Std:Join"]["Values"].append(["more"])


@faults("retype", 431)
def get_of_a_list(b: Seeded) -> None:
    b.get("Steps.")["Get"] = ["Steps", "x"]


@faults("retype", 431)
def float_default_is_text(b: Seeded) -> None:
    put(b.parameter("Float"), "DefaultValue", "0.8")


@faults("retype", 431)
def integer_default_is_a_fraction(b: Seeded) -> None:
    put(b.parameter("Integer"), "DefaultValue", 1.5)


@faults("retype", 431)
def string_default_is_a_number(b: Seeded) -> None:
    put(b.parameter("String"), "DefaultValue", 3)


@faults("retype", 431)
def integer_default_is_a_boolean(b: Seeded) -> None:
    put(b.parameter("Integer"), "DefaultValue", True)


@faults("retype", 431)
def exception_type_is_text(b: Seeded) -> None:
    put(_retry(b), "ExceptionType", "Step.THROTTLING")


@faults("retype", 431)
def max_attempts_is_text(b: Seeded) -> None:
    put(_retry(b), "MaxAttempts", "3")


@faults("retype", 431)
def cache_enabled_is_text(b: Seeded) -> None:
    put(_cache(b), "Enabled", "true")


@faults("retype", 431)
def error_message_is_a_list(b: Seeded) -> None:
    b.arguments("Fail")["ErrorMessage"] = ["no", "good"]


@faults("retype", 431, 433)
def compared_with_text(b: Seeded) -> None:
    condition = _comparison(b)
    condition.update(Type="GreaterThan", LeftValue=0.5, RightValue="much")


# delete


@faults("delete", 432)
def no_version(b: Seeded) -> None:
    drop(b.definition, "Version")


@faults("delete", 432)
def no_steps(b: Seeded) -> None:
    drop(b.definition, "Steps")


@faults("delete", 432, 433)
def empty_steps(b: Seeded) -> None:
    b.definition["Steps"] = []


@faults("delete", 432)
def no_step_type(b: Seeded) -> None:
    drop(_processing(b), "Type")


@faults("delete", 432)
def no_step_name(b: Seeded) -> None:
    drop(b.steps("Fail")[0], "Name")


@faults("delete", 432)
def no_arguments(b: Seeded) -> None:
    drop(_processing(b), "Arguments")


@faults("delete", 432)
def no_right_value(b: Seeded) -> None:
    drop(_comparison(b), "RightValue")


@faults("delete", 432)
def no_condition_type(b: Seeded) -> None:
    drop(_comparison(b), "Type")


@faults("delete", 432, 433)
def no_conditions_at_all(b: Seeded) -> None:
    b.arguments("Condition")["Conditions"] = []


@faults("delete", 432)
def no_error_message(b: Seeded) -> None:
    drop(b.arguments("Fail"), "ErrorMessage")


@faults("delete", 432)
def parameter_without_name(b: Seeded) -> None:
    drop(b.definition["Parameters"][0], "Name")


@faults("delete", 432)
def property_file_without_path(b: Seeded) -> None:
    drop(_property_file(b), "FilePath")


@faults("delete", 432)
def json_get_without_path(b: Seeded) -> None:
    drop(b.expressions("Std:JsonGet")[0]["Std:JsonGet"], "Path")


@faults("delete", 432)
def retry_without_exception_type(b: Seeded) -> None:
    drop(_retry(b), "ExceptionType")


@faults("delete", 432, 433)
def retry_without_an_end(b: Seeded) -> None:
    drop(_retry(b), "MaxAttempts")


@faults("delete", 432, 433)
def empty_branches(b: Seeded) -> None:
    arguments = b.arguments("Condition")
    arguments.pop("ElseSteps", None)
    arguments["IfSteps"] = []


# dangle


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


@faults("dangle", 434)
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
    _property_file(b)["OutputName"] += "x"


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
    _property_file(b)


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
    reader = next(s for s in b.steps() if f"Steps.{late}." in str(s) and s is not early)
    early["Arguments"].setdefault("Environment", {})["X"] = {"Get": f"Steps.{reader['Name']}.RoleArn"}


@faults("dangle", 435)
def branch_step_that_its_condition_waits_for(b: Seeded) -> None:
    inner = b.arguments("Condition", "IfSteps", 0)
    b.steps("Condition")[0].setdefault("DependsOn", []).append(inner["Name"])


# limits


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
    found = _property_file(b)
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
    put(_retry(b), "MaxAttempts", 21)


@faults("limits", 433, 437)
def negative_interval(b: Seeded) -> None:
    _retry(b)["IntervalSeconds"] = -1


@faults("limits", 433, 437)
def expires_after_a_month(b: Seeded) -> None:
    policy = _retry(b)
    policy.pop("MaxAttempts", None)
    policy["ExpireAfterMin"] = 43200


# semantics


@faults("semantics", 433)
def another_version(b: Seeded) -> None:
    b.definition["Version"] = "2021-01-01"


@faults("semantics", 433)
def unknown_step_type(b: Seeded) -> None:
    _processing(b)["Type"] = "ProcessingJob"


@faults("semantics", 433)
def unknown_condition_type(b: Seeded) -> None:
    _comparison(b)["Type"] = "GreaterOrEqual"


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
    _retry(b)["ExpireAfterMin"] = 60


@faults("semantics", 430, 433)
def retries_on_a_condition(b: Seeded) -> None:
    b.steps("Condition")[0]["RetryPolicies"] = [{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 2}]


@faults("semantics", 433)
def unknown_exception_type(b: Seeded) -> None:
    _retry(b)["ExceptionType"] = ["Sagemaker.CAPACITY_ERROR"]


@faults("semantics", 433)
def cache_for_thirty_d(b: Seeded) -> None:
    put(_cache(b), "ExpireAfter", "30d")


@faults("semantics", 430)
def cache_on_a_fail_step(b: Seeded) -> None:
    b.steps("Fail")[0]["CacheConfig"] = {"Enabled": True, "ExpireAfter": "P30D"}


@faults("semantics", 431, 434)
def reference_to_a_structure(b: Seeded) -> None:
    name = b.steps("Processing")[0]["Name"]
    b.arguments("Fail")["ErrorMessage"] = {"Get": f"Steps.{name}.ProcessingResources.ClusterConfig"}


@faults("semantics", 431)
def number_where_text_must_stand(b: Seeded) -> None:
    b.definition["Parameters"].append({"Name": "n", "Type": "Integer", "DefaultValue": 3})
    b.arguments("Processing", "AppSpecification")["ImageUri"] = {"Get": "Parameters.n"}


@faults("semantics", 431)
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
