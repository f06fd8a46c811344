"""Faults in Katib experiments and in training jobs of many nodes."""

from __future__ import annotations

from tests.targets.ir.judge.seed import Absent, Faults, Seeded, place

faults = Faults()

faults.renames(
    "Experiment",
    {
        "/spec": "specification",
        "spec.objective": "goal",
        "objective.type": "direction",
        "objective.objectiveMetricName": "metric",
        "objective.additionalMetricNames": "metrics",
        "spec.algorithm": "search",
        "algorithm.algorithmName": "name",
        "algorithm.algorithmSettings": "settings",
        "spec.earlyStopping": "stopping",
        "spec.parallelTrialCount": "parallelism",
        "spec.maxTrialCount": "trials",
        "spec.maxFailedTrialCount": "maxFailed",
        "spec.parameters": "space",
        "parameters.[].parameterType": "type",
        "parameters.[].feasibleSpace": "space",
        "feasibleSpace.min": "minimum",
        "feasibleSpace.max": "maximum",
        "feasibleSpace.list": "values",
        "feasibleSpace.step": "by",
        "spec.trialTemplate": "template",
        "trialTemplate.primaryContainerName": "containerName",
        "trialTemplate.trialParameters": "parameters",
        "trialParameters.[].reference": "ref",
        "trialTemplate.trialSpec": "spec",
        "metricsCollectorSpec.collector": "kind",
        "spec.metricsCollectorSpec": "collector",
        "filter.metricsFormat": "format",
        "trialSpec.spec.template": "pod",
        "containers.[].image": "imageUri",
        "containers.[].args": "arguments",
        "spec.restartPolicy": "restart",
        "volumes.[].persistentVolumeClaim": "claim",
        "volumeMounts.[].mountPath": "path",
        "valueFrom.secretKeyRef": "secret",
        "secretKeyRef.key": "field",
        "resources.limits": "limit",
    },
)
faults.retypes(
    "Experiment",
    [
        ("feasibleSpace.min", 0.001),
        ("feasibleSpace.max", 0.3),
        ("feasibleSpace.list", [100, 300]),
        ("feasibleSpace.list", "gbtree"),
        ("feasibleSpace.step", 1),
        ("feasibleSpace.min", "small"),
        ("feasibleSpace.distribution", "log"),
        ("feasibleSpace.list", []),
        ("parameters.[].parameterType", "float"),
        ("parameters.[].parameterType", "integer"),
        ("objective.type", "max"),
        ("objective.goal", "0.95"),
        ("objective.objectiveMetricName", ["accuracy"]),
        ("objective.additionalMetricNames", "f1"),
        ("metricStrategies.[].value", "best"),
        ("algorithm.algorithmName", "bayesian"),
        ("algorithm.algorithmName", "hyper-band"),
        ("algorithmSettings.[].value", 42),
        ("algorithmSettings", {"random_state": "42"}),
        ("earlyStopping.algorithmName", "median"),
        ("spec.parallelTrialCount", "3"),
        ("spec.parallelTrialCount", 0),
        ("spec.maxTrialCount", 0),
        ("spec.maxTrialCount", "twelve"),
        ("spec.maxFailedTrialCount", 50),
        ("spec.resumePolicy", "Always"),
        ("collector.kind", "Stdout"),
        ("collector.kind", "Logs"),
        ("metricsFormat.[]", "([a-z"),
        ("metricsFormat.[]", "accuracy=.*"),
        ("trialTemplate.retain", "yes"),
        ("trialTemplate.trialParameters", {}),
        ("trialSpec.kind", "CronJob"),
        ("trialSpec.apiVersion", "batch/v2"),
        ("template.spec.restartPolicy", "Always"),
        ("template.spec.containers", {}),
        ("containers.[].command", "python"),
        ("containers.[].args.[]", 3),
        ("env.[].value", 5),
        ("trialSpec.spec.backoffLimit", "one"),
        ("resources.limits.memory", "16 GB"),
        ("resources.requests.cpu", "8"),
        ("volumes.[].emptyDir.sizeLimit", "ten"),
        ("securityContext.runAsNonRoot", "true"),
    ],
    *(431, 433, 434, 439),
)
faults.deletes(
    "Experiment",
    *("spec.objective", "objective.type", "objective.objectiveMetricName", "spec.algorithm"),
    *("algorithm.algorithmName", "spec.parameters", "parameters.[].parameterType", "parameters.[].feasibleSpace"),
    *("feasibleSpace.min", "feasibleSpace.max", "feasibleSpace.list", "spec.trialTemplate", "trialTemplate.trialSpec"),
    *("trialTemplate.primaryContainerName", "trialParameters.[].name", "trialParameters.[].reference"),
    *("template.spec.restartPolicy", "containers.[].image", "containers.[].name", "secretKeyRef.name"),
    *("persistentVolumeClaim.claimName", "trialSpec.spec.template", "collector.kind", "/spec", "spec.maxTrialCount"),
)
faults.dangles(
    "Experiment",
    *("trialParameters.[].reference", "trialParameters.[].name", "trialTemplate.primaryContainerName"),
    *("template.spec.serviceAccountName", "persistentVolumeClaim.claimName", "volumeMounts.[].name"),
    *("secretKeyRef.name", "metricStrategies.[].name"),
)


