"""Faults in the frame of a definition: keys misspelt, of the wrong type, left out."""

from __future__ import annotations

from .places import cache_config, comparison, first_processing, property_file, retry_policy
from .seed import Absent, Faults, Seeded, drop, put, rename

faults = Faults()


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
    rename(first_processing(b), "Name", "StepName")


@faults("rename", 430, 432)
def step_type_renamed(b: Seeded) -> None:
    rename(first_processing(b), "Type", "StepType")


@faults("rename", 430, 432)
def arguments_renamed(b: Seeded) -> None:
    rename(first_processing(b), "Arguments", "Argument")


@faults("rename", 430)
def depends_on_renamed(b: Seeded) -> None:
    for step in b.steps():
        if "DependsOn" in step:
            rename(step, "DependsOn", "DependOn")
            return
    first_processing(b)["DependOn"] = []


@faults("rename", 430, 434)
def property_files_renamed(b: Seeded) -> None:
    property_file(b)
    for step in b.steps("Processing"):
        if "PropertyFiles" in step:
            rename(step, "PropertyFiles", "PropertyFile")


@faults("rename", 430, 432, 434)
def property_file_name_renamed(b: Seeded) -> None:
    rename(property_file(b), "PropertyFileName", "Name")


@faults("rename", 430, 432)
def conditions_renamed(b: Seeded) -> None:
    rename(b.arguments("Condition"), "Conditions", "Condition")


@faults("rename", 430, 432)
def left_value_renamed(b: Seeded) -> None:
    rename(comparison(b), "LeftValue", "Left")


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


@faults("rename", 430, 431, by="botocore")
def get_in_small_letters(b: Seeded) -> None:
    rename(b.get("Steps."), "Get", "get")


@faults("rename", 430)
def max_attempts_renamed(b: Seeded) -> None:
    rename(retry_policy(b), "MaxAttempts", "MaxAttempt")


@faults("rename", 430, 432)
def expire_after_renamed(b: Seeded) -> None:
    rename(cache_config(b), "ExpireAfter", "ExpiresAfter")


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
    b.arguments("Condition")["Conditions"] = comparison(b)


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
    put(retry_policy(b), "ExceptionType", "Step.THROTTLING")


@faults("retype", 431)
def max_attempts_is_text(b: Seeded) -> None:
    put(retry_policy(b), "MaxAttempts", "3")


@faults("retype", 431)
def cache_enabled_is_text(b: Seeded) -> None:
    put(cache_config(b), "Enabled", "true")


@faults("retype", 431)
def error_message_is_a_list(b: Seeded) -> None:
    b.arguments("Fail")["ErrorMessage"] = ["no", "good"]


@faults("retype", 431, 433)
def compared_with_text(b: Seeded) -> None:
    condition = comparison(b)
    condition.update(Type="GreaterThan", LeftValue=0.5, RightValue="much")


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
    drop(first_processing(b), "Type")


@faults("delete", 432)
def no_step_name(b: Seeded) -> None:
    drop(b.steps("Fail")[0], "Name")


@faults("delete", 432)
def no_arguments(b: Seeded) -> None:
    drop(first_processing(b), "Arguments")


@faults("delete", 432)
def no_right_value(b: Seeded) -> None:
    drop(comparison(b), "RightValue")


@faults("delete", 432)
def no_condition_type(b: Seeded) -> None:
    drop(comparison(b), "Type")


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
    drop(property_file(b), "FilePath")


@faults("delete", 432)
def json_get_without_path(b: Seeded) -> None:
    drop(b.expressions("Std:JsonGet")[0]["Std:JsonGet"], "Path")


@faults("delete", 432)
def retry_without_exception_type(b: Seeded) -> None:
    drop(retry_policy(b), "ExceptionType")


@faults("delete", 432, 433)
def retry_without_an_end(b: Seeded) -> None:
    drop(retry_policy(b), "MaxAttempts")


@faults("delete", 432, 433)
def empty_branches(b: Seeded) -> None:
    arguments = b.arguments("Condition")
    arguments.pop("ElseSteps", None)
    arguments["IfSteps"] = []
