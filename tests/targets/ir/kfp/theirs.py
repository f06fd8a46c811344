"""The shapes of ours.py in the language of kfp, compiled by kfp, and held against the files in a folder.

Runs in an environment that has kfp, and prints a line for every shape, with what is another message there.
"""

import json
import sys
import tempfile
from pathlib import Path

import yaml
from google.protobuf import json_format
from kfp import compiler, dsl
from kfp.pipeline_spec import pipeline_spec_pb2 as pb

IMAGE = "registry.example/churn:1"
PYTHON = ["python", "-m", "mlopsgen_runtime"]


def container(*args, command=PYTHON):
    return dsl.ContainerSpec(image=IMAGE, command=command, args=list(args))


@dsl.container_component
def prepare(source: dsl.Input[dsl.Dataset], train: dsl.Output[dsl.Dataset], test: dsl.Output[dsl.Dataset]):
    return container("split", f"--source={source.path}", f"--train={train.path}", f"--test={test.path}")


@dsl.container_component
def make(rows: int, train: dsl.Output[dsl.Dataset]):
    return container("make", f"--rows={rows}", f"--train={train.path}")


@dsl.container_component
def train(train: dsl.Input[dsl.Dataset], params: str, model: dsl.Output[dsl.Model], metrics: dsl.Output[dsl.Metrics]):
    return container("train", f"--train={train.path}", f"--params={params}", f"--model={model.path}", metrics.path)


@dsl.container_component
def select(
    model: dsl.Input[list[dsl.Model]],
    metrics: dsl.Input[list[dsl.Metrics]],
    best: dsl.Output[dsl.Model],
):
    return container("select", "--executor-input", "{{$}}", f"--model={best.path}")


@dsl.container_component
def propose(trials: dsl.OutputPath(list[str]), count: int):
    return container("propose", f"--trials={count}", f"--to={trials}")


@dsl.container_component
def evaluate(model: dsl.Input[dsl.Model], passed: dsl.OutputPath(bool), gate: dsl.Output[dsl.Artifact]):
    return container("gate", f"--passed={passed}", f"--model={model.path}", f"--gate={gate.path}")


@dsl.container_component
def register(model: dsl.Input[dsl.Model], approval: str):
    return container("register", f"--model={model.path}", f"--approval={approval}")


@dsl.container_component
def report(model: dsl.Input[dsl.Model], page: dsl.Output[dsl.HTML]):
    return container("report", f"--model={model.path}", f"--page={page.path}")


@dsl.container_component
def refuse(model: dsl.Input[dsl.Model]):
    return container("refuse", model.uri)


@dsl.container_component
def logbook(run: str, at: str):
    return container("logbook", f"--run={run}", f"--at={at}")


@dsl.container_component
def fit(rows: dsl.Input[dsl.Dataset], model: dsl.Output[dsl.Model]):
    return container("fit", f"--rows={rows.path}", f"--model={model.path}")


@dsl.pipeline(name="condition", description="Gates, and what stands behind them", pipeline_root="s3://store/runs")
def condition(rows: int, approval: str = "manual", with_report: bool = True, share: float = 0.5):
    data = make(rows=rows).set_caching_options(False)
    model = fit(rows=data.outputs["train"])
    judged = evaluate(model=model.outputs["model"]).set_caching_options(False)
    with dsl.If(judged.outputs["passed"] == True, name="evaluation-gate"):  # noqa: E712, SIM117
        with dsl.If(approval == "manual", name="registry-manual-approval"):
            registered = register(model=model.outputs["model"], approval=approval)
            with dsl.If(with_report == True, name="when with_report"):  # noqa: E712
                report(model=model.outputs["model"]).after(registered)
    with dsl.If(judged.outputs["passed"] == False, name="evaluation-gate-not-passed"):  # noqa: E712
        refuse(model=model.outputs["model"])


@dsl.pipeline(name="loop", description="Trials that are known beforehand", pipeline_root="s3://store/runs")
def loop():
    data = make(rows=100)
    with dsl.ParallelFor(['{"depth": 2}', '{"depth": 3}'], name="training-trials", parallelism=2) as item:
        trial = train(train=data.outputs["train"], params=item)
    best = select(model=dsl.Collected(trial.outputs["model"]), metrics=dsl.Collected(trial.outputs["metrics"]))
    report(model=best.outputs["best"])


