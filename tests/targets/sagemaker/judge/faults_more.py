"""Faults added after the first list: step types and properties that it had no fault for."""

from __future__ import annotations

from .seed import Absent, Doc, Faults, Seeded, at, drop, put

faults = Faults()

EXECUTION = {"Get": "Execution.PipelineExecutionId"}


def _add(b: Seeded, step: Doc) -> None:
    b.definition["Steps"].append(step)


def _processing(b: Seeded) -> Doc:
    found: Doc = b.arguments("Processing", "AppSpecification")
    return found


def _training(b: Seeded) -> Doc:
    for path in (("Training",), ("Tuning", "TrainingJobDefinition")):
        try:
            found: Doc = b.arguments(*path)
        except Absent:
            continue
        return found
    raise Absent


@faults("rename", 430)
def trial_name_renamed(b: Seeded) -> None:
    config = at(b.definition, "PipelineExperimentConfig")
    config["Trial"] = config.pop("TrialName")


@faults("retype", 431)
def experiment_is_a_list(b: Seeded) -> None:
    put(at(b.definition, "PipelineExperimentConfig"), "ExperimentName", ["a"])


@faults("limits", 437)
def loop_over_too_many(b: Seeded) -> None:
    _add(b, {"Name": "each", "Type": "ForEach", "Arguments": {"Items": list(range(101)), "Steps": []}})


@faults("limits", 437)
def loop_too_wide(b: Seeded) -> None:
    _add(b, {"Name": "each", "Type": "ForEach", "Arguments": {"Items": [1], "MaxConcurrency": 51, "Steps": []}})


@faults("delete", 432)
def lambda_without_a_function(b: Seeded) -> None:
    _add(b, {"Name": "call", "Type": "Lambda", "Arguments": {}})


@faults("semantics", 433)
def lambda_output_of_an_unknown_type(b: Seeded) -> None:
    outputs = [{"OutputName": "x", "OutputType": "Text"}]
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    _add(b, {"Name": "call", "Type": "Lambda", "FunctionArn": arn, "Arguments": {}, "OutputParameters": outputs})


@faults("dangle", 434, by="botocore")
def lambda_output_that_is_not_declared(b: Seeded) -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    _add(b, {"Name": "call", "Type": "Lambda", "FunctionArn": arn, "Arguments": {}, "OutputParameters": []})
    b.arguments("Fail")["ErrorMessage"] = {"Get": "Steps.call.OutputParameters['x']"}


@faults("dangle", 434)
def reads_a_branch_from_outside(b: Seeded) -> None:
    inner = b.arguments("Condition", "IfSteps", 0)
    message = {"Get": f"Steps.{inner['Name']}.ModelPackageGroupName"}
    _add(b, {"Name": "after", "Type": "Fail", "Arguments": {"ErrorMessage": message}})


@faults("limits", 437)
def joined_argument_too_long(b: Seeded) -> None:
    word = {"Std:Join": {"On": "", "Values": ["--text=" + "x" * 250, EXECUTION]}}
    _processing(b)["ContainerArguments"] = [word]


@faults("limits", 437)
def joined_hyperparameter_too_long(b: Seeded) -> None:
    key = "HyperParameters" if b.arguments("Training") is _training(b) else "StaticHyperParameters"
    _training(b)[key] = {"long": {"Std:Join": {"On": "-", "Values": ["x" * 2500, EXECUTION]}}}


@faults("dangle", 434)
def argument_names_no_input(b: Seeded) -> None:
    _processing(b)["ContainerArguments"] = ["--source=/opt/ml/processing/input/elsewhere"]


@faults("dangle", 434)
def input_that_the_command_names_is_gone(b: Seeded) -> None:
    for step in b.steps("Processing"):
        for i, given in enumerate(step["Arguments"].get("ProcessingInputs", [])):
            if at(given, "S3Input", "LocalPath") in str(step["Arguments"]["AppSpecification"]):
                drop(step["Arguments"]["ProcessingInputs"], i)
                return
    raise Absent


@faults("dangle", 434)
def channel_that_the_command_names_is_gone(b: Seeded) -> None:
    job = _training(b)
    for i, channel in enumerate(at(job, "InputDataConfig")):
        if f"/opt/ml/input/data/{channel['ChannelName']}" in str(job):
            drop(job["InputDataConfig"], i)
            return
    raise Absent


@faults("delete", 432)
def processing_without_a_machine(b: Seeded) -> None:
    drop(b.arguments("Processing", "ProcessingResources", "ClusterConfig"), "InstanceType")


@faults("delete", 432)
def training_without_a_count(b: Seeded) -> None:
    drop(at(_training(b), "ResourceConfig"), "InstanceCount")


