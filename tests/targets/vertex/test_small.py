"""A small product of plain scripts runs as it is emitted: machines, searches, secrets, tries, ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from tests.targets.ir.executor.run import FAILED, SUCCEEDED, Run

from .conftest import Project, project
from .emit.specs import BASE, merged

pytestmark = pytest.mark.slow

SCRIPTS = {
    "train": """
import json, os, pathlib, sys
given = dict(word.removeprefix("--").split("=", 1) for word in sys.argv[1:])
rank = os.environ.get("NODE_RANK", "0")
model = pathlib.Path(given["model"])
model.mkdir(parents=True, exist_ok=True)
(model / f"rank-{rank}.json").write_text(json.dumps({
    "given": {name: value for name, value in given.items() if not value.startswith("/")},
    "token": os.environ.get("TOKEN", ""),
    "first": os.environ.get("PET_MASTER_ADDR", ""),
    "previous": sorted(p.name for p in pathlib.Path(given.get("previous", "/none")).glob("*")),
}))
metrics = pathlib.Path(given["metrics"])
metrics.mkdir(parents=True, exist_ok=True)
depth = int(given.get("depth", 3))
if depth == 13:
    sys.exit("thirteen")
(metrics / "metrics.json").write_text(json.dumps({"accuracy": 1 - abs(depth - 5) / 10, "depth": depth}))
""",
    "evaluate": """
import json, pathlib, shutil, sys
given = dict(word.removeprefix("--").split("=", 1) for word in sys.argv[1:])
pathlib.Path(given["metrics"]).mkdir(parents=True, exist_ok=True)
found = json.loads((pathlib.Path(given["model"]) / "rank-0.json").read_text())["given"]
accuracy = 1 - abs(int(found.get("depth", 3)) - 5) / 10
(pathlib.Path(given["metrics"]) / "metrics.json").write_text(json.dumps({"accuracy": accuracy}))
""",
    "predict": """
import pathlib

def load(folder):
    return len(list(pathlib.Path(folder).glob("rank-*.json")))

def predict(model, records):
    return [n + model for n in records["n"]]
""",
    "tell": """
import json, os, pathlib, sys
given = dict(word.removeprefix("--").split("=", 1) for word in sys.argv[1:])
note = pathlib.Path(given["note"])
note.mkdir(parents=True, exist_ok=True)
(note / "note.json").write_text(json.dumps(given["run"]))
if given.get("stumble") == "true":
    sys.exit("stumbled")
