"""Faults in the arguments of jobs: well formed, and wrong."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from .places import (
    hyperparameters,
    input_of,
    metrics_of,
    number_range,
    output_of,
    package_container,
    search_ranges,
    spot_job,
    training_job,
    tuning_config,
)
from .seed import Absent, Faults, Seeded, at, drop, put

faults = Faults()


@faults("semantics", 433, by="botocore")
def unknown_machine(b: Seeded) -> None:
    put(b.arguments("Processing", "ProcessingResources", "ClusterConfig"), "InstanceType", "ml.m5.huge")


@faults("semantics", 433, by="botocore")
def machine_without_ml(b: Seeded) -> None:
    put(at(training_job(b), "ResourceConfig"), "InstanceType", "m5.xlarge")


@faults("semantics", 433, by="botocore")
def unknown_data_type(b: Seeded) -> None:
    put(at(input_of(b), "S3Input"), "S3DataType", "S3Folder")


@faults("semantics", 433, by="botocore")
def unknown_upload_mode(b: Seeded) -> None:
    put(at(output_of(b), "S3Output"), "S3UploadMode", "AtEnd")


@faults("semantics", 433)
def local_path_elsewhere(b: Seeded) -> None:
    put(at(output_of(b), "S3Output"), "LocalPath", "/data/out")


@faults("semantics", 433)
def relative_local_path(b: Seeded) -> None:
    put(at(input_of(b), "S3Input"), "LocalPath", "input/data")


@faults("semantics", 433, 436)
def two_outputs_in_one_place(b: Seeded) -> None:
    outputs = b.arguments("Processing", "ProcessingOutputConfig", "Outputs")
    outputs.append({**outputs[0], "OutputName": "again"})


@faults("semantics", 433, 436)
def output_inside_an_input(b: Seeded) -> None:
    arguments = b.arguments("Processing")
    inside = at(arguments, "ProcessingInputs", 0, "S3Input", "LocalPath") + "/out"
    at(arguments, "ProcessingOutputConfig", "Outputs", 0, "S3Output")["LocalPath"] = inside


@faults("semantics", 433, by="botocore")
def uri_that_is_a_path(b: Seeded) -> None:
    at(input_of(b), "S3Input")["S3Uri"] = "/acme-ml/data"


@faults("semantics", 433)
def bucket_name_in_capitals(b: Seeded) -> None:
    at(input_of(b), "S3Input")["S3Uri"] = "s3://Acme_ML/data"


@faults("semantics", 445)
def image_latest(b: Seeded) -> None:
    app = b.arguments("Processing", "AppSpecification")
    app["ImageUri"] = app["ImageUri"].split("@")[0].rsplit(":", 1)[0] + ":latest"


@faults("semantics", 445)
def image_without_a_tag(b: Seeded) -> None:
    specification = at(training_job(b), "AlgorithmSpecification")
    specification["TrainingImage"] = specification["TrainingImage"].split("@")[0].rsplit(":", 1)[0]


@faults("semantics", 433, 445)
def image_of_a_public_registry(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification")["ImageUri"] = "python:3.11"


@faults("semantics", 433, 445)
def digest_cut_short(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification")["ImageUri"] = (
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme@sha256:abc123"
    )


@faults("semantics", 433)
def image_of_another_region(b: Seeded) -> None:
    package_container(b)["Image"] = "123456789012.dkr.ecr.us-west-2.amazonaws.com/acme@sha256:" + "0" * 64


@faults("semantics", 433, by="botocore")
def role_that_is_a_name(b: Seeded) -> None:
    b.arguments("Processing")["RoleArn"] = "AcmePipelineRole"


@faults("semantics", 433, by="botocore")
def unknown_strategy(b: Seeded) -> None:
    put(tuning_config(b), "Strategy", "GridSearch")


@faults("semantics", 433)
def grid_over_numbers(b: Seeded) -> None:
    tuning_config(b)["Strategy"] = "Grid"
    tuning_config(b)["ResourceLimits"].pop("MaxNumberOfTrainingJobs", None)
    search_ranges(b).update(
        ContinuousParameterRanges=[{"Name": "rate", "MinValue": "0.1", "MaxValue": "1", "ScalingType": "Auto"}]
    )


@faults("semantics", 433)
def grid_with_too_few_trials(b: Seeded) -> None:
    tuning_config(b)["Strategy"] = "Grid"
    tuning_config(b)["ResourceLimits"] = {"MaxNumberOfTrainingJobs": 5, "MaxParallelTrainingJobs": 1}
    search_ranges(b).clear()
    search_ranges(b)["CategoricalParameterRanges"] = [{"Name": "a", "Values": ["1", "2", "3"]}]


@faults("semantics", 433)
def min_above_max(b: Seeded) -> None:
    number_range(b).update(MinValue="10", MaxValue="2")


@faults("semantics", 433)
def log_scale_from_zero(b: Seeded) -> None:
    number_range(b).update(MinValue="0", MaxValue="2", ScalingType="Logarithmic")


@faults("semantics", 433)
def bound_that_is_no_number(b: Seeded) -> None:
    number_range(b).update(MinValue="one")


@faults("semantics", 433, 439)
def regex_that_does_not_compile(b: Seeded) -> None:
    metrics_of(b)[0]["Regex"] = "accuracy=([0-9."


@faults("semantics", 433, 439)
def regex_without_a_group(b: Seeded) -> None:
    metrics_of(b)[0]["Regex"] = "accuracy=[0-9.]+"


@faults("semantics", 433, by="botocore")
def objective_direction_misspelt(b: Seeded) -> None:
    at(tuning_config(b), "HyperParameterTuningJobObjective")["Type"] = "Maximise"


@faults("semantics", 432, 433)
def nothing_to_search(b: Seeded) -> None:
    search_ranges(b).clear()


@faults("semantics", 432, 433)
def spot_without_a_waiting_time(b: Seeded) -> None:
    drop(at(spot_job(b), "StoppingCondition"), "MaxWaitTimeInSeconds")


@faults("semantics", 433)
def waits_less_than_it_runs(b: Seeded) -> None:
    at(spot_job(b), "StoppingCondition")["MaxWaitTimeInSeconds"] = 60


@faults("semantics", 432, 433)
def spot_without_a_checkpoint(b: Seeded) -> None:
    drop(spot_job(b), "CheckpointConfig")


@faults("semantics", 436)
def two_trainings_with_one_place_for_checkpoints(b: Seeded) -> None:
    place = b.arguments("Training", "CheckpointConfig")
    b.arguments("Tuning", "TrainingJobDefinition")["CheckpointConfig"] = deepcopy(place)


@faults("semantics", 433)
def waiting_time_without_spot(b: Seeded) -> None:
    drop(spot_job(b), "EnableManagedSpotTraining")


@faults("semantics", 430, by="botocore")
def package_name_given(b: Seeded) -> None:
    b.arguments("RegisterModel")["ModelPackageName"] = "acme"


@faults("semantics", 430, by="botocore")
def additional_model_data(b: Seeded) -> None:
    package_container(b)["AdditionalModelDataSources"] = []


@faults("semantics", 433, by="botocore")
def approval_misspelt(b: Seeded) -> None:
    b.arguments("RegisterModel")["ModelApprovalStatus"] = "Pending"


@faults("semantics", 433, by="botocore")
def model_data_that_is_no_uri(b: Seeded) -> None:
    package_container(b)["ModelDataUrl"] = "model.tar.gz"


@faults("semantics", 433)
def access_key_in_the_environment(b: Seeded) -> None:
    b.arguments("Processing").setdefault("Environment", {})["KEY"] = "AKIA" + "IOSFODNN7ABCDEFG"


@faults("semantics", 433)
def private_key_in_a_hyperparameter(b: Seeded) -> None:
    hyperparameters(b)["key"] = "-----BEGIN RSA PRIVATE" + " KEY-----\\n" + "MIIE" * 12


@faults("semantics", 433)
def token_in_an_argument(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification", "ContainerArguments")[-1] = "--token=ghp_" + "a1B2" * 9


@faults("semantics", 433)
def isolation_with_code_from_s3(b: Seeded) -> None:
    job = training_job(b)
    job["EnableNetworkIsolation"] = True
    static = job in [s["Arguments"].get("TrainingJobDefinition") for s in b.steps()]
    given = job.setdefault("StaticHyperParameters" if static else "HyperParameters", {})
    given["sagemaker_submit_directory"] = "s3://acme-ml/code/source.tar.gz"


@faults("semantics", 443)
def debugger_hook(b: Seeded) -> None:
    b.arguments("Training")["DebugHookConfig"] = {"S3OutputPath": "s3://acme-ml/debug"}


@faults("semantics", 443)
def debugger_rules(b: Seeded) -> None:
    rule: Any = {"RuleConfigurationName": "LossNotDecreasing", "RuleEvaluatorImage": "i"}
    b.arguments("Training")["DebugRuleConfigurations"] = [rule]


@faults("semantics", 443)
def quality_check_step(b: Seeded) -> None:
    arguments = b.arguments("Processing")
    b.definition["Steps"].append(
        {"Name": "Check", "Type": "QualityCheck", "CheckType": "DATA_QUALITY", "Arguments": dict(arguments)}
    )


@faults("semantics", 433)
def subnets_without_groups(b: Seeded) -> None:
    vpc = {"Subnets": ["subnet-0a1b2c3d"], "SecurityGroupIds": []}
    b.arguments("Processing").setdefault("NetworkConfig", {})["VpcConfig"] = vpc


@faults("semantics", 433)
def one_step_leaves_the_network(b: Seeded) -> None:
    vpc = {"Subnets": ["subnet-0a1b2c3d"], "SecurityGroupIds": ["sg-0a1b2c3d"]}
    arguments = [s["Arguments"] for s in b.steps("Processing")]
    if len(arguments) < 2 or any(a.get("NetworkConfig", {}).get("VpcConfig") for a in arguments):
        raise Absent
    arguments[0].setdefault("NetworkConfig", {})["VpcConfig"] = vpc


@faults("semantics", 433)
def one_output_without_the_key(b: Seeded) -> None:
    configs = [s["Arguments"].get("ProcessingOutputConfig", {}) for s in b.steps("Processing")]
    if not all(c.get("KmsKeyId") for c in configs):
        raise Absent
    drop(configs[-1], "KmsKeyId")
