"""What a target says it can do is what it does: its table held against a spec for each feature."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlopsgen import compile as compiler
from mlopsgen import targets
from mlopsgen.compile import CompileRequest
from mlopsgen.diagnostics import SpecError, errors
from mlopsgen.targets.api import FEATURES, How
from tests.projects import TARGETS
from tests.wrong import lay

COLUMNS = {"id": "string", "age": "integer", "city": "category", "at": "datetime", "churned": "category"}
DATA = {"source": "data/churn.csv", "label": "churned", "id": "id", "columns": COLUMNS}
TRAIN = {"run": "train.py"}
JUDGE = {"run": "evaluate.py", "outputs": {"predictions": "predictions"}}
SAGEMAKER = {"region": "eu-west-1", "account": "123456789012", "bucket": "acme-ml"}
BASE: dict[str, Any] = {
    "apiVersion": "mlopsgen/v1",
    "name": "churn",
    "data": DATA,
    "training": TRAIN,
    "targets": {"sagemaker": SAGEMAKER},
}
PARAMETER = {"type": "number", "default": 0.5}
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1.0"
REMOTE = "s3://acme-ml/churn/"


def step(**said: Any) -> dict[str, Any]:
    return {"steps": {"clean": {"run": "clean.py", "inputs": {"rows": "data.source"}, **said}}}


def training(**said: Any) -> dict[str, Any]:
    return {"training": {**TRAIN, **said}}


def tuning(**said: Any) -> dict[str, Any]:
    search = {"depth": {"int": [1, 3]}}
    asked = {"metric": "accuracy", "strategy": "random", "trials": 3, "search": search, **said}
    return training(tuning=asked, params={"epochs": 3})


def gates(**said: Any) -> dict[str, Any]:
    return {"evaluation": {**JUDGE, "gates": {"accuracy": said}}}


def live(**said: Any) -> dict[str, Any]:
    return {"deployment": {**LIVE, **said}}


def trigger(**said: Any) -> dict[str, Any]:
    return {"triggers": {"told": {"start": "training", **said}}}


NIGHTLY = {"mode": "batch", "input": "data/new/"}
FRAMEWORK = {"framework": "sklearn.LogisticRegression"}
LIVE: dict[str, Any] = {"mode": "real-time"}
ERRORS = {"monitors": {"errors": {"kind": "errors", "at_most": 0.01}}}
WATCHED = {
    "deployment": {"mode": "real-time"},
    "monitoring": {"monitors": {"errors": {"kind": "errors", "at_most": 0.1}}},
}
ASKED: dict[str, dict[str, Any]] = {
    "parameters": {"parameters": {"share": PARAMETER}, **training(params={"share": "${parameters.share}"})},
    "parameters.values": {
        "parameters": {"share": {**PARAMETER, "minimum": 0}},
        **training(params={"share": "${parameters.share}"}),
    },
    "parameters.list": {
        "parameters": {"sizes": {"type": "list", "default": [1, 2]}},
        **training(params={"sizes": "${parameters.sizes}"}),
    },
    "code": {},
    "code.image": {"code": {"image": IMAGE}},
    "data.sources.local": {},
    "data.sources.remote": {"data": {**DATA, "source": f"{REMOTE}data.csv"}},
    "data.sources.several": {
        "data": {"main": "main", "label": "churned", "sources": {"main": "data/churn.csv", "zones": "data/zones.csv"}},
        **training(inputs={"train": "prepare.train", "zones": "data.zones"}),
    },
    "data.sources.sharded": {
        "data": {"source": REMOTE, "distribution": "sharded", "label": "churned", "split": "none"},
        **training(resources={"nodes": 2}, distributed="torchrun"),
    },
    "data.sources.table": {"data": {**DATA, "source": "bq://acme/churn/rows"}},
    "data.checks": {"data": {**DATA, "checks": {"min_rows": 1}}},
    "data.split": {},
    "data.prepare": {"data": {**DATA, "prepare": {"run": "prepare.py", "outputs": ["train"]}}},
    "data.residency": {"data": {**DATA, "residency": ["eu"]}},
    "data.feature_store": {"data": {**DATA, "time": "at", "feature_store": {"entity": "id", "event_time": "at"}}},
    "steps": step(),
    "steps.when": {"parameters": {"clean": {"type": "boolean", "default": True}}, **step(when="${parameters.clean}")},
    "steps.after": step(after=["training"]),
    "steps.always": {"steps": {"tell": {"run": "tell.py", "always": True}}},
    "steps.retries": step(retries=2),
    "steps.timeout": step(timeout="1h"),
    "steps.cache": step(cache=True),
    "steps.env": step(env={"LEVEL": "1"}),
    "steps.secrets": step(secrets={"PASSWORD": "warehouse-password"}),
    "steps.image": step(run=["clean"], image=IMAGE),
    "steps.resources": step(resources={"cpu": 2}),
    "steps.resources.gpu": training(resources={"gpu": "t4"}),
    "training.run": {},
    "training.framework": {"training": FRAMEWORK},
    "training.distributed": training(resources={"nodes": 2}, distributed="torchrun"),
    "training.spot": training(resources={"spot": True}),
    "training.start_from": training(start_from="champion"),
    "tuning.grid": tuning(strategy="grid"),
    "tuning.random": tuning(),
    "tuning.bayesian": tuning(strategy="bayesian"),
    "tuning.hyperband": tuning(strategy="hyperband"),
    "tuning.early_stopping": tuning(early_stopping=True),
    "tuning.stop_at": tuning(stop_at=0.9),
    "tuning.max_failures": tuning(max_failures=1),
    "tuning.timeout": tuning(timeout="2h"),
    "tuning.keep": tuning(keep=2),
    "tuning.refit": tuning(refit=True),
    "evaluation.run": {"evaluation": JUDGE},
    "evaluation.task": {"training": FRAMEWORK, "evaluation": {"task": "classification"}},
    "evaluation.explain": {
        "training": FRAMEWORK,
        "evaluation": {"task": "classification", "explain": "permutation"},
    },
    "evaluation.test_set": {
        "evaluation": {**JUDGE, "gates": {"accuracy": {"at_least": 0.5}}, "test_set": {"reuse_budget": 9}}
    },
    "gates.threshold": gates(at_least=0.5),
    "gates.champion": gates(better_than="champion"),
    "gates.group": gates(group="city", measure="demographic_parity_difference", at_most=0.2)
    | {"data": {**DATA, "positive": "yes"}},
    "gates.on_gate_failure": {
        "evaluation": {**JUDGE, "gates": {"accuracy": {"at_least": 0.5}}, "on_gate_failure": "fail"}
    },
    "tracking.native": {},
    "tracking.mlflow": {"tracking": {"backend": {"mlflow": "https://mlflow.acme.example"}}},
    "registry": {},
    "registry.approval": {"registry": {"approval": "manual"}},
    "registry.from": {"training": None, "data": None, "registry": {"from": REMOTE}, "deployment": NIGHTLY},
    "deployment.batch": {"deployment": NIGHTLY},
    "deployment.batch.schedule": {"deployment": {**NIGHTLY, "schedule": "0 3 * * *"}},
    "deployment.batch.nodes": {"deployment": {**NIGHTLY, "nodes": 2}},
    "deployment.batch.files": {"deployment": {**NIGHTLY, "input": {"uri": "data/new/", "format": "files"}}},
    "deployment.batch.image": {"deployment": {**NIGHTLY, "serve": {"image": f"ghcr.io/acme/server@sha256:{'0' * 64}"}}},
    "deployment.real-time": {"deployment": LIVE},
    "deployment.real-time.scale_on": live(replicas={"min": 1, "max": 4}, scale_on={"requests_per_minute": 750}),
    "deployment.real-time.profiles": live(profiles={"weekend": {"days": ["sat", "sun"], "min": 1, "max": 1}}),
    "deployment.real-time.zero": live(replicas={"min": 0, "max": 2}, scale_on={"concurrency": 8}),
    "deployment.real-time.async": live(**{"async": {"output": f"{REMOTE}answers/"}}),
    "deployment.real-time.public": live(expose="public"),
    "deployment.real-time.key": live(auth="key"),
    "deployment.real-time.open": live(auth="none"),
    "deployment.real-time.image": live(serve={"image": f"ghcr.io/acme/server@sha256:{'0' * 64}"}),
    "deployment.real-time.canary": live(rollout={"strategy": "canary"}),
    "deployment.real-time.linear": live(rollout={"strategy": "linear"}),
    "deployment.real-time.blue-green": live(rollout={"strategy": "blue-green"}),
    "deployment.real-time.shadow": live(rollout={"strategy": "shadow"}),
    "deployment.real-time.abort_on": live(rollout={"abort_on": ["errors"]}) | {"monitoring": ERRORS},
    "deployment.real-time.steps": live(rollout={"before": "a"}) | {"steps": {"a": {"run": "a.py"}}},
    "deployment.streaming": {
        "deployment": {"mode": "streaming", "source": {"kinesis": {"stream": "in"}}, "serve": {"run": "a.py"}}
    },
    "deployment.edge": {"deployment": {"mode": "edge", "format": "onnx"}},
    "monitoring": WATCHED,
    "triggers.schedule": trigger(schedule="0 2 * * 1"),
    "triggers.new_data": trigger(new_data="data.source") | {"data": {**DATA, "source": REMOTE}},
    "triggers.invoke": trigger(invoke=True),
    "triggers.monitors": WATCHED | trigger(any_of=["errors"]),
    "triggers.after": {
        "deployment": NIGHTLY,
        "triggers": {"then": {"start": "deployments.deployment", "after": "training"}},
    },
    "triggers.message": trigger(message={"sns": {"topic": "arn:aws:sns:eu-west-1:123456789012:told"}}),
    "triggers.deployments": {
        "deployment": NIGHTLY,
        "triggers": {"nightly": {"start": "deployments.deployment", "schedule": "0 2 * * 1"}},
    },
    "triggers.cooldown": trigger(schedule="0 2 * * 1", cooldown="24h"),
    "triggers.limit": trigger(schedule="0 2 * * 1", limit={"runs": 1, "per": "7d"}),
    "triggers.approval": trigger(schedule="0 2 * * 1", approval="manual"),
    "governance.encryption": {"governance": {"encryption": "alias/ml"}},
    "governance.network": {
        "governance": {"network": {"private": True}},
        "targets": {
            "sagemaker": {
                **SAGEMAKER,
                "subnets": ["subnet-0a1b2c3d4e5f60718"],
                "security_groups": ["sg-0a1b2c3d4e5f60718"],
            },
        },
    },
    "governance.access": {"governance": {"access": {"deploy": ["release-managers"]}}},
    "governance.retention": {"governance": {"retention": "365d"}},
    "governance.lineage": {"governance": {"lineage": True}},
    "governance.audit": {"governance": {"audit": True}},
    "ci": {"ci": {"providers": ["github"]}},
    "targets.steps": {
        "targets": {
            "sagemaker": {**SAGEMAKER, "steps": {"training": {"EnableNetworkIsolation": False}}},
            "local": {"steps": {"training": {"nice": 1}}},
        }
    },
    "targets.patches": {
        "targets": {
            "sagemaker": {**SAGEMAKER, "patches": [{"file": "pipeline.json", "at": "/Metadata", "replace": {}}]},
            "local": {"patches": [{"file": "plan.json", "at": "/name", "replace": "churn"}]},
        }
    },
}
OWN: dict[str, Any] = {
    target: import_module(f"tests.targets.{target}.asked")
    for target in TARGETS
    if (Path(__file__).parent / target / "asked.py").is_file()
}
"""What single targets need said otherwise: addresses of their own platform, and their block."""
WARNED = {("local", "data.sources.remote"), ("local", "data.sources.table")}
"""A bundle of this machine comes with every other one: what only a run here cannot do is a warning."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("project"))