""",
}
SEARCH = {
    "metric": "accuracy",
    "strategy": "bayesian",
    "trials": 4,
    "search": {"depth": {"int": [2, 13]}, "kind": {"choice": ["a", "b"]}},
}
Start: TypeAlias = Callable[..., Project]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def made(*changes: dict[str, Any]) -> Project:
            folder = tmp_path / "churn"
            (folder / "src").mkdir(parents=True, exist_ok=True)
            (folder / "data").mkdir(exist_ok=True)
            (folder / "data/rows.csv").write_text("left,n\n1,1\n0,2\n" * 20)
            for name, text in SCRIPTS.items():
                (folder / f"src/{name}.py").write_text(text)
            spec: Any = merged(BASE, {"data": {"source": "data/rows.csv", "split": "none"}})
            spec = merged(spec, {"evaluation": {"inputs": {"model": "training.model"}}})
            for change in changes:
                spec = merged(spec, change)
            (folder / "spec.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
            return stack.enter_context(project(folder, tmp_path / "google"))

        yield made


def told(**more: Any) -> Any:
    return {"run": "tell.py", "outputs": ["note"], "params": {"run": "${run.id}", **more}}


def model(found: Project, run: Run, rank: int = 0) -> Any:
    folder = found.world.path(run, "training", "model")
    return json.loads((folder / f"rank-{rank}.json").read_text())


def test_several_machines_find_each_other_and_secrets(started: Start) -> None:
    asked = {"resources": {"nodes": 3, "spot": True}, "distributed": "torchrun", "secrets": {"TOKEN": "tracking"}}
    # A list starts its processes by itself.
    found = started({"training": {**asked, "run": ["python", "-B", "/opt/app/train.py"]}})
    found.google.secrets["acme-ml/tracking"] = "s3cr3t"
    run = found.world.start()
    assert run.status == SUCCEEDED, run.said
    assert [model(found, run, rank)["first"] for rank in range(3)] == ["machine-0-0"] * 3
    assert model(found, run, 2)["token"] == "s3cr3t"
    assert not [path for path in found.bundle.rglob("*.yaml") if "s3cr3t" in path.read_text()]


def test_text_of_a_run_ends_no_request(started: Start) -> None:
    note = 'say "x", \\ and {{ }} ü\n'
    found = started(
        {"parameters": {"note": {"type": "string", "default": "-"}}},
        {"training": {"params": {"note": "${parameters.note}"}, "resources": {"spot": True}}},
    )
    run = found.world.start(note=note)
    assert run.status == SUCCEEDED, run.said
    assert model(found, run)["given"]["note"] == note


def test_the_service_searches_and_the_best_trial_is_trained_again(started: Start) -> None:
    found = started({"training": {"tuning": {**SEARCH, "refit": True, "max_failures": 3}}})
    found.jobs.propose = lambda _study, _count: [{"depth": d, "kind": "b"} for d in ("2", "13", "5", "9")]
    run = found.world.start()
    assert run.status == SUCCEEDED, run.said
    assert "2: failed, it wrote no metrics.json" in run.said["training-select"]
    assert "3: accuracy 1 (best)" in run.said["training-select"]
    assert model(found, run)["given"] == {"folds": "5", "depth": "5", "kind": "b"}
    trials = found.world.path(run, "training-search", "trials")
    assert json.loads((trials / "3/params.json").read_text()) == {"depth": 5, "kind": "b"}
    ((_, request),) = found.jobs.requests
    assert request["max_failed_trial_count"] == 4


def test_a_search_that_fails_too_often_fails_the_run(started: Start) -> None:
    found = started({"training": {"tuning": {**SEARCH, "max_failures": 2}}})
    found.jobs.propose = lambda _study, _count: [{"depth": "13", "kind": "a"}] * 4
    run = found.world.start()
    assert run.status == FAILED
    assert len(found.jobs.trials) == 3
    assert "evaluation" not in run.said


def test_a_training_starts_from_the_champion(started: Start) -> None:
    found = started({"training": {"start_from": "champion"}})
    first, second = found.world.start(), found.world.start()
    assert (first.status, second.status) == (SUCCEEDED, SUCCEEDED), second.said
    assert model(found, first)["previous"] == []
    assert model(found, second)["previous"] == ["rank-0.json"]
    versions = found.versions("churn")
    assert [version["versionAliases"] for version in versions] == [["default"], ["champion"]]
    assert {path.split("/models/")[1] for _, path in found.google.asked if ":merge" in path} == {
        "churn@1:mergeVersionAliases",
        "churn@2:mergeVersionAliases",
    }


def test_tries_and_ends_are_as_the_spec_says(started: Start) -> None:
    again = {**told(stumble=True), "retries": {"attempts": 2}}
    found = started({"steps": {"again": again, "last": {**told(), "always": True}}})
    run = found.world.start()
    assert run.status == FAILED
    assert run.tries["again"] == 3
    assert run.tasks["last"] == SUCCEEDED
    assert json.loads((found.world.path(run, "last", "note") / "note.json").read_text()) == run.number


def test_a_job_runs_its_command_again_and_is_one_job(started: Start) -> None:
    again = {**told(stumble=True), "retries": {"attempts": 2, "backoff": "1s"}, "resources": {"spot": True}}
    found = started({"steps": {"again": again}})
    run = found.world.start()
    assert run.status == FAILED
    assert (run.tries["again"], len(found.jobs.requests)) == (1, 1)
    assert "attempt 3 of 3" in run.said["again"]


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("stop", SUCCEEDED, None),
        ("fail", FAILED, None),
        ("report", SUCCEEDED, "approved"),
        ("register", SUCCEEDED, "rejected"),
    ],
)
def test_what_a_gate_that_says_no_leads_to(started: Start, asked: str, status: str, said: str | None) -> None:
    gates = {"gates": {"accuracy": {"at_least": 0.99}}, "on_gate_failure": asked}
    found = started({"evaluation": gates})
    run = found.world.start()
    assert run.status == status, run.said
    versions = found.versions("churn")
    assert len(versions) == (said is not None)
    if said is not None:
        assert versions[0]["versionDescription"].startswith(said)
        assert ("champion" in versions[0]["versionAliases"]) == (said == "approved")


def test_records_of_the_clocks_day_are_scored_by_the_champion_and_once(started: Start) -> None:
    nightly = {"mode": "batch", "input": {"uri": "new/", "partition": "date"}, "serve": {"run": "predict.py"}}
    found = started({"deployments": {"nightly": {**nightly, "schedule": "0 3 * * *"}}})
    day = Run("").scheduled[:10]
    place = found.world.machine.path(f"gs://acme-models/churn/new/{day}/late.csv")
    place.parent.mkdir(parents=True)
    place.write_text("n\n1\n2\n")
    training, found.world.file = found.world.file, "deployments/nightly.yaml"
    early = found.world.start()
    assert early.status == FAILED
    assert "is in use yet" in early.said["nightly"]

    found.world.file = training
    assert found.world.start().status == SUCCEEDED
    found.world.file = "deployments/nightly.yaml"
    run = found.world.start()
    assert run.status == SUCCEEDED, run.said
    folder = found.world.machine.path(f"gs://acme-models/churn/out/nightly/run={run.number}")
    assert (folder / "part-00000.csv").read_text().splitlines() == ["prediction", "2", "3"]
    assert json.loads((folder / "_SUCCESS").read_text())["records"] == {"read": 2, "scored": 2, "bad": 0}
