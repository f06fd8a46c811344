"""Faults in the arguments of jobs: more, longer or larger than the service takes."""

from __future__ import annotations

from .places import default_of, hyperparameters, metrics_of, search_ranges, training_job, tuning_config
from .seed import Faults, Seeded, at, put

faults = Faults()


@faults("limits", 437, by="botocore")
def too_many_arguments(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification")["ContainerArguments"] = [f"--a{i}=1" for i in range(101)]


@faults("limits", 437, by="botocore")
def argument_too_long(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification")["ContainerArguments"] = ["--text=" + "x" * 250]


@faults("limits", 433, by="botocore")
def description_of_two_lines(b: Seeded) -> None:
    b.arguments("RegisterModel")["ModelPackageDescription"] = "one\ntwo"


@faults("limits", 437, by="botocore")
def empty_arguments(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification")["ContainerArguments"] = []


@faults("limits", 437, by="botocore")
def hyperparameter_too_long(b: Seeded) -> None:
    hyperparameters(b)["command"] = "x" * 2501


@faults("limits", 437, by="botocore")
def too_many_hyperparameters(b: Seeded) -> None:
    hyperparameters(b).update({f"h{i}": "1" for i in range(101)})


@faults("limits", 437, by="botocore")
def too_many_variables(b: Seeded) -> None:
    b.arguments("Processing")["Environment"] = {f"V{i}": "1" for i in range(101)}


@faults("limits", 433, 437, by="botocore")
def variable_name_with_a_hyphen(b: Seeded) -> None:
    b.arguments("Processing").setdefault("Environment", {})["MY-VAR"] = "1"


@faults("limits", 437, by="botocore")
def too_many_outputs(b: Seeded) -> None:
    outputs = b.arguments("Processing", "ProcessingOutputConfig", "Outputs")
    outputs += [
        {
            "OutputName": f"o{i}",
            "S3Output": {
                "S3Uri": f"s3://acme-ml/o{i}",
                "LocalPath": f"/opt/ml/processing/output/o{i}",
                "S3UploadMode": "EndOfJob",
            },
        }
        for i in range(11)
    ]


@faults("limits", 433, 437)
def more_parallel_than_trials(b: Seeded) -> None:
    limits = at(tuning_config(b), "ResourceLimits")
    limits["MaxParallelTrainingJobs"] = default_of(b, at(limits, "MaxNumberOfTrainingJobs")) + 1


@faults("limits", 437, by="botocore")
def no_trials(b: Seeded) -> None:
    put(at(tuning_config(b), "ResourceLimits"), "MaxNumberOfTrainingJobs", 0)


@faults("limits", 437, by="botocore")
def no_machines(b: Seeded) -> None:
    put(b.arguments("Processing", "ProcessingResources", "ClusterConfig"), "InstanceCount", 0)


@faults("limits", 437, by="botocore")
def too_many_metrics(b: Seeded) -> None:
    metrics_of(b).extend({"Name": f"m{i}", "Regex": "m=([0-9.]+)"} for i in range(41))


@faults("limits", 437, by="botocore")
def regex_too_long(b: Seeded) -> None:
    metrics_of(b)[0]["Regex"] = "(" + "a" * 500 + ")"


@faults("limits", 437, by="botocore")
def too_many_choices(b: Seeded) -> None:
    at(search_ranges(b), "CategoricalParameterRanges", 0)["Values"] = [str(i) for i in range(31)]


@faults("limits", 437, by="botocore")
def disk_too_large(b: Seeded) -> None:
    put(b.arguments("Processing", "ProcessingResources", "ClusterConfig"), "VolumeSizeInGB", 20000)


@faults("limits", 437, by="botocore")
def processing_for_ten_days(b: Seeded) -> None:
    b.arguments("Processing")["StoppingCondition"] = {"MaxRuntimeInSeconds": 864000}


@faults("limits", 437, by="botocore")
def too_many_tags(b: Seeded) -> None:
    b.arguments("Processing")["Tags"] = [{"Key": f"k{i}", "Value": "v"} for i in range(51)]


@faults("limits", 436)
def two_outputs_of_one_name(b: Seeded) -> None:
    outputs = b.arguments("Processing", "ProcessingOutputConfig", "Outputs")
    outputs.append({**outputs[0], "S3Output": {**outputs[0]["S3Output"], "LocalPath": "/opt/ml/processing/output/2"}})


@faults("limits", 436)
def two_inputs_of_one_name(b: Seeded) -> None:
    inputs = b.arguments("Processing", "ProcessingInputs")
    inputs.append({**inputs[0], "S3Input": {**inputs[0]["S3Input"], "LocalPath": "/opt/ml/processing/input/2"}})


@faults("limits", 436)
def two_channels_of_one_name(b: Seeded) -> None:
    channels = at(training_job(b), "InputDataConfig")
    channels.append(dict(channels[0]))
