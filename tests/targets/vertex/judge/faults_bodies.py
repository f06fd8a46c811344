"""Faults in request bodies: pipeline jobs, schedules, searches; and what a package for Vertex may not hold."""

from __future__ import annotations

from copy import deepcopy

from tests.targets.ir.judge.seed import Absent, Faults, Seeded, place

faults = Faults()

JOB, SCHEDULE, STUDY = "runtimeConfig+displayName", "cron", "studySpec"

faults.renames(
    JOB,
    {
        "/displayName": "display_nme",
        "/runtimeConfig": "runtime",
        "runtimeConfig.gcsOutputDirectory": "outputDirectory",
        "runtimeConfig.parameterValues": "params",
        "runtimeConfig.failurePolicy": "onFailure",
        "/serviceAccount": "account",
        "/network": "vpc",
        "/encryptionSpec": "encryption",
        "encryptionSpec.kmsKeyName": "key",
        "/labels": "tags",
        "/templateUri": "template",
    },
)
faults.retypes(
    JOB,
    [
        ("/labels", ["a"]),
        ("/labels.*", 5),
        ("/labels.*", "Not a label"),
        ("/runtimeConfig", []),
        ("runtimeConfig.parameterValues", []),
        ("runtimeConfig.failurePolicy", "FAIL_FAST"),
        ("runtimeConfig.gcsOutputDirectory", "s3://acme-ml/x"),
        ("runtimeConfig.gcsOutputDirectory", "acme-ml/x"),
        ("parameterValues.min_accuracy", "0.8"),
        ("parameterValues.folds", 5.5),
        ("parameterValues.announce_it", "true"),
        ("parameterValues.regions", "eu"),
        ("/serviceAccount", "schedule-adherence"),
        ("/serviceAccount", "someone@gmail.com"),
        ("/network", "ml"),
        ("encryptionSpec.kmsKeyName", "pipelines"),
        ("/templateUri", "pipeline.yaml"),
        ("/displayName", "d" * 129),
        ("/displayName", 5),
    ],
    *(431, 433, 437),
)
faults.deletes(JOB, "runtimeConfig.gcsOutputDirectory", "encryptionSpec.kmsKeyName", codes=(432,))
faults.dangles(JOB, "/templateUri")
faults.renames(
    SCHEDULE,
    {
        "/cron": "schedule",
        "/displayName": "name_to_show",
        "/createPipelineJobRequest": "request",
        "createPipelineJobRequest.parent": "project",
        "createPipelineJobRequest.pipelineJob": "job",
        "/maxConcurrentRunCount": "maxConcurrency",
        "/startTime": "start",
        "/allowQueueing": "queue",
    },
)
faults.retypes(
    SCHEDULE,
    [
        ("/cron", "0 2 * * 8"),
        ("/cron", "0 2 * *"),
        ("/cron", "TZ=Europe/Pari 0 2 * * 1"),
        ("/cron", "cron(0 2 ? * MON *)"),
        ("/cron", 5),
        ("/cron", "0 25 * * *"),
        ("/maxConcurrentRunCount", "one"),
        ("/maxConcurrentRunCount", "0"),
        ("/maxRunCount", "-1"),
        ("/allowQueueing", "no"),
        ("/startTime", "tomorrow"),
        ("/startTime", "2026-12-01"),
        ("/endTime", "2025-12-01T00:00:00Z"),
        ("createPipelineJobRequest.parent", "acme-ml"),
        ("createPipelineJobRequest.parent", "projects/acme-ml/locations/us-central1"),
        ("createPipelineJobRequest.pipelineJob", "schedule-adherence"),
        ("pipelineJob.serviceAccount", "x"),
        ("pipelineJob.runtimeConfig.parameterValues.min_accuracy", "much"),
    ],
    *(431, 433, 439, 437),
)
faults.deletes(
    SCHEDULE,
    *("/cron", "/displayName", "/createPipelineJobRequest", "/maxConcurrentRunCount"),
    *("createPipelineJobRequest.parent", "createPipelineJobRequest.pipelineJob"),
    *("pipelineJob.runtimeConfig.gcsOutputDirectory", "pipelineJob.templateUri"),
)
faults.renames(
    STUDY,
    {
        "/studySpec": "study",
        "/trialJobSpec": "trial",
        "/maxTrialCount": "trials",
        "/parallelTrialCount": "parallel",
        "studySpec.metrics": "metric",
        "metrics.[].metricId": "name",
        "metrics.[].goal": "direction",
        "studySpec.parameters": "space",
        "parameters.[].parameterId": "name",
        "parameters.[].doubleValueSpec": "double",
        "doubleValueSpec.minValue": "min",
        "parameters.[].scaleType": "scale",
        "categoricalValueSpec.values": "choices",
        "trialJobSpec.workerPoolSpecs": "workers",
        "workerPoolSpecs.[].machineSpec": "machine",
        "machineSpec.machineType": "type",
        "workerPoolSpecs.[].containerSpec": "container",
        "containerSpec.imageUri": "image",
        "containerSpec.args": "arguments",
        "scheduling.timeout": "maxTime",
        "baseOutputDirectory.outputUriPrefix": "uri",
    },
)
faults.retypes(
    STUDY,
    [
        ("metrics.[].goal", "MAX"),
        ("/maxTrialCount", "twelve"),
        ("/maxTrialCount", 0),
        ("/parallelTrialCount", 100),
        ("/maxFailedTrialCount", -1),
        ("studySpec.parameters", {}),
        ("studySpec.parameters", []),
        ("studySpec.metrics", []),
        ("parameters.[].scaleType", "LOG"),
        ("doubleValueSpec.minValue", 0.9),
        ("doubleValueSpec.minValue", 0),
        ("doubleValueSpec.defaultValue", 7),
        ("doubleValueSpec.minValue", "small"),
        ("integerValueSpec.minValue", "2.5"),
        ("categoricalValueSpec.values", []),
        ("categoricalValueSpec.values", [1, 2]),
        ("discreteValueSpec.values", [300, 100]),
        ("discreteValueSpec.values", ["a"]),
        ("machineSpec.machineType", "ml.m5.large"),
        ("machineSpec.acceleratorType", "T4"),
        ("machineSpec.acceleratorType", "NVIDIA_TESLA_T5"),
        ("machineSpec.acceleratorCount", 0),
        ("workerPoolSpecs.[].replicaCount", "0"),
        ("diskSpec.bootDiskType", "ssd"),
        ("diskSpec.bootDiskSizeGb", 10),
        ("containerSpec.command", "python"),
        ("containerSpec.env", {"A": "b"}),
        ("containerSpec.env.[].value", 5),
        ("containerSpec.env.[].name", "1 A"),
        ("scheduling.timeout", "2h"),
        ("scheduling.timeout", 7200),
        ("scheduling.strategy", "PREEMPTIBLE"),
        ("baseOutputDirectory.outputUriPrefix", "/gcs/acme-ml"),
        ("studySpec.measurementSelectionType", "BEST"),
        ("trialJobSpec.serviceAccount", "schedule-adherence"),
        ("parameters.[].parameterId", "1 rate"),
    ],
    *(431, 433, 437, 432),
)
faults.retypes(
    STUDY,
    [
        ("containerSpec.imageUri", "europe-west1-docker.pkg.dev/acme-ml/images/schedule-adherence:latest"),
        ("containerSpec.imageUri", "europe-west1-docker.pkg.dev/acme-ml/images/schedule-adherence"),
        ("containerSpec.imageUri", "us-docker.pkg.dev/acme-ml/images/schedule adherence:1"),
    ],
    *(445, 433),
    kind="semantics",
)
faults.deletes(
    STUDY,
    *("/displayName", "/studySpec", "/trialJobSpec", "/maxTrialCount", "/parallelTrialCount", "studySpec.metrics"),
    *("metrics.[].metricId", "metrics.[].goal", "studySpec.parameters", "parameters.[].parameterId"),
    *("parameters.[].doubleValueSpec", "doubleValueSpec.minValue", "doubleValueSpec.maxValue"),
    *("trialJobSpec.workerPoolSpecs", "workerPoolSpecs.[].machineSpec", "machineSpec.machineType"),
    *("workerPoolSpecs.[].containerSpec", "containerSpec.imageUri", "machineSpec.acceleratorCount"),
)


