"""Faults in the arguments of jobs: processing, training, tuning, registration."""

from __future__ import annotations

from typing import Any

from .seed import Absent, Doc, Faults, Seeded, at, drop, put, rename

faults = Faults()


def _job(b: Seeded) -> Doc:
    """Arguments that start a training container: of a training step or inside a tuning one."""
    for path in (("Training",), ("Tuning", "TrainingJobDefinition")):
        try:
            found: Doc = b.arguments(*path)
        except Absent:
            continue
        return found
    raise Absent


def _hyperparameters(b: Seeded) -> Doc:
    for kind, *path in (("Training", "HyperParameters"), ("Tuning", "TrainingJobDefinition", "StaticHyperParameters")):
        try:
            found: Doc = b.arguments(kind, *path)
        except Absent:
            continue
        return found
    raise Absent


def _config(b: Seeded) -> Doc:
    found: Doc = b.arguments("Tuning", "HyperParameterTuningJobConfig")
    return found


def _ranges(b: Seeded) -> Doc:
    config = _config(b)
    if "ParameterRanges" in config:
        found: Doc = config["ParameterRanges"]
        return found
    return b.arguments("Tuning", "TrainingJobDefinition", "HyperParameterRanges")  # type: ignore[no-any-return]


def _range(b: Seeded) -> Doc:
    for kind in ("IntegerParameterRanges", "ContinuousParameterRanges"):
        if _ranges(b).get(kind):
            found: Doc = _ranges(b)[kind][0]
            return found
    raise Absent


def _metrics(b: Seeded) -> list[Doc]:
    found: list[Doc] = b.arguments("Tuning", "TrainingJobDefinition", "AlgorithmSpecification", "MetricDefinitions")
    return found


def _container(b: Seeded) -> Doc:
    found: Doc = b.arguments("RegisterModel", "InferenceSpecification", "Containers", 0)
    return found


def _output(b: Seeded) -> Doc:
    found: Doc = b.arguments("Processing", "ProcessingOutputConfig", "Outputs", 0)
    return found


def _input(b: Seeded) -> Doc:
    found: Doc = b.arguments("Processing", "ProcessingInputs", 0)
    return found


def _spot(b: Seeded) -> Doc:
    for path in (("Training",), ("Tuning", "TrainingJobDefinition")):
        try:
            found: Doc = b.arguments(*path)
        except Absent:
            continue
        if found.get("EnableManagedSpotTraining"):
            return found
    raise Absent


# rename and delete


@faults("rename", 430, 432)
def processing_resources_renamed(b: Seeded) -> None:
    rename(b.arguments("Processing"), "ProcessingResources", "ProcessingResource")


@faults("rename", 430)
def s3_input_renamed(b: Seeded) -> None:
    rename(_input(b), "S3Input", "S3Inputs")


@faults("rename", 430)
def local_path_renamed(b: Seeded) -> None:
    rename(at(_output(b), "S3Output"), "LocalPath", "Localpath")


@faults("rename", 430)
def training_image_renamed(b: Seeded) -> None:
    rename(at(_job(b), "AlgorithmSpecification"), "TrainingImage", "Image")


@faults("rename", 430)
def objective_renamed(b: Seeded) -> None:
    rename(_config(b), "HyperParameterTuningJobObjective", "HyperparameterTuningJobObjective")


@faults("rename", 430, 432)
def containers_renamed(b: Seeded) -> None:
    rename(b.arguments("RegisterModel", "InferenceSpecification"), "Containers", "Container")


@faults("rename", 430)
def entrypoint_for_tuning(b: Seeded) -> None:
    specification = b.arguments("Tuning", "TrainingJobDefinition", "AlgorithmSpecification")
    specification["ContainerEntrypoint"] = ["python", "train.py"]


@faults("delete", 432)
def no_app_specification(b: Seeded) -> None:
    drop(b.arguments("Processing"), "AppSpecification")


@faults("delete", 432)
def no_role(b: Seeded) -> None:
    drop(b.arguments("Processing"), "RoleArn")


@faults("delete", 432)
def output_without_a_uri(b: Seeded) -> None:
    drop(at(_output(b), "S3Output"), "S3Uri")


@faults("delete", 432)
def output_without_a_local_path(b: Seeded) -> None:
    drop(at(_output(b), "S3Output"), "LocalPath")


@faults("delete", 432)
def no_input_mode(b: Seeded) -> None:
    drop(at(_job(b), "AlgorithmSpecification"), "TrainingInputMode")


