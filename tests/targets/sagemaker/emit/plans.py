"""Plans for the tests, built by hand: what `build_plan` makes of a spec, without a spec."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import yaml

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.plan.steps import (
    Card,
    Choice,
    Evaluate,
    FromSource,
    FromStep,
    GateRule,
    Governance,
    Image,
    Input,
    Interval,
    LocalData,
    NamedValue,
    Output,
    Plan,
    Prepare,
    Register,
    Run,
    RunParameter,
    Source,
    Step,
    Tracking,
    Train,
    Tune,
)
from mlopsgen.plan.values import AppPath, Flag, InputDir, OutputDir, Param, PortKind, Python, Setting
from mlopsgen.render.parseback import render
from mlopsgen.spec.values import Ref
from mlopsgen.targets.sagemaker import target
from mlopsgen.targets.sagemaker.native import SageMakerNative
from mlopsgen.targets.sagemaker.options import SageMakerOptions

RUNTIME = (Python(), "-m", "mlopsgen_runtime")
CONTRACT = Flag("contract", AppPath("mlopsgen_config/contract.json"))


def options(**more: Any) -> SageMakerOptions:
    """The account of the tests."""
    facts = {"region": "eu-west-1", "account": "123456789012", "bucket": "acme-ml", **more}
    return SageMakerOptions.model_validate(facts)


def inputs(**wanted: str) -> tuple[Input, ...]:
    """`port="step.port"` or `port="data.source"`."""
    return tuple(_input(port, reference) for port, reference in wanted.items())


def _input(port: str, reference: str) -> Input:
    step, _, out = reference.partition(".")
    origin = FromSource(out) if step == "data" else FromStep(step, out)
    return Input(port=port, kind=kind(out), source=origin, origin=("steps", port))


def outputs(*ports: str) -> tuple[Output, ...]:
    return tuple(Output(port=port, kind=kind(port), origin=("steps", port)) for port in ports)


def kind(port: str) -> PortKind:
    known = {"model": PortKind.MODEL, "metrics": PortKind.METRICS, "gate": PortKind.GATE, "confusion": PortKind.FIGURE}
    return known.get(port, PortKind.DATASET)


def script(path: str, reads: tuple[Input, ...], writes: tuple[Output, ...], *params: str) -> Any:
    """A user's script with a flag for each of its ports and params."""
    flags = [Flag(i.port, InputDir(i.port)) for i in reads]
    flags += [Flag(o.port, OutputDir(o.port)) for o in writes if o.kind is not PortKind.GATE]
    return (Python(), AppPath(path), *flags, *(Flag(name, Param(name)) for name in params))


def values(**given: Any) -> tuple[NamedValue, ...]:
    return tuple(NamedValue(name=n, value=v, origin=("training", "params", n)) for n, v in given.items())


def prepare(**more: Any) -> Prepare:
    argv = (
        *RUNTIME,
        "validate",
        CONTRACT,
        Flag("contract-digest", Setting("sha256:" + "0" * 64)),
        Flag("source", InputDir("source")),
        "--",
        *RUNTIME,
        "split",
        CONTRACT,
        Flag("source", InputDir("source")),
        Flag("train", OutputDir("train")),
        Flag("test", OutputDir("test")),
    )
    facts: dict[str, Any] = {
        "name": "prepare",
        "argv": argv,
        "inputs": inputs(source="data.source"),
        "outputs": outputs("train", "test"),
        "runtime": True,
        "origin": ("data", "split"),
    }
    return Prepare(**facts | more)


def train(**more: Any) -> Train:
    reads, writes = inputs(train="prepare.train"), outputs("model", "metrics")
    facts: dict[str, Any] = {
        "name": "training",
        "argv": script("train.py", reads, writes, "folds"),
        "inputs": reads,
        "outputs": writes,
        "params": values(folds=5),
        "origin": ("training",),
    }
    return Train(**facts | more)


def tune(**more: Any) -> Tune:
    reads, writes = inputs(train="prepare.train"), outputs("model", "metrics")
    facts: dict[str, Any] = {
        "name": "training",
        "argv": script("train.py", reads, writes, "folds", "classifier", "depth", "c"),
        "inputs": reads,
        "outputs": writes,
        "params": values(folds=Ref("folds")),
        "metric": "accuracy",
        "direction": "maximize",
        "strategy": "random",
        "trials": 6,
        "parallel": 3,
        "axes": (
            Choice("classifier", ("logistic", "forest"), ("training",)),
            Interval("depth", 2, 12, True, "linear", None, ("training",)),
            Interval("c", 0.001, 10.0, False, "log", None, ("training",)),
        ),
        "origin": ("training",),
    }
    return Tune(**facts | more)


RULE = GateRule(name="accuracy", metric="accuracy", direction="maximize", at_least=Ref("min_accuracy"))