@faults("dangle", 434)
def value_for_a_parameter_that_the_pipeline_does_not_have(b: Seeded) -> None:
    place(b.named(JOB), "runtimeConfig.parameterValues")[0]["parameterValues"]["min_acuracy"] = 0.8


@faults("dangle", 434)
def scheduled_value_for_an_unknown_parameter(b: Seeded) -> None:
    holder, _ = place(b.named(SCHEDULE), "runtimeConfig.parameterValues")
    holder["parameterValues"]["nobody"] = 1


@faults("dangle", 432)
def parameter_without_a_value(b: Seeded) -> None:
    declared = b.ir["root"]["inputDefinitions"]["parameters"]["stage"]
    del declared["defaultValue"]
    del declared["isOptional"]


@faults("dangle", 434, 433)
def account_that_terraform_does_not_make(b: Seeded) -> None:
    holder, key = place(b.named(JOB), "/serviceAccount")
    holder[key] = "another@acme-ml.iam.gserviceaccount.com"


@faults("dangle", 434, 433)
def bucket_that_terraform_does_not_make(b: Seeded) -> None:
    holder, key = place(b.named(JOB), "runtimeConfig.gcsOutputDirectory")
    holder[key] = "gs://acme-lm/schedule-adherence"


@faults("dangle", 433)
def account_of_another_project(b: Seeded) -> None:
    holder, key = place(b.named(SCHEDULE), "pipelineJob.serviceAccount")
    holder[key] = "schedule-adherence@acme-lm.iam.gserviceaccount.com"