@faults("dangle", 434)
def parameter_of_a_trial_that_is_not_declared(b: Seeded) -> None:
    args = place(b.named("Experiment"), "containers.[].args")[0]["args"]
    i = next(i for i, a in enumerate(args) if "${trialParameters." in a)
    args[i] = args[i].replace("${trialParameters.", "${trialParameters.x")


@faults("dangle", 434)
def parameter_of_a_trial_that_nobody_reads(b: Seeded) -> None:
    args = place(b.named("Experiment"), "containers.[].args")[0]["args"]
    args.remove(next(a for a in args if "${trialParameters." in a))


@faults("dangle", 434)
def parameter_of_the_space_that_no_trial_gets(b: Seeded) -> None:
    place(b.named("Experiment"), "trialTemplate.trialParameters")[0]["trialParameters"].pop(0)
    args = place(b.named("Experiment"), "containers.[].args")[0]["args"]
    args.remove(next(a for a in args if "${trialParameters." in a))


@faults("dangle", 434)
def unknown_fact_of_a_trial(b: Seeded) -> None:
    parameters = place(b.named("Experiment"), "trialTemplate.trialParameters")[0]["trialParameters"]
    next(p for p in parameters if p["reference"].startswith("${"))["reference"] = "${trialSpec.Nome}"


@faults("dangle", 436)
def parameter_twice(b: Seeded) -> None:
    parameters = b.one("Experiment")["spec"]["parameters"]
    parameters.append(parameters[0])


@faults("dangle", 436)
def container_twice(b: Seeded) -> None:
    containers = place(b.named("Experiment"), "template.spec.containers")[0]["containers"]
    containers.append(dict(containers[0]))


@faults("semantics", 433)
def minimum_above_the_maximum(b: Seeded) -> None:
    space = place(b.named("Experiment"), "feasibleSpace.min")[0]
    space["min"], space["max"] = space["max"], space["min"]


@faults("semantics", 433)
def whole_numbers_with_a_fraction(b: Seeded) -> None:
    for parameter in b.one("Experiment")["spec"]["parameters"]:
        if parameter["parameterType"] == "int":
            parameter["feasibleSpace"]["min"] = "2.5"
            return
    raise Absent


@faults("semantics", 433)
def logarithm_of_nothing(b: Seeded) -> None:
    place(b.named("Experiment"), "feasibleSpace.min")[0]["min"] = "0"


@faults("semantics", 433)
def more_at_once_than_at_all(b: Seeded) -> None:
    b.one("Experiment")["spec"]["parallelTrialCount"] = 100


@faults("semantics", 432, 433)
def grid_over_a_double_without_steps(b: Seeded) -> None:
    if not any(p["parameterType"] == "double" for p in b.one("Experiment")["spec"]["parameters"]):
        raise Absent
    algorithm = b.one("Experiment")["spec"]["algorithm"]
    algorithm["algorithmName"] = "grid"
    algorithm.pop("algorithmSettings", None)


@faults("semantics", 433)
def choice_with_a_range(b: Seeded) -> None:
    for parameter in b.one("Experiment")["spec"]["parameters"]:
        if parameter["parameterType"] == "categorical":
            parameter["feasibleSpace"] = {"min": "1", "max": "2"}
            return
    raise Absent


@faults("semantics", 433, 434)
def setting_of_another_algorithm(b: Seeded) -> None:
    holder, key = place(b.named("Experiment"), "algorithm.algorithmSettings.[].name")
    holder[key] = "restart_from_worst"


@faults("semantics", 433)
def early_stopping_without_a_stop(b: Seeded) -> None:
    holder, key = place(b.named("Experiment"), "earlyStopping.algorithmSettings.[].name")
    holder[key] = "patience"


@faults("semantics", 433)
def metric_both_first_and_additional(b: Seeded) -> None:
    objective = b.one("Experiment")["spec"]["objective"]
    objective["additionalMetricNames"] = [objective["objectiveMetricName"]]


@faults("semantics", 433)
def trial_with_a_name_of_its_own(b: Seeded) -> None:
    place(b.named("Experiment"), "trialTemplate.trialSpec")[0]["trialSpec"]["metadata"] = {"name": "fixed"}


@faults("semantics", 445)
def moving_image_of_a_trial(b: Seeded) -> None:
    holder, key = place(b.named("Experiment"), "containers.[].image")
    holder[key] = "registry.example.com/ml/schedule-adherence:latest"


@faults("semantics", 442)
def trial_as_root_with_every_right(b: Seeded) -> None:
    place(b.named("Experiment"), "containers.[]")[0][0]["securityContext"] = {"privileged": True}