@dsl.pipeline(name="proposed", description="Trials that only the run knows", pipeline_root="s3://store/runs")
def proposed(trials: int = 8):
    data = make(rows=100)
    listed = propose(count=trials)
    with dsl.ParallelFor(listed.outputs["trials"], name="training-trials") as item:
        trial = train(train=data.outputs["train"], params=item)
    select(model=dsl.Collected(trial.outputs["model"]), metrics=dsl.Collected(trial.outputs["metrics"]))


@dsl.pipeline(name="exit", description="What runs however the rest ended", pipeline_root="s3://store/runs")
def exit_handler(rows: int = 10, with_report: bool = True):
    last = logbook(run=dsl.PIPELINE_JOB_ID_PLACEHOLDER, at=dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER)
    last.set_caching_options(False)
    with dsl.ExitHandler(last):
        data = make(rows=rows)
        model = fit(rows=data.outputs["train"])
        with dsl.If(with_report == True, name="when with_report"):  # noqa: E712
            report(model=model.outputs["model"])


@dsl.pipeline(name="importer", description="Data, machines and tries", pipeline_root="s3://store/runs")
def importer(day: str = "s3://lake/monday"):
    fixed = dsl.importer(artifact_uri="s3://store/data/4711", artifact_class=dsl.Dataset, metadata={"version": "7"})
    given = dsl.importer(artifact_uri=day, artifact_class=dsl.Dataset, reimport=True).set_caching_options(False)
    split = prepare(source=fixed.output)
    split.set_retry(2, backoff_duration="10s", backoff_factor=2.0, backoff_max_duration="3600s")
    split.set_cpu_limit("500m").set_memory_limit("16Gi").set_cpu_request("250m").set_memory_request("512Mi")
    split.set_env_variable("LEVEL", "info")
    fit(rows=given.output).set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(2)
    fit(rows=split.outputs["train"])


@dsl.pipeline(name="branch", description="A search that a parameter switches on", pipeline_root="s3://store/runs")
def branch(go: bool = True, deep: bool = False):
    last = logbook(run=dsl.PIPELINE_JOB_ID_PLACEHOLDER, at=dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER)
    with dsl.ExitHandler(last):
        data = make(rows=100)
        with dsl.If(go == True, name="when go"):  # noqa: E712
            with dsl.ParallelFor(['{"depth": 2}'], name="training-trials") as item:
                trial = train(train=data.outputs["train"], params=item)
            best = select(model=dsl.Collected(trial.outputs["model"]), metrics=dsl.Collected(trial.outputs["metrics"]))
            with dsl.If(deep == True, name="when deep"):  # noqa: E712
                report(model=best.outputs["best"])


SHAPES = (condition, loop, proposed, exit_handler, importer, branch)


def messages(path):
    spec = json_format.ParseDict(yaml.safe_load(path.read_text()), pb.PipelineSpec())
    deployment = json_format.MessageToDict(spec.deployment_spec)
    # A Struct in the message: only as a message of its own do defaults and kinds of numbers compare.
    return spec, json_format.ParseDict(deployment, pb.PipelineDeploymentConfig())


def without_deployment(spec):
    kept = pb.PipelineSpec()
    kept.CopyFrom(spec)
    kept.ClearField("deployment_spec")
    return kept


def differences(one, other, place=""):
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            yield from differences(one.get(key), other.get(key), f"{place}/{key}")
    elif one != other:
        yield f"{place}: theirs {one}, ours {other}"


def main(folder):
    for shape in SHAPES:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "theirs.yaml"
            compiler.Compiler().compile(shape, str(path))
            their_spec, their_deployment = messages(path)
        our_spec, our_deployment = messages(folder / f"{shape.name}.yaml")
        pairs = ((their_spec, our_spec), (their_deployment, our_deployment))
        said = [d for pair in pairs for d in differences(*map(json_format.MessageToDict, pair))]
        equal = without_deployment(their_spec) == without_deployment(our_spec) and their_deployment == our_deployment
        said = said if said or equal else ["the messages are not equal"]
        sys.stdout.write(json.dumps({"shape": shape.name, "differences": said}) + "\n")


main(Path(sys.argv[1]))