@faults("dangle", 433)
def key_of_another_region(b: Seeded) -> None:
    holder, key = place(b.named(JOB), "encryptionSpec.kmsKeyName")
    holder[key] = holder[key].replace("europe-west1", "us-central1")


@faults("dangle", 436)
def search_parameter_twice(b: Seeded) -> None:
    parameters = place(b.named(STUDY), "studySpec.parameters")[0]["parameters"]
    parameters.append(deepcopy(parameters[0]))


@faults("semantics", 433)
def search_parameter_of_two_kinds(b: Seeded) -> None:
    place(b.named(STUDY), "parameters.[].doubleValueSpec")[0]["integerValueSpec"] = {"minValue": "1", "maxValue": "2"}


@faults("semantics", 433)
def worker_of_two_kinds(b: Seeded) -> None:
    holder, _ = place(b.named(STUDY), "workerPoolSpecs.[].containerSpec")
    holder["pythonPackageSpec"] = {"executorImageUri": "x", "packageUris": ["gs://x"], "pythonModule": "x"}


@faults("semantics", 433)
def schedule_of_two_requests(b: Seeded) -> None:
    schedule = b.one(SCHEDULE)
    schedule["createNotebookExecutionJobRequest"] = {"parent": "projects/acme-ml/locations/europe-west1"}


@faults("semantics", 433)
def password_in_a_label(b: Seeded) -> None:
    place(b.named(JOB), "/labels")[0]["labels"]["key"] = "AKIA" + "IOSFODNN7ABCDEFG"


@faults("semantics", 433)
def output_only_field(b: Seeded) -> None:
    b.one(JOB)["state"] = "PIPELINE_STATE_PENDING"


@faults("semantics", 433, by="aiplatform")
def second_document(b: Seeded) -> None:
    for value in b.files.values():
        if isinstance(value, list) and value[0].get("pipelineInfo"):
            value.append({"platforms": {"kubernetes": {"deploymentSpec": {"executors": {}}}}})
            return
    raise Absent


@faults("semantics", 433)
def image_of_a_registry_that_vertex_cannot_read(b: Seeded) -> None:
    b.containers()[0]["image"] = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/ml:1"


@faults("semantics", 433)
def accelerator_of_kubernetes(b: Seeded) -> None:
    holder, _ = place([b.ir], "resources.accelerator")
    holder["accelerator"].update(type="nvidia.com/gpu", resourceType="nvidia.com/gpu")


@faults("semantics", 433)
def root_of_another_cloud(b: Seeded) -> None:
    b.ir["defaultPipelineRoot"] = "s3://acme-ml/schedule-adherence"


@faults("semantics", 433)
def template_of_a_name_that_its_repository_does_not_take(b: Seeded) -> None:
    b.one(JOB)
    b.ir["pipelineInfo"]["name"] = "abc"


@faults("semantics", 434)
def template_of_another_name_than_its_pipeline(b: Seeded) -> None:
    b.one(JOB)
    b.ir["pipelineInfo"]["name"] = "another"