@faults("delete", 432)
def no_training_image(b: Seeded) -> None:
    drop(at(_job(b), "AlgorithmSpecification"), "TrainingImage")


@faults("delete", 432)
def no_output_path(b: Seeded) -> None:
    drop(_job(b), "OutputDataConfig")


@faults("delete", 432)
def tuning_without_stopping_condition(b: Seeded) -> None:
    drop(b.arguments("Tuning", "TrainingJobDefinition"), "StoppingCondition")


@faults("delete", 432)
def no_resource_limits(b: Seeded) -> None:
    drop(_config(b), "ResourceLimits")


@faults("delete", 432)
def no_objective_type(b: Seeded) -> None:
    drop(at(_config(b), "HyperParameterTuningJobObjective"), "Type")


@faults("delete", 432)
def no_objective(b: Seeded) -> None:
    drop(_config(b), "HyperParameterTuningJobObjective")


@faults("delete", 432)
def package_without_an_image(b: Seeded) -> None:
    drop(_container(b), "Image")


@faults("delete", 432)
def package_without_a_group(b: Seeded) -> None:
    drop(b.arguments("RegisterModel"), "ModelPackageGroupName")


@faults("delete", 432)
def input_without_a_source(b: Seeded) -> None:
    drop(_input(b), "S3Input")


# retype


@faults("retype", 431)
def instance_count_is_text(b: Seeded) -> None:
    put(b.arguments("Processing", "ProcessingResources", "ClusterConfig"), "InstanceCount", "1")


@faults("retype", 431)
def volume_size_is_text(b: Seeded) -> None:
    put(at(_job(b), "ResourceConfig"), "VolumeSizeInGB", "30")


