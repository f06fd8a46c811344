"""Faults in the arguments of jobs: keys misspelt, of the wrong type, left out, dangling."""

from __future__ import annotations

from .places import (
    hyperparameters,
    input_of,
    number_range,
    output_of,
    package_container,
    search_ranges,
    training_job,
    tuning_config,
)
from .seed import Absent, Faults, Seeded, at, drop, put, rename

faults = Faults()


@faults("rename", 430, 432, by="botocore")
def processing_resources_renamed(b: Seeded) -> None:
    rename(b.arguments("Processing"), "ProcessingResources", "ProcessingResource")


@faults("rename", 430, by="botocore")
def s3_input_renamed(b: Seeded) -> None:
    rename(input_of(b), "S3Input", "S3Inputs")


@faults("rename", 430, by="botocore")
def local_path_renamed(b: Seeded) -> None:
    rename(at(output_of(b), "S3Output"), "LocalPath", "Localpath")


@faults("rename", 430, by="botocore")
def training_image_renamed(b: Seeded) -> None:
    rename(at(training_job(b), "AlgorithmSpecification"), "TrainingImage", "Image")


@faults("rename", 430, by="botocore")
def objective_renamed(b: Seeded) -> None:
    rename(tuning_config(b), "HyperParameterTuningJobObjective", "HyperparameterTuningJobObjective")


@faults("rename", 430, 432, by="botocore")
def containers_renamed(b: Seeded) -> None:
    rename(b.arguments("RegisterModel", "InferenceSpecification"), "Containers", "Container")


@faults("rename", 430, by="botocore")
def entrypoint_for_tuning(b: Seeded) -> None:
    specification = b.arguments("Tuning", "TrainingJobDefinition", "AlgorithmSpecification")
    specification["ContainerEntrypoint"] = ["python", "train.py"]


@faults("delete", 432, by="botocore")
def no_app_specification(b: Seeded) -> None:
    drop(b.arguments("Processing"), "AppSpecification")


@faults("delete", 432, by="botocore")
def no_role(b: Seeded) -> None:
    drop(b.arguments("Processing"), "RoleArn")


@faults("delete", 432, by="botocore")
def output_without_a_uri(b: Seeded) -> None:
    drop(at(output_of(b), "S3Output"), "S3Uri")


@faults("delete", 432)
def output_without_a_local_path(b: Seeded) -> None:
    drop(at(output_of(b), "S3Output"), "LocalPath")


@faults("delete", 432, by="botocore")
def no_input_mode(b: Seeded) -> None:
    drop(at(training_job(b), "AlgorithmSpecification"), "TrainingInputMode")


@faults("delete", 432)
def no_training_image(b: Seeded) -> None:
    drop(at(training_job(b), "AlgorithmSpecification"), "TrainingImage")


@faults("delete", 432, by="botocore")
def no_output_path(b: Seeded) -> None:
    drop(training_job(b), "OutputDataConfig")


@faults("delete", 432, by="botocore")
def tuning_without_stopping_condition(b: Seeded) -> None:
    drop(b.arguments("Tuning", "TrainingJobDefinition"), "StoppingCondition")


@faults("delete", 432, by="botocore")
def no_resource_limits(b: Seeded) -> None:
    drop(tuning_config(b), "ResourceLimits")


@faults("delete", 432, by="botocore")
def no_objective_type(b: Seeded) -> None:
    drop(at(tuning_config(b), "HyperParameterTuningJobObjective"), "Type")


@faults("delete", 432)
def no_objective(b: Seeded) -> None:
    drop(tuning_config(b), "HyperParameterTuningJobObjective")


@faults("delete", 432)
def package_without_an_image(b: Seeded) -> None:
    drop(package_container(b), "Image")


@faults("delete", 432)
def package_without_a_group(b: Seeded) -> None:
    drop(b.arguments("RegisterModel"), "ModelPackageGroupName")


@faults("delete", 432)
def input_without_a_source(b: Seeded) -> None:
    drop(input_of(b), "S3Input")


@faults("retype", 431, by="botocore")
def instance_count_is_text(b: Seeded) -> None:
    put(b.arguments("Processing", "ProcessingResources", "ClusterConfig"), "InstanceCount", "1")


@faults("retype", 431, by="botocore")
def volume_size_is_text(b: Seeded) -> None:
    put(at(training_job(b), "ResourceConfig"), "VolumeSizeInGB", "30")