@cache
def asked(root: Path, feature: str, target: str = "") -> CompileRequest:
    own = OWN.get(target)
    said = {**BASE, **ASKED[feature]}
    if own is not None:
        block = {"targets": {target: own.BLOCK}} if hasattr(own, "BLOCK") else {}
        said = {**said, **block, **own.ASKED.get(feature, {})}
    kept = {key: value for key, value in said.items() if value is not None}
    return CompileRequest(root / "spec.yaml", yaml.safe_dump(kept, sort_keys=False).encode())


def test_every_feature_has_a_spec_that_uses_it() -> None:
    assert list(ASKED) == [feature.name for feature in FEATURES]


@pytest.mark.parametrize("feature", ASKED)
def test_a_spec_that_uses_a_feature_is_seen_to(feature: str, project: Path) -> None:
    plan = compiler.check(asked(project, feature)).plan
    assert feature in {use.feature for use in plan.uses}
    assert {use.feature for use in plan.uses} <= {known.name for known in FEATURES}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("feature", ASKED)
def test_a_feature_is_refused_just_when_the_table_says_so(feature: str, target: str, project: Path) -> None:
    support = targets.load(target).support
    answer = support[feature]
    checked = compiler.check(asked(project, feature, target), (target,))
    try:
        said = compiler.check_for(checked, target)
        refused = False
    except SpecError as stopped:
        said, refused = stopped.findings, True
    messages = [f"{d.code} {d.message}" for d in said]
    others = [use for use in checked.plan.uses if use.feature != feature]
    if (target, feature) in WARNED:
        assert answer.how is How.REFUSED
        assert any(d.code.startswith("MG3") for d in said), messages
    elif any(use.words and support[use.feature].how is How.REFUSED for use in others):
        assert refused, "it comes with what is refused itself"
    else:
        assert refused is (answer.how is How.REFUSED), [d.message for d in errors(said)] or messages