@faults("semantics", 442)
def trial_with_a_folder_of_its_node(b: Seeded) -> None:
    volume = place(b.named("Experiment"), "volumes.[].emptyDir")[0]
    del volume["emptyDir"]
    volume["hostPath"] = {"path": "/"}


@faults("dangle", 434)
def dollar_brackets_without_an_escape(b: Seeded) -> None:
    env = place(b.named("Experiment"), "containers.[].env")[0]["env"]
    next(v for v in env if "$$(" in v.get("value", ""))["value"] = "5 $(EUR)"


@faults("dangle", 434)
def variable_in_an_argument_that_is_not_set(b: Seeded) -> None:
    place(b.named("Experiment"), "containers.[].args")[0]["args"].append("--who=$(WHOEVER)")


@faults("semantics", 433)
def password_in_an_argument(b: Seeded) -> None:
    place(b.named("Experiment"), "containers.[].args")[0]["args"].append("--key=AKIA" + "IOSFODNN7ABCDEFG")


@faults("semantics", 433)
def metrics_that_the_launcher_does_not_print(b: Seeded) -> None:
    args = place(b.named("Experiment"), "containers.[].args")[0]["args"]
    args.remove("--scalars=stdout")


faults.renames(
    "TrainJob",
    {
        "/spec": "specification",
        "spec.runtimeRef": "runtime",
        "runtimeRef.name": "runtime",
        "spec.trainer": "training",
        "trainer.numNodes": "nodes",
        "trainer.numProcPerNode": "processes",
        "trainer.image": "imageUri",
        "trainer.command": "cmd",
        "trainer.args": "arguments",
        "trainer.env": "environment",
        "trainer.resourcesPerNode": "resources",
        "spec.runtimePatches": "podTemplateOverrides",
        "runtimePatches.[].manager": "owner",
        "trainingRuntimeSpec.template": "templates",
        "replicatedJobs.[].name": "job",
        "spec.activeDeadlineSeconds": "timeout",
        "spec.tolerations": "toleration",
    },
)
faults.retypes(
    "TrainJob",
    [
        ("trainer.numNodes", "2"),
        ("trainer.numNodes", 0),
        ("trainer.numNodes", -2),
        ("trainer.numProcPerNode", "auto-detect"),
        ("trainer.numProcPerNode", 0),
        ("trainer.image", 5),
        ("trainer.command", "torchrun"),
        ("trainer.args.[]", 5),
        ("trainer.env", {"A": "b"}),
        ("trainer.env.[].value", 5),
        ("resourcesPerNode.limits.memory", "64 GB"),
        ("resourcesPerNode.limits", []),
        ("runtimeRef.kind", "TrainingRuntimes"),
        ("runtimeRef.apiGroup", "kubeflow.org"),
        ("runtimeRef.name", "Torch Distributed"),
        ("spec.activeDeadlineSeconds", 0),
        ("spec.activeDeadlineSeconds", "4h"),
        ("/apiVersion", "trainer.kubeflow.org/v1"),
        ("/apiVersion", "kubeflow.org/v2alpha1"),
        ("spec.runtimePatches", {}),
        ("tolerations.[].effect", "NoRun"),
        ("runtimePatches.[].manager", "compiler"),
        ("nodeSelector.*", 5),
        ("resourcesPerNode.requests.cpu", "16"),
    ],
    *(431, 433, 443),
)
faults.deletes(
    "TrainJob",
    *("spec.runtimeRef", "runtimeRef.name", "runtimePatches.[].manager", "trainer.env.[].name", "/spec"),
    *("secretKeyRef.name", "secretKeyRef.key", "replicatedJobs.[].name", "containers.[].name"),
)
faults.dangles(
    "TrainJob",
    *("secretKeyRef.name", "spec.serviceAccountName", "persistentVolumeClaim.claimName", "volumeMounts.[].name"),
)


@faults("semantics", 433)
def toleration_of_any_value_and_of_one(b: Seeded) -> None:
    place(b.named("TrainJob"), "tolerations.[]")[0][0]["operator"] = "Exists"


@faults("semantics", 445)
def moving_image_of_a_training_job(b: Seeded) -> None:
    holder, key = place(b.named("TrainJob"), "trainer.image")
    holder[key] = "registry.example.com/ml/schedule-adherence"


@faults("semantics", 436)
def variable_of_a_training_job_twice(b: Seeded) -> None:
    env = place(b.named("TrainJob"), "trainer.env")[0]["env"]
    env.append(env[0])


@faults("semantics", 433)
def more_devices_asked_than_allowed(b: Seeded) -> None:
    holder, _ = place(b.named("TrainJob"), "resourcesPerNode.requests.nvidia~com/gpu")
    holder["nvidia.com/gpu"] = "8"


@faults("dangle", 434)
def variable_of_a_training_job_that_is_not_set(b: Seeded) -> None:
    place(b.named("TrainJob"), "trainer.args")[0]["args"].append("--who=$(WHOEVER)")
