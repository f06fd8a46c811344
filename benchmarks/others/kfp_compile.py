"""The flagship's pipeline as one writes it for kfp, compiled by kfp itself: `python kfp_compile.py OUT.yaml`.

The same steps, files, parameters and condition; of what mlopsgen writes beside the pipeline there is nothing.
"""

import sys

from kfp import compiler, dsl

IMAGE = "europe-docker.pkg.dev/acme/ml/schedule-adherence:1"
RUNTIME = ["python", "-m", "mlopsgen_runtime"]


@dsl.container_component
def prepare(source: dsl.Input[dsl.Dataset], train: dsl.Output[dsl.Dataset], test: dsl.Output[dsl.Dataset]):
    """Checks the data contract and splits."""
    flags = [f"--source={source.path}", f"--train={train.path}", f"--test={test.path}"]
    return dsl.ContainerSpec(image=IMAGE, command=RUNTIME, args=["validate", "--contract=contract.json", *flags])


@dsl.container_component
def trial(classifier: str, folds: int, train: dsl.Input[dsl.Dataset], metrics: dsl.Output[dsl.Metrics]):
    """One classifier of the search."""
    flags = [f"--train={train.path}", f"--metrics={metrics.path}", f"--classifier={classifier}", f"--folds={folds}"]
    return dsl.ContainerSpec(image=IMAGE, command=["python", "train.py"], args=flags)


@dsl.container_component
def training(folds: int, train: dsl.Input[dsl.Dataset], model: dsl.Output[dsl.Model], metrics: dsl.Output[dsl.Metrics]):
    """The best classifier."""
    flags = [f"--train={train.path}", f"--model={model.path}", f"--metrics={metrics.path}", f"--folds={folds}"]
    return dsl.ContainerSpec(image=IMAGE, command=["python", "train.py"], args=flags)


@dsl.container_component
def evaluation(  # noqa: PLR0917 — kfp reads the ports from here
    min_accuracy: float,
    model: dsl.Input[dsl.Model],
    test: dsl.Input[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    predictions: dsl.Output[dsl.Dataset],
    confusion: dsl.Output[dsl.Artifact],
    importance: dsl.Output[dsl.Artifact],
    gate: dsl.Output[dsl.Artifact],
    passed: dsl.OutputPath(bool),
):
    """Three gates."""
    outputs = {"metrics": metrics, "predictions": predictions, "confusion": confusion, "importance": importance}
    flags = [f"--model={model.path}", f"--test={test.path}", f"--gate={gate.path}", f"--passed={passed}"]
    flags += [f"--{name}={output.path}" for name, output in outputs.items()]
    gates = [f"--accuracy.at_least={min_accuracy}", "--no_worse.by=-0.01", "--fair.at_most=0.2"]
    return dsl.ContainerSpec(image=IMAGE, command=RUNTIME, args=["gate", *flags, *gates])


@dsl.container_component
def registry(
    approval: str, model: dsl.Input[dsl.Model], metrics: dsl.Input[dsl.Metrics], gate: dsl.Input[dsl.Artifact]
):
    """A version of the model."""
    flags = [f"--model={model.path}", f"--metrics={metrics.path}", f"--gate={gate.path}", f"--approval={approval}"]
    return dsl.ContainerSpec(image=IMAGE, command=RUNTIME, args=["register", *flags])


@dsl.pipeline(name="schedule-adherence", description="Predicts whether a construction activity keeps to its schedule")
def schedule_adherence(min_accuracy: float = 0.8, folds: int = 5, approval: str = "manual"):
    """The flagship."""
    data = dsl.importer(artifact_uri="s3://acme-ml/schedule_management.csv", artifact_class=dsl.Dataset)
    prepared = prepare(source=data.output)
    classifiers = ["logistic", "tree", "forest", "gboost", "knn", "svc"]
    with dsl.ParallelFor(items=classifiers, parallelism=3) as classifier:
        tried = trial(classifier=classifier, folds=folds, train=prepared.outputs["train"])
        tried.set_cpu_limit("4").set_memory_limit("16Gi")
    trained = training(folds=folds, train=prepared.outputs["train"]).after(tried)
    trained.set_cpu_limit("4").set_memory_limit("16Gi")
    judged = evaluation(min_accuracy=min_accuracy, model=trained.outputs["model"], test=prepared.outputs["test"])
    with dsl.If(judged.outputs["passed"] == True):  # noqa: E712 — an expression of kfp
        registry(
            approval=approval,
            model=trained.outputs["model"],
            metrics=judged.outputs["metrics"],
            gate=judged.outputs["gate"],
        )


compiler.Compiler().compile(schedule_adherence, sys.argv[1])