@faults("semantics", 433)
def output_that_goes_nowhere(b: Seeded) -> None:
    target = b.arguments("Processing", "ProcessingOutputConfig", "Outputs", 0, "S3Output")
    target["S3Uri"] = {"Std:Join": {"On": "/", "Values": ["acme-ml", EXECUTION, "x"]}}


@faults("limits", 436)
def two_outputs_to_one_address(b: Seeded) -> None:
    outputs = b.arguments("Processing", "ProcessingOutputConfig", "Outputs")
    at(outputs, 1, "S3Output")["S3Uri"] = at(outputs, 0, "S3Output", "S3Uri")


@faults("semantics", 433)
def output_inside_another(b: Seeded) -> None:
    outputs = b.arguments("Processing", "ProcessingOutputConfig", "Outputs")
    first = at(outputs, 0, "S3Output", "S3Uri", "Std:Join", "Values")
    at(outputs, 1, "S3Output")["S3Uri"] = {"Std:Join": {"On": "/", "Values": [*first, "inner"]}}


@faults("semantics", 433)
def another_key_in_one_step(b: Seeded) -> None:
    put(b.arguments("Processing", "ProcessingOutputConfig"), "KmsKeyId", "alias/another")


@faults("limits", 436)
def one_error_retried_twice(b: Seeded) -> None:
    for step in b.steps():
        if step.get("RetryPolicies"):
            step["RetryPolicies"].append({"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 1})
            return
    raise Absent


@faults("rename", 430)
def membership_written_as_a_comparison(b: Seeded) -> None:
    b.arguments("Condition", "Conditions").append(
        {"Type": "In", "LeftValue": {"Get": "Execution.PipelineName"}, "Values": ["a"], "QueryValue": "a"}
    )


@faults("retype", 431)
def membership_in_a_text(b: Seeded) -> None:
    b.arguments("Condition", "Conditions").append({"Type": "In", "QueryValue": "a", "Values": "abc"})


@faults("delete", 432)
def negation_of_nothing(b: Seeded) -> None:
    b.arguments("Condition", "Conditions").append({"Type": "Not"})


@faults("semantics", 433)
def unknown_condition_inside_another(b: Seeded) -> None:
    inner = {"Type": "NotEquals", "LeftValue": 1, "RightValue": 2}
    b.arguments("Condition", "Conditions").append({"Type": "Or", "Conditions": [inner]})


@faults("dangle", 434, by="botocore")
def role_of_a_condition(b: Seeded) -> None:
    name = b.steps("Condition")[0]["Name"]
    b.arguments("Processing")["RoleArn"] = {"Get": f"Steps.{name}.RoleArn"}


@faults("semantics", 442)
def bucket_open_to_the_public(b: Seeded) -> None:
    block = {"BlockPublicAcls": False, "BlockPublicPolicy": True, "IgnorePublicAcls": True}
    properties = {"PublicAccessBlockConfiguration": block | {"RestrictPublicBuckets": True}}
    b.template["Resources"]["Bucket"] = {"Type": "AWS::S3::Bucket", "Properties": properties}


@faults("semantics", 433, by="botocore")
def default_machine_that_does_not_exist(b: Seeded) -> None:
    b.definition["Parameters"].append({"Name": "machine", "Type": "String", "DefaultValue": "ml.m5.huge"})
    cluster = b.arguments("Processing", "ProcessingResources", "ClusterConfig")
    put(cluster, "InstanceType", {"Get": "Parameters.machine"})


@faults("semantics", 433, by="botocore")
def default_approval_that_does_not_exist(b: Seeded) -> None:
    b.definition["Parameters"].append({"Name": "status", "Type": "String", "DefaultValue": "Yes"})
    b.arguments("RegisterModel")["ModelApprovalStatus"] = {"Get": "Parameters.status"}


@faults("dangle", 434)
def role_that_may_not_start_training(b: Seeded) -> None:
    b.steps("Training")
    for resource in b.template.get("Resources", {}).values():
        for policy in resource.get("Properties", {}).get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                if "sagemaker:CreateTrainingJob" in statement["Action"]:
                    statement["Action"].remove("sagemaker:CreateTrainingJob")
                    return
    raise Absent


@faults("semantics", 436, 441, by="cfn-lint")
def key_twice_in_the_stack(b: Seeded) -> None:
    at(b.files, "stack.yaml")
    b.files["stack.yaml"] = "Resources:\n  A: {Type: AWS::SNS::Topic}\n  A: {Type: AWS::SNS::Topic}\n"


@faults("semantics", 438)
def alias_in_the_stack(b: Seeded) -> None:
    at(b.files, "stack.yaml")
    b.files["stack.yaml"] = "Resources:\n  A: &a {Type: AWS::SNS::Topic}\n  B: *a\n"
