"""Rules for processing and training jobs that the service model does not hold, and for what all of them share."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents.document import Path, dig, maps, walk
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.definition import Definition, Step, function
from mlopsgen.targets.sagemaker.machines import has_own_disk

PROCESSING = ("Processing", "QualityCheck", "ClarifyCheck")
_HOME = PurePosixPath("/opt/ml/processing")
_LOCAL = "CreateProcessingJob API reference, ProcessingS3Input.LocalPath: begins with /opt/ml/processing/"
_SPOT = 'developer guide, "Managed spot training"; StoppingCondition.MaxWaitTimeInSeconds'


def trainings(d: Definition) -> Iterator[tuple[Step, Path, dict[str, Any]]]:
    """Everything that starts a training container: Training steps and the definitions inside Tuning steps."""
    for step in d.of("Training"):
        yield step, step.where("Arguments"), step.arguments
    for step in d.of("Tuning"):
        one, several = step.get("TrainingJobDefinition"), step.get("TrainingJobDefinitions")
        if isinstance(one, dict):
            yield step, step.where("Arguments", "TrainingJobDefinition"), one
        for i, definition in maps(several):
            yield step, step.where("Arguments", "TrainingJobDefinitions", i), definition


def _places(step: Step) -> Iterator[tuple[str, Path, Any]]:
    """Inputs and outputs of a processing job with the value of their local path."""
    for i, entry in maps(step.get("ProcessingInputs")):
        for kind in ("S3Input", "DatasetDefinition"):
            if isinstance(entry.get(kind), dict) and entry.get("AppManaged") is not True:
                yield "input", step.where("Arguments", "ProcessingInputs", i, kind), entry[kind].get("LocalPath")
    for i, output in maps(step.get("ProcessingOutputConfig", "Outputs")):
        if isinstance(output.get("S3Output"), dict) and output.get("AppManaged") is not True:
            path = step.where("Arguments", "ProcessingOutputConfig", "Outputs", i, "S3Output")
            yield "output", path, output["S3Output"].get("LocalPath")


@rule("local-paths", _LOCAL)
def local_paths(d: Definition) -> Iterator[Diagnostic]:
    """Inputs and outputs lie under /opt/ml/processing, each in a place of its own."""
    for step in d.of(*PROCESSING):
        taken: list[tuple[str, PurePosixPath]] = []
        for kind, path, local in _places(step):
            if local is None:
                yield d.document.finding("MG432", f"an {kind} needs `LocalPath`", path)
                continue
            if not isinstance(local, str):
                continue
            here, where = PurePosixPath(local), (*path, "LocalPath")
            if not here.is_relative_to(_HOME) or here == _HOME or ".." in here.parts:
                yield d.document.finding("MG433", f"`{local}` does not lie under {_HOME}/", where)
            for other, there in taken:
                yield from _clash(d, where, (kind, here), (other, there))
            taken.append((kind, here))


def _clash(
    d: Definition, where: Path, mine: tuple[str, PurePosixPath], other: tuple[str, PurePosixPath]
) -> Iterator[Diagnostic]:
    """Inputs may nest (the SDK lays code inside the data's folder); an output inside anything is uploaded wrongly."""
    (kind, here), (other_kind, there) = mine, other
    if here == there:
        yield d.document.finding("MG436", f"another {other_kind} lies at `{here}` too", where)
    elif not (here.is_relative_to(there) or there.is_relative_to(here)):
        return
    elif kind != other_kind:
        yield d.document.finding("MG433", f"this {kind} and the {other_kind} at `{there}` lie inside each other", where)
    elif kind == "output":
        message = f"this output and the one at `{there}` lie inside each other: files are uploaded twice"
        yield d.document.finding("MG433", message, where, severity=Severity.WARNING)


@rule("job-names", "CreateProcessingJob and CreateTrainingJob API reference: names are unique within the job")
def entry_names(d: Definition) -> Iterator[Diagnostic]:
    """Inputs, outputs, channels and environment names are not given twice."""
    for step in d.of(*PROCESSING):
        for place, key in ((("ProcessingInputs",), "InputName"), (("ProcessingOutputConfig", "Outputs"), "OutputName")):
            yield from _unique(d, step.get(*place), key, step.where("Arguments", *place))
    for _, path, job in trainings(d):
        yield from _unique(d, job.get("InputDataConfig"), "ChannelName", (*path, "InputDataConfig"))
        metrics = dig(job, ("AlgorithmSpecification", "MetricDefinitions"))
        yield from _unique(d, metrics, "Name", (*path, "AlgorithmSpecification", "MetricDefinitions"))
    for step in d.steps:
        yield from _unique(d, step.get("Tags"), "Key", step.where("Arguments", "Tags"))


def _unique(d: Definition, entries: Any, key: str, path: Path) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for i, entry in maps(entries):
        name = entry.get(key)
        if isinstance(name, str) and name in seen:
            yield d.document.finding("MG436", f"`{name}` is given twice", (*path, i, key))
        seen.add(str(name))


@rule("sources", "CreateProcessingJob API reference, ProcessingInput; CreateTrainingJob, DataSource")
def sources(d: Definition) -> Iterator[Diagnostic]:
    """Every input says where its data comes from, in exactly one way; every output where it goes."""
    for step in d.of(*PROCESSING):
        for i, entry in maps(step.get("ProcessingInputs")):
            if ("S3Input" in entry) == ("DatasetDefinition" in entry):
                message = "an input needs one of `S3Input` and `DatasetDefinition`"
                yield d.document.finding("MG432", message, step.where("Arguments", "ProcessingInputs", i))
        for i, output in maps(step.get("ProcessingOutputConfig", "Outputs")):
            if ("S3Output" in output) == ("FeatureStoreOutput" in output):
                path = step.where("Arguments", "ProcessingOutputConfig", "Outputs", i)
                yield d.document.finding("MG432", "an output needs one of `S3Output` and `FeatureStoreOutput`", path)
    for _, path, job in trainings(d):
        for i, channel in maps(job.get("InputDataConfig")):
            source = channel.get("DataSource")
            if isinstance(source, dict) and len(source) != 1:
                yield d.document.finding(
                    "MG432", "a channel has one source", (*path, "InputDataConfig", i, "DataSource")
                )


@rule("training-image", "CreateTrainingJob API reference, AlgorithmSpecification: TrainingImage or AlgorithmName")
def training_image(d: Definition) -> Iterator[Diagnostic]:
    """A training job says what runs, on what machine, and for how long at most."""
    for step, path, job in trainings(d):
        specification = job.get("AlgorithmSpecification")
        if isinstance(specification, dict) and ("TrainingImage" in specification) == ("AlgorithmName" in specification):
            message = "needs one of `TrainingImage` and `AlgorithmName`"
            yield d.document.finding("MG432", message, (*path, "AlgorithmSpecification"))
        if step.type == "Training" and "ServerlessJobConfig" not in job:
            for key in ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition"):
                if key not in job and "Arguments" in step.data:
                    yield d.document.finding("MG432", f"a training job needs `{key}`", path)
        machines = ("ResourceConfig", "HyperParameterTuningResourceConfig")
        if step.type == "Tuning" and not any(key in job for key in machines):
            yield d.document.finding("MG432", "needs `ResourceConfig`", path)


@rule("spot", _SPOT)
def spot(d: Definition) -> Iterator[Diagnostic]:
    """Spot training says how long it may wait, longer than it may run, and where its checkpoints lie."""
    for _, path, job in trainings(d):
        limits = job.get("StoppingCondition")
        limits = limits if isinstance(limits, dict) else {}
        run, wait = limits.get("MaxRuntimeInSeconds"), limits.get("MaxWaitTimeInSeconds")
        where = (*path, "StoppingCondition")
        if job.get("EnableManagedSpotTraining") is True:
            if wait is None:
                yield d.document.finding("MG432", "spot training needs `MaxWaitTimeInSeconds`", where)
            if "CheckpointConfig" not in job:
                message = "spot training without `CheckpointConfig` starts from nothing after each interruption"
                yield d.document.finding("MG432", message, path, severity=Severity.WARNING)
        elif wait is not None and "EnableManagedSpotTraining" not in job:
            yield d.document.finding("MG433", "`MaxWaitTimeInSeconds` is for spot training alone", where)
        if isinstance(run, int) and isinstance(wait, int) and wait < run:
            yield d.document.finding("MG433", f"waits {wait} s at most, but may run {run} s", where)


@rule("isolation", "measured: every checker passes it, the container cannot fetch its code")
def isolation(d: Definition) -> Iterator[Diagnostic]:
    """A job without network does not fetch its code from S3 when it starts."""
    for _, path, job in trainings(d):
        parameters = job.get("HyperParameters") or job.get("StaticHyperParameters")
        code = parameters.get("sagemaker_submit_directory") if isinstance(parameters, dict) else None
        remote = function(code) or "s3://" in str(code)
        if job.get("EnableNetworkIsolation") is True and code is not None and remote:
            message = "network isolation and code fetched from S3 (`sagemaker_submit_directory`) do not go together"
            yield d.document.finding("MG433", message, path)


@rule("joined-arguments", "botocore ContainerArgument and HyperParameterValue: 256 and 2500 characters")
def joined_arguments(d: Definition) -> Iterator[Diagnostic]:
    """The written part of a joined argument does not pass the limit by itself."""
    limits = {"ContainerArguments": 256, "ContainerEntrypoint": 256, "HyperParameters": 2500}
    limits["StaticHyperParameters"] = 2500
    for step in d.steps:
        for path, value in walk(step.own().get("Arguments"), step.where("Arguments")):
            most = limits.get(str(path[-2])) if len(path) > 1 else None
            if most is None or function(value) != "Std:Join" or not isinstance(value["Std:Join"], dict):
                continue
            parts, on = value["Std:Join"].get("Values"), str(value["Std:Join"].get("On", ""))
            if isinstance(parts, list):
                length = sum(len(str(p)) for p in parts if not isinstance(p, dict)) + len(on) * (len(parts) - 1)
                if length > most:
                    yield d.document.finding("MG437", f"joins to more than {most} characters", path)


@rule("package-group", 'developer guide, "Register model step": registers a version into a group')
def package_group(d: Definition) -> Iterator[Diagnostic]:
    """A registered model goes into a group, with an image to run it."""
    for step in d.of("RegisterModel"):
        if "Arguments" not in step.data:
            continue
        path = step.where("Arguments")
        if "ModelPackageGroupName" not in step.arguments:
            yield d.document.finding("MG432", "needs `ModelPackageGroupName`", path)
        if not {"InferenceSpecification", "SourceUri"} & step.arguments.keys():
            yield d.document.finding("MG432", "needs `InferenceSpecification`", path)
        for i, container in maps(step.get("InferenceSpecification", "Containers")):
            if not {"Image", "BaseModel"} & container.keys():
                yield d.document.finding(
                    "MG432", "a container needs `Image`", (*path, "InferenceSpecification", "Containers", i)
                )


def _jobs(d: Definition) -> Iterator[tuple[Path, dict[str, Any], Path, Path, Path]]:
    """Every job with the places of its network, its output key and its disk key."""
    for step in d.of(*PROCESSING):
        disk = ("ProcessingResources", "ClusterConfig", "VolumeKmsKeyId")
        where = step.where("Arguments")
        yield where, step.arguments, ("NetworkConfig", "VpcConfig"), ("ProcessingOutputConfig", "KmsKeyId"), disk
    for _, path, job in trainings(d):
        yield path, job, ("VpcConfig",), ("OutputDataConfig", "KmsKeyId"), ("ResourceConfig", "VolumeKmsKeyId")


@rule("whole-network", "a network that one step leaves protects nothing")
def whole_network(d: Definition) -> Iterator[Diagnostic]:
    """All jobs are in the same private network, or none is."""
    networks = [(path, dig(job, vpc)) for path, job, vpc, _, _ in _jobs(d)]
    yield from _uneven(d, networks, "the private network", "VpcConfig")


@rule("whole-encryption", "a key that one output does without protects nothing")
def whole_encryption(d: Definition) -> Iterator[Diagnostic]:
    """All outputs are encrypted with a key of the customer, or none is."""
    written = [(p, job, out) for p, job, _, out, _ in _jobs(d) if isinstance(dig(job, out[:1]), dict)]
    outputs = [(path, dig(job, out)) for path, job, out in written if _writes(job, out)]
    yield from _uneven(d, outputs, "the key of the outputs", "KmsKeyId")
    keyed = [(p, job, disk) for p, job, _, _, disk in _jobs(d) if not _has_own_disk(job, disk)]
    disks = [(path, dig(job, disk)) for path, job, disk in keyed]
    yield from _uneven(d, disks, "the key of the disks", "VolumeKmsKeyId")


def _has_own_disk(job: dict[str, Any], disk: Path) -> bool:
    """A machine's own disk is encrypted by its hardware, and takes no key."""
    return has_own_disk(dig(job, (*disk[:-1], "InstanceType")))


def _writes(job: dict[str, Any], out: Path) -> bool:
    return out[0] != "ProcessingOutputConfig" or bool(dig(job, ("ProcessingOutputConfig", "Outputs")))


def _uneven(d: Definition, networks: list[tuple[Path, Any]], what: str, key: str) -> Iterator[Diagnostic]:
    counts = Counter(json.dumps(value, sort_keys=True) for _, value in networks if value)
    usual = counts.most_common(1)[0][0] if counts else None
    for path, value in networks:
        if usual is not None and json.dumps(value, sort_keys=True) != usual:
            does = "has another of" if value else "does without"
            message = f"this job {does} {what} that the others have (`{key}`)"
            yield d.document.finding("MG433", message, path, severity=Severity.WARNING)


@rule("network-parts", "CreateTrainingJob API reference, EnableInterContainerTrafficEncryption")
def network_parts(d: Definition) -> Iterator[Diagnostic]:
    """A network has subnets and security groups of the right form."""
    for path, job, vpc, _, _ in _jobs(d):
        network = dig(job, vpc)
        for key, prefix in (("Subnets", "subnet-"), ("SecurityGroupIds", "sg-")):
            values = network.get(key) if isinstance(network, dict) else None
            for i, value in enumerate(values if isinstance(values, list) else ()):
                if isinstance(value, str) and not value.startswith(prefix):
                    yield d.document.finding("MG433", f"`{value}` is none: `{prefix}…`", (*path, *vpc, key, i))
            if values == []:
                yield d.document.finding("MG433", f"`{key}` is empty", (*path, *vpc, key))