@faults("retype", 431)
def argument_is_a_number(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification", "ContainerArguments")[-1] = 5


@faults("retype", 431)
def arguments_are_one_text(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification")["ContainerArguments"] = "--folds=5"


@faults("retype", 431)
def hyperparameter_is_a_number(b: Seeded) -> None:
    _hyperparameters(b)["folds"] = 5


@faults("retype", 431)
def trials_are_text(b: Seeded) -> None:
    put(at(_config(b), "ResourceLimits"), "MaxParallelTrainingJobs", "2")


@faults("retype", 431)
def bound_is_a_number(b: Seeded) -> None:
    put(_range(b), "MinValue", 1)


@faults("retype", 431)
def spot_is_text(b: Seeded) -> None:
    _job(b)["EnableManagedSpotTraining"] = "true"


@faults("retype", 431)
def environment_holds_a_boolean(b: Seeded) -> None:
    b.arguments("Processing").setdefault("Environment", {})["DEBUG"] = True


@faults("retype", 431)
def tags_are_a_map(b: Seeded) -> None:
    b.arguments("Processing")["Tags"] = {"owner": "planning"}


@faults("retype", 431)
def runtime_is_text(b: Seeded) -> None:
    put(at(_job(b), "StoppingCondition"), "MaxRuntimeInSeconds", "3600")


@faults("retype", 431)
def channel_list_is_a_map(b: Seeded) -> None:
    job = _job(b)
    job["InputDataConfig"] = {c["ChannelName"]: c for c in at(job, "InputDataConfig")}


# dangle


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
    at(_input(b), "S3Input")["S3Uri"] = {"Std:Join": {"On": "/", "Values": values}}


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
    at(_config(b), "HyperParameterTuningJobObjective")["MetricName"] = "f1"


@faults("dangle", 436)
def range_over_a_static_hyperparameter(b: Seeded) -> None:
    static = b.arguments("Tuning", "TrainingJobDefinition").setdefault("StaticHyperParameters", {})
    kind = next((k for k, v in _ranges(b).items() if v), None)
    if kind is None:
        raise Absent
    static[_ranges(b)[kind][0]["Name"]] = "1"


# limits


@faults("limits", 437)
def too_many_arguments(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification")["ContainerArguments"] = [f"--a{i}=1" for i in range(101)]


@faults("limits", 437)
def argument_too_long(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification")["ContainerArguments"] = ["--text=" + "x" * 250]


@faults("limits", 437)
def empty_arguments(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification")["ContainerArguments"] = []


@faults("limits", 437)
def hyperparameter_too_long(b: Seeded) -> None:
    _hyperparameters(b)["command"] = "x" * 2501


@faults("limits", 437)
def too_many_hyperparameters(b: Seeded) -> None:
    _hyperparameters(b).update({f"h{i}": "1" for i in range(101)})


@faults("limits", 437)
def too_many_variables(b: Seeded) -> None:
    b.arguments("Processing")["Environment"] = {f"V{i}": "1" for i in range(101)}


@faults("limits", 433, 437)
def variable_name_with_a_hyphen(b: Seeded) -> None:
    b.arguments("Processing").setdefault("Environment", {})["MY-VAR"] = "1"


@faults("limits", 437)
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
    limits = at(_config(b), "ResourceLimits")
    limits["MaxParallelTrainingJobs"] = at(limits, "MaxNumberOfTrainingJobs") + 1


@faults("limits", 437)
def no_trials(b: Seeded) -> None:
    put(at(_config(b), "ResourceLimits"), "MaxNumberOfTrainingJobs", 0)


@faults("limits", 437)
def no_machines(b: Seeded) -> None:
    put(b.arguments("Processing", "ProcessingResources", "ClusterConfig"), "InstanceCount", 0)


@faults("limits", 437)
def too_many_metrics(b: Seeded) -> None:
    _metrics(b).extend({"Name": f"m{i}", "Regex": "m=([0-9.]+)"} for i in range(41))


@faults("limits", 437)
def regex_too_long(b: Seeded) -> None:
    _metrics(b)[0]["Regex"] = "(" + "a" * 500 + ")"


@faults("limits", 437)
def too_many_choices(b: Seeded) -> None:
    at(_ranges(b), "CategoricalParameterRanges", 0)["Values"] = [str(i) for i in range(31)]


@faults("limits", 437)
def disk_too_large(b: Seeded) -> None:
    put(b.arguments("Processing", "ProcessingResources", "ClusterConfig"), "VolumeSizeInGB", 20000)


@faults("limits", 437)
def processing_for_ten_days(b: Seeded) -> None:
    b.arguments("Processing")["StoppingCondition"] = {"MaxRuntimeInSeconds": 864000}


@faults("limits", 437)
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
    channels = at(_job(b), "InputDataConfig")
    channels.append(dict(channels[0]))


# semantics: storage, machines, images


@faults("semantics", 433)
def unknown_machine(b: Seeded) -> None:
    put(b.arguments("Processing", "ProcessingResources", "ClusterConfig"), "InstanceType", "ml.m5.huge")


@faults("semantics", 433)
def machine_without_ml(b: Seeded) -> None:
    put(at(_job(b), "ResourceConfig"), "InstanceType", "m5.xlarge")


@faults("semantics", 433)
def unknown_data_type(b: Seeded) -> None:
    put(at(_input(b), "S3Input"), "S3DataType", "S3Folder")


@faults("semantics", 433)
def unknown_upload_mode(b: Seeded) -> None:
    put(at(_output(b), "S3Output"), "S3UploadMode", "AtEnd")


@faults("semantics", 433)
def local_path_elsewhere(b: Seeded) -> None:
    put(at(_output(b), "S3Output"), "LocalPath", "/data/out")


@faults("semantics", 433)
def relative_local_path(b: Seeded) -> None:
    put(at(_input(b), "S3Input"), "LocalPath", "input/data")


@faults("semantics", 433, 436)
def two_outputs_in_one_place(b: Seeded) -> None:
    outputs = b.arguments("Processing", "ProcessingOutputConfig", "Outputs")
    outputs.append({**outputs[0], "OutputName": "again"})


@faults("semantics", 433, 436)
def output_inside_an_input(b: Seeded) -> None:
    arguments = b.arguments("Processing")
    inside = at(arguments, "ProcessingInputs", 0, "S3Input", "LocalPath") + "/out"
    at(arguments, "ProcessingOutputConfig", "Outputs", 0, "S3Output")["LocalPath"] = inside


@faults("semantics", 433)
def uri_that_is_a_path(b: Seeded) -> None:
    at(_input(b), "S3Input")["S3Uri"] = "/acme-ml/data"


@faults("semantics", 433)
def bucket_name_in_capitals(b: Seeded) -> None:
    at(_input(b), "S3Input")["S3Uri"] = "s3://Acme_ML/data"


@faults("semantics", 445)
def image_latest(b: Seeded) -> None:
    app = b.arguments("Processing", "AppSpecification")
    app["ImageUri"] = app["ImageUri"].split("@")[0].rsplit(":", 1)[0] + ":latest"


@faults("semantics", 445)
def image_without_a_tag(b: Seeded) -> None:
    specification = at(_job(b), "AlgorithmSpecification")
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
    _container(b)["Image"] = "123456789012.dkr.ecr.us-west-2.amazonaws.com/acme@sha256:" + "0" * 64


@faults("semantics", 433)
def role_that_is_a_name(b: Seeded) -> None:
    b.arguments("Processing")["RoleArn"] = "AcmePipelineRole"


# What tuning cannot do


@faults("semantics", 433)
def unknown_strategy(b: Seeded) -> None:
    put(_config(b), "Strategy", "GridSearch")


@faults("semantics", 433)
def grid_over_numbers(b: Seeded) -> None:
    _config(b)["Strategy"] = "Grid"
    _config(b)["ResourceLimits"].pop("MaxNumberOfTrainingJobs", None)
    _ranges(b).update(
        ContinuousParameterRanges=[{"Name": "rate", "MinValue": "0.1", "MaxValue": "1", "ScalingType": "Auto"}]
    )


@faults("semantics", 433)
def grid_with_too_few_trials(b: Seeded) -> None:
    _config(b)["Strategy"] = "Grid"
    _config(b)["ResourceLimits"] = {"MaxNumberOfTrainingJobs": 5, "MaxParallelTrainingJobs": 1}
    _ranges(b).clear()
    _ranges(b)["CategoricalParameterRanges"] = [{"Name": "a", "Values": ["1", "2", "3"]}]


@faults("semantics", 433)
def min_above_max(b: Seeded) -> None:
    _range(b).update(MinValue="10", MaxValue="2")


@faults("semantics", 433)
def log_scale_from_zero(b: Seeded) -> None:
    _range(b).update(MinValue="0", MaxValue="2", ScalingType="Logarithmic")


@faults("semantics", 433)
def bound_that_is_no_number(b: Seeded) -> None:
    _range(b).update(MinValue="one")


@faults("semantics", 433, 439)
def regex_that_does_not_compile(b: Seeded) -> None:
    _metrics(b)[0]["Regex"] = "accuracy=([0-9."


@faults("semantics", 433, 439)
def regex_without_a_group(b: Seeded) -> None:
    _metrics(b)[0]["Regex"] = "accuracy=[0-9.]+"


@faults("semantics", 433)
def objective_direction_misspelt(b: Seeded) -> None:
    at(_config(b), "HyperParameterTuningJobObjective")["Type"] = "Maximise"


@faults("semantics", 432, 433)
def nothing_to_search(b: Seeded) -> None:
    _ranges(b).clear()


# semantics: spot, registration, secrets, retired


@faults("semantics", 432, 433)
def spot_without_a_waiting_time(b: Seeded) -> None:
    drop(at(_spot(b), "StoppingCondition"), "MaxWaitTimeInSeconds")


@faults("semantics", 433)
def waits_less_than_it_runs(b: Seeded) -> None:
    at(_spot(b), "StoppingCondition")["MaxWaitTimeInSeconds"] = 60


@faults("semantics", 432, 433)
def spot_without_a_checkpoint(b: Seeded) -> None:
    drop(_spot(b), "CheckpointConfig")


@faults("semantics", 433)
def waiting_time_without_spot(b: Seeded) -> None:
    drop(_spot(b), "EnableManagedSpotTraining")


@faults("semantics", 430)
def package_name_given(b: Seeded) -> None:
    b.arguments("RegisterModel")["ModelPackageName"] = "acme"


@faults("semantics", 430)
def additional_model_data(b: Seeded) -> None:
    _container(b)["AdditionalModelDataSources"] = []


@faults("semantics", 433)
def approval_misspelt(b: Seeded) -> None:
    b.arguments("RegisterModel")["ModelApprovalStatus"] = "Pending"


@faults("semantics", 433)
def model_data_that_is_no_uri(b: Seeded) -> None:
    _container(b)["ModelDataUrl"] = "model.tar.gz"


@faults("semantics", 433)
def access_key_in_the_environment(b: Seeded) -> None:
    b.arguments("Processing").setdefault("Environment", {})["KEY"] = "AKIA" + "IOSFODNN7ABCDEFG"


@faults("semantics", 433)
def private_key_in_a_hyperparameter(b: Seeded) -> None:
    _hyperparameters(b)["key"] = "-----BEGIN RSA PRIVATE" + " KEY-----\\nMIIE"


@faults("semantics", 433)
def token_in_an_argument(b: Seeded) -> None:
    b.arguments("Processing", "AppSpecification", "ContainerArguments")[-1] = "--token=ghp_" + "a1B2" * 9


@faults("semantics", 433)
def isolation_with_code_from_s3(b: Seeded) -> None:
    _job(b)["EnableNetworkIsolation"] = True
    _hyperparameters(b)["sagemaker_submit_directory"] = "s3://acme-ml/code/source.tar.gz"


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
