"""Searches of Katib and trainings over several nodes: what steps make in the cluster runs, and is deleted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.targets.ir.executor.run import FAILED, SUCCEEDED

from .conftest import Submit

pytestmark = pytest.mark.slow

ROWS = "id,age,paid\n" + "".join(f"{n},{n % 40},{'yes' if n % 3 else 'no'}\n" for n in range(60))
SPEC = """
apiVersion: mlopsgen/v1
name: payers
data: {source: data/rows.csv, label: paid}
parameters:
  note: {type: string, default: "5$ `id` $HOME"}
  nodes: {type: integer, default: 2}
  trials: {type: integer, default: 4}
training:
  run: train.py
  params: {note: "${parameters.note}", fixed: "it's; $Y && $X"}
  secrets: {TOKEN: warehouse/token}
  %s
registry: {}
targets:
  kubeflow: {namespace: ml, endpoint: "https://kubeflow.example.com", images: ghcr.io/acme, storage: s3://acme-ml}
"""
TRAIN = """
import json, os, pathlib, sys
given = dict(word[2:].split("=", 1) for word in sys.argv[1:])
rows = (pathlib.Path(given["train"]) / "data.csv").read_text().splitlines()
depth, kind = float(given.get("depth", 3)), given.get("kind", "tree")
if kind == "broken":
    sys.exit("cannot grow a broken tree")
print("accuracy=0.123")
said = {**given, "rank": os.environ.get("PET_NODE_RANK"), "nodes": os.environ.get("PET_NNODES"), "rows": len(rows)}
model, metrics = pathlib.Path(given["model"]), pathlib.Path(given["metrics"])
(model / "model.json").write_text(json.dumps(said))
(metrics / "metrics.json").write_text(json.dumps({"accuracy": 1 - abs(depth - 8) / 10}))
"""
TORCH = """
import runpy, sys
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def files(training: str, **more: str) -> dict[str, str]:
    return {"spec.yaml": SPEC % training, "train.py": TRAIN, "data/rows.csv": ROWS, "requirements.txt": "", **more}


def registered(there: Any, version: int = 1) -> Any:
    return there.stored(f"s3://acme-ml/payers/registry/payers/versions/{version}/model/model.json")


SEARCH = """tuning:
    metric: accuracy
    strategy: bayesian
    trials: "${parameters.trials}"
    parallel: 3
    max_failures: 3
    %s
    search: {depth: {int: [2, 8]}, kind: {choice: [tree, broken]}}"""


def test_katib_searches_and_the_best_params_are_trained(project: Submit) -> None:
    there = project(files(SEARCH % "seed: 7"))
    there.secrets["warehouse"] = {"token": "t0k"}
    run = there.world.start()
    assert run.status == SUCCEEDED, run.said
    (made,) = there.objects.made
    assert made["spec"]["algorithm"]["algorithmName"] == "tpe"
    assert there.objects.there == {}
    assert [(one["depth"], one["kind"]) for one in there.objects.trials] == [
        ("2", "tree"),
        ("2", "broken"),
        ("8", "tree"),
        ("8", "broken"),
    ]
    found = registered(there)
    assert (found["depth"], found["kind"], found["rows"]) == ("8", "tree", 45)
    assert (found["note"], found["fixed"]) == ("5$ `id` $HOME", "it's; $Y && $X"), "nobody expands what a user says"
    assert there.stored("s3://acme-ml/payers/registry/payers/versions/1/version.json")["metrics"] == {"accuracy": 1.0}


def test_a_search_that_fails_too_often_fails_the_run(project: Submit) -> None:
    there = project(files(SEARCH % "seed: 7"))
    there.secrets["warehouse"] = {"token": "t0k"}
    bundle = there.bundle / "manifests" / "training-experiment.json"
    assert json.loads(bundle.read_text())["spec"]["maxFailedTrialCount"] == 3
    for mounted in there.world.places.values():
        (path,) = mounted.iterdir()
        path.write_text(path.read_text().replace('"maxFailedTrialCount": 3', '"maxFailedTrialCount": 0'))
    run = there.world.start()
    assert run.status == FAILED
    assert "max failed trial count has reached" in run.said["training-search"]
    assert there.objects.there == {}
    assert "registry" not in run.said


def test_a_refit_learns_from_validation_rows_too(project: Submit) -> None:
    spec = files(SEARCH % "refit: true")
    spec["spec.yaml"] = spec["spec.yaml"].replace(
        "label: paid}", "label: paid, split: {test: 0.2, validation: 0.2, seed: 1}}"
    )
    there = project(spec)
    there.secrets["warehouse"] = {"token": "t0k"}
    run = there.world.start(trials=1)
    assert run.status == SUCCEEDED, run.said
    assert len(there.objects.trials) == 1
    assert {"training-search", "training-select", "training"} <= set(run.tasks)
    found = registered(there)
    assert (found["depth"], found["rows"]) == ("2", 50)
    selected = there.world.path(run, "training-select", "model") / "model.json"
    assert json.loads(selected.read_text())["rows"] == 33


def test_two_nodes_train_and_the_first_one_saves(project: Submit) -> None:
    nodes = 'distributed: torchrun\n  resources: {nodes: "${parameters.nodes}"}'
    torch = {f"torch/{name}": "" for name in ("__init__.py", "distributed/__init__.py")}
    there = project(files(nodes, **torch, **{"torch/distributed/run.py": TORCH}))
    there.secrets["warehouse"] = {"token": "t0k"}
    run = there.world.start(nodes=3)
    assert run.status == SUCCEEDED, run.said
    (made,) = there.objects.made
    assert made["spec"]["trainer"]["numNodes"] == 3
    assert made["metadata"]["namespace"] == "ml"
    assert there.objects.there == {}
    found = registered(there)
    assert (found["rank"], found["nodes"], found["note"]) == ("0", "3", "5$ `id` $HOME")
    assert len(there.objects.said) == 3
    metrics = there.world.path(run, "training", "metrics") / "metrics.json"
    assert json.loads(metrics.read_text()) == {"accuracy": 0.5}


def test_a_node_that_fails_fails_the_step(project: Submit) -> None:
    there = project(files("distributed: torchrun\n  resources: {nodes: 2}"))
    there.secrets["warehouse"] = {"token": "t0k"}
    run = there.world.start()
    assert run.status == FAILED
    assert "No module named" in run.said["training"]
    assert there.objects.there == {}


def test_secrets_come_from_the_cluster(project: Submit) -> None:
    spec = files("retries: {attempts: 1, backoff: 1s}")
    spec["train.py"] = TRAIN + "assert os.environ['TOKEN'] == 't0k', 'no token'\n"
    there = project(spec)
    there.secrets["warehouse"] = {"token": "wrong"}
    run = there.world.start()
    assert run.status == FAILED
    assert run.tries["training"] == 2
    there.secrets["warehouse"] = {"token": "t0k"}
    assert there.world.start().status == SUCCEEDED


def test_a_volume_is_storage_too(project: Submit, tmp_path: Path) -> None:
    spec = files("start_from: champion")
    spec["spec.yaml"] = spec["spec.yaml"].replace("s3://acme-ml", "pvc://ml-data/teams, storage_size: 10Gi")
    there = project(spec)
    there.secrets["warehouse"] = {"token": "t0k"}
    run = there.world.start()
    assert run.status == SUCCEEDED, run.said
    volume = tmp_path / "cluster" / "volumes" / "ml-data" / "teams" / "payers"
    assert json.loads((volume / "registry/payers/champion.json").read_text()) == {"version": 1}
    assert list((volume / "registry/payers/versions/1/model").iterdir())
    again = there.world.start()
    assert again.status == SUCCEEDED
    assert json.loads((volume / "registry/payers/champion.json").read_text()) == {"version": 2}