@faults("retype", 431, by="botocore")
def argument_is_a_number(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification", "ContainerArguments")[-1] = 5


@faults("retype", 431, by="botocore")
def arguments_are_one_text(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification")["ContainerArguments"] = "--folds=5"


@faults("retype", 431, by="botocore")
def hyperparameter_is_a_number(b: Seeded) -> None:
    hyperparameters(b)["folds"] = 5


@faults("retype", 431, by="botocore")
def trials_are_text(b: Seeded) -> None:
    put(at(tuning_config(b), "ResourceLimits"), "MaxParallelTrainingJobs", "2")


@faults("retype", 431, by="botocore")
def bound_is_a_number(b: Seeded) -> None:
    put(number_range(b), "MinValue", 1)


@faults("retype", 431, by="botocore")
def spot_is_text(b: Seeded) -> None:
    training_job(b)["EnableManagedSpotTraining"] = "true"


@faults("retype", 431, by="botocore")
def environment_holds_a_boolean(b: Seeded) -> None:
    b.arguments("Processing").setdefault("Environment", {})["DEBUG"] = True


@faults("retype", 431, by="botocore")
def tags_are_a_map(b: Seeded) -> None:
    b.arguments("Processing")["Tags"] = {"owner": "planning"}


@faults("retype", 431, by="botocore")
def runtime_is_text(b: Seeded) -> None:
    put(at(training_job(b), "StoppingCondition"), "MaxRuntimeInSeconds", "3600")


@faults("retype", 431, by="botocore")
def channel_list_is_a_map(b: Seeded) -> None:
    job = training_job(b)
    job["InputDataConfig"] = {c["ChannelName"]: c for c in at(job, "InputDataConfig")}


@faults("dangle", 434)
def output_that_another_step_reads_is_gone(b: Seeded) -> None:
    for found in b.expressions("Get"):
        if ".Outputs['" in found["Get"]:
            step, output = found["Get"].split(".")[1], found["Get"].split("'")[1]
            config = next(s for s in b.steps() if s["Name"] == step)["Arguments"]["ProcessingOutputConfig"]
            config["Outputs"] = [o for o in config["Outputs"] if o["OutputName"] != output]
            return
    raise Absent


@faults("dangle", 434)
def output_misspelt_in_a_reference(b: Seeded) -> None:
    for found in b.expressions("Get"):
        if ".Outputs['" in found["Get"]:
            found["Get"] = found["Get"].replace(".Outputs['", ".Outputs['x")
            return
    raise Absent


@faults("dangle", 434)
def metrics_that_nobody_writes(b: Seeded) -> None:
    source = b.arguments("RegisterModel", "ModelMetrics", "ModelQuality", "Statistics")
    source["S3Uri"] = {
        "Std:Join": {
            "On": "/",
            "Values": ["s3://acme-ml/other", {"Get": "Execution.PipelineExecutionId"}, "nowhere/metrics.json"],
        }
    }


@faults("dangle", 434)
def input_under_the_run_prefix_that_nobody_writes(b: Seeded) -> None:
    values = ["s3://acme-ml/other", {"Get": "Execution.PipelineExecutionId"}, "nowhere"]
    at(input_of(b), "S3Input")["S3Uri"] = {"Std:Join": {"On": "/", "Values": values}}


@faults("dangle", 434, 435)
def read_before_it_is_written(b: Seeded) -> None:
    first, last = b.steps("Processing")[0], b.steps("Processing")[-1]
    if first is last:
        raise Absent
    written = at(last, "Arguments", "ProcessingOutputConfig", "Outputs", 0, "S3Output", "S3Uri")
    first["Arguments"].setdefault("ProcessingInputs", []).append(
        {
            "InputName": "later",
            "S3Input": {
                "S3Uri": written,
                "LocalPath": "/opt/ml/processing/input/later",
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
            },
        }
    )


@faults("dangle", 434)
def objective_that_no_metric_defines(b: Seeded) -> None:
    at(tuning_config(b), "HyperParameterTuningJobObjective")["MetricName"] = "f1"


@faults("dangle", 436)
def range_over_a_static_hyperparameter(b: Seeded) -> None:
    static = b.arguments("Tuning", "TrainingJobDefinition").setdefault("StaticHyperParameters", {})
    kind = next((k for k, v in search_ranges(b).items() if v), None)
    if kind is None:
        raise Absent
    static[search_ranges(b)[kind][0]["Name"]] = "1"