def evaluate(**more: Any) -> Evaluate:
    reads = inputs(model="training.model", test="prepare.test")
    writes = outputs("metrics", "confusion", "gate")
    argv = (
        *RUNTIME,
        "gate",
        Flag("model", InputDir("model")),
        Flag("metrics", OutputDir("metrics")),
        Flag("gate", OutputDir("gate")),
        Flag("on-failure", Setting("stop")),
        Flag("accuracy.at_least", Setting(Ref("min_accuracy"))),
        "--",
        *script("evaluate.py", reads, writes),
    )
    facts: dict[str, Any] = {
        "name": "evaluation",
        "argv": argv,
        "inputs": reads,
        "outputs": writes,
        "gates": (RULE,),
        "runtime": True,
        "origin": ("evaluation",),
    }
    return Evaluate(**facts | more)


def register(**more: Any) -> Register:
    def of(port: str, step: str) -> Input:
        return Input(port=port, kind=kind(port), source=FromStep(step, port), origin=("registry",))

    facts: dict[str, Any] = {
        "model": of("model", "training"),
        "metrics": of("metrics", "evaluation"),
        "gate": of("gate", "evaluation"),
        "figures": (of("confusion", "evaluation"),),
        "group": "churn",
        "approval": "manual",
        "card": Card((("intended_use", "Plans calls."), ("limits", "Not for prices."), ("contact", "ml@acme.example"))),
        "data_versions": (("source", "sha256:" + "ab" * 32),),
    }
    return Register(**facts | more)


def run(name: str, reads: tuple[Input, ...] = (), writes: tuple[Output, ...] = (), **more: Any) -> Run:
    facts: dict[str, Any] = {
        "name": name,
        "argv": script(f"{name}.py", reads, writes),
        "inputs": reads,
        "outputs": writes,
        "origin": ("steps", name),
    }
    return Run(**facts | more)


LOCAL = Source(
    name="source",
    uri="data/churn.csv",
    local=LocalData(path="data/churn.csv", digest="ab" * 32, files=("churn.csv",)),
    format="csv",
    version=None,
    distribution="replicated",
    origin=("data", "sources", "source", "uri"),
)
REMOTE = replace(LOCAL, uri="s3://lake/churn/", local=None)
PARAMETERS = (
    RunParameter(name="min_accuracy", type="number", required=False, default=0.8, minimum=0, maximum=1),
    RunParameter(name="folds", type="integer", required=False, default=5),
)


def plan(*steps: Step, **more: Any) -> Plan:
    """A plan of these steps, the whole chain when none is given."""
    facts: dict[str, Any] = {
        "name": "churn",
        "description": "Predicts who leaves",
        "owner": "growth",
        "tags": (("domain", "telecom"),),
        "parameters": PARAMETERS,
        "sources": (LOCAL,),
        "image": Image(prebuilt=None, base="python:3.11-slim@sha256:" + "1" * 64, python="3.11"),
        "steps": steps or (prepare(), train(), evaluate(), register()),
        "triggers": (),
        "tracking": Tracking(experiment="churn"),
        "governance": Governance(),
    }
    return Plan(**facts | more)


def lowered(given: Plan | None = None, **more: Any) -> tuple[SageMakerNative, tuple[Diagnostic, ...]]:
    return target.lower(given or plan(), options(**more))


def bundle(given: Plan | None = None, **more: Any) -> dict[str, str]:
    """Path → text of everything emitted but the image."""
    native, _ = lowered(given, **more)
    jobs = [job for job in target.layout(native) if not job.path.startswith("image/")]
    return {path: text.decode() for path, text in render(jobs, target.templates).items()}


def definition(given: Plan | None = None, **more: Any) -> Any:
    return json.loads(bundle(given, **more)["pipeline.json"])


def stack(given: Plan | None = None, **more: Any) -> Any:
    return yaml.safe_load(bundle(given, **more)["stack.yaml"])


def step(document: Any, name: str) -> Any:
    """A step of a definition, in whatever branch it lies."""
    found = [s for s in every(document["Steps"]) if s["Name"] == name]
    assert len(found) == 1, f"{name}: {[s['Name'] for s in every(document['Steps'])]}"
    return found[0]


def behind_bounds(document: Any) -> list[Any]:
    """The steps that run when the run's parameters are in order."""
    found: list[Any] = step(document, "parameter-bounds")["Arguments"]["IfSteps"]
    return found


def every(steps: list[Any]) -> list[Any]:
    inside = [s["Arguments"].get(b, []) for s in steps for b in ("IfSteps", "ElseSteps")]
    return [*steps, *(s for branch in inside for s in every(branch))]


def findings(given: Plan, **more: Any) -> list[Diagnostic]:
    """What the lowering says, whether it goes on or not."""
    try:
        return list(lowered(given, **more)[1])
    except SpecError as refused:
        return list(refused.findings)


def codes(given: Plan, **more: Any) -> list[str]:
    return [d.code for d in findings(given, **more)]
