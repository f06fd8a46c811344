"""Runs recorded in MLflow and models registered there, by MLflow's own client against a server of the test."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.platforms import open_registry, open_tracker
from mlopsgen.runtime.problems import Failed, Usage

from .conftest import Done, Run
from .fake_mlflow import Mlflow, serving

# MLflow warns of what it will change one day, of which nothing is ours.
pytestmark = pytest.mark.filterwarnings("ignore")

SCRIPT = """
import json, os, pathlib, sys
flags = dict(word[2:].split("=", 1) for word in sys.argv[1:])
for port in ("metrics", "roc"):
    pathlib.Path(flags[port]).mkdir(exist_ok=True)
pathlib.Path(flags["metrics"], "metrics.json").write_text('{"accuracy": 0.5, "precision@5": 1}')
pathlib.Path(flags["roc"], "roc.png").write_text("png")
pathlib.Path(flags["roc"], "found.txt").write_text(os.environ.get("MLFLOW_RUN_ID", "none"))
sys.exit(int(flags.get("code", 0)))
"""


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mlflow]:
    with serving() as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
        monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "wine")
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        monkeypatch.delenv("MLFLOW_RUN_ID", raising=False)
        yield server


def step(run: Run, folder: Path, *more: str) -> Done:
    (folder / "train.py").write_text(SCRIPT)
    ports = [f"--{port}={folder / port}" for port in ("metrics", "roc")]
    flags = ("--track=mlflow:", "--track-as=training", "--track-run=r-1", "--track-param=folds", "--track-param=none")
    recorded = (
        *flags,
        f"--track-figure={folder / 'roc'}",
        f"--track-figure={folder / 'absent'}",
        f"--track-{ports[0][2:]}",
        ports[0],
    )
    return run("step", *recorded, "--", "python", folder / "train.py", *ports, "--folds=5", "--other=x", *more)


def test_a_step_is_a_run_with_params_metrics_and_pictures(run: Run, tmp_path: Path, mlflow: Mlflow) -> None:
    done = step(run, tmp_path)
    assert (done.code, done.out, done.err) == (0, "accuracy=0.5\nprecision@5=1.0\n", "")
    (found,) = mlflow.runs.values()
    assert (found["info"]["run_name"], found["info"]["status"]) == ("training", "FINISHED")
    assert found["data"]["params"] == [{"key": "folds", "value": "5"}]
    assert {m["key"]: m["value"] for m in found["data"]["metrics"]} == {"accuracy": 0.5, "precision_5": 1.0}
    tags = {tag["key"]: tag["value"] for tag in found["data"]["tags"]}
    assert (tags["mlopsgen.step"], tags["mlopsgen.run"]) == ("training", "r-1")
    assert mlflow.kept(found) == {"roc/roc.png": b"png", "roc/found.txt": found["info"]["run_id"].encode()}
    assert list(mlflow.experiments) == ["wine"]


def test_a_step_that_fails_is_a_failed_run(run: Run, tmp_path: Path, mlflow: Mlflow) -> None:
    assert step(run, tmp_path, "--code=3").code == 3
    found = mlflow.run("training")
    assert (found["info"]["status"], found["data"]["metrics"], mlflow.files) == ("FAILED", [], {})


def test_the_run_that_a_platform_has_started_is_used_and_left_open(
    run: Run, tmp_path: Path, mlflow: Mlflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = mlflow.runs_create("1", "of the platform")["run"]["info"]["run_id"]
    monkeypatch.setenv("MLFLOW_RUN_ID", given)
    step(run, tmp_path)
    (found,) = mlflow.runs.values()
    assert (found["info"]["status"], len(found["data"]["metrics"])) == ("RUNNING", 2)


def test_a_server_that_cannot_record_costs_no_model(run: Run, tmp_path: Path, mlflow: Mlflow) -> None:
    for broken in ("runs/create", "log-batch", "runs/update", "mlflow-artifacts"):
        mlflow.broken = broken
        done = step(run, tmp_path)
        assert (done.code, done.out) == (0, "accuracy=0.5\nprecision@5=1.0\n")
        assert done.err.count("mlopsgen: this run is not recorded, or not all of it: ") == 1


def test_without_a_server_or_a_library_the_step_goes_on(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    done = step(run, tmp_path)
    assert (done.code, "MLFLOW_TRACKING_URI is not set" in done.err) == (0, True)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    done = step(run, tmp_path)
    assert (done.code, "mlflow" in done.err) == (0, True)


def test_a_secret_of_the_step_opens_the_server(
    run: Run, tmp_path: Path, mlflow: Mlflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "replaced")
    (tmp_path / "token").write_text("hidden\n")
    (tmp_path / "train.py").write_text("print('trained')")
    secret = f"--secret=MLFLOW_TRACKING_TOKEN=file:{tmp_path / 'token'}"
    done = run("step", "--track=mlflow:", "--track-as=training", secret, "--", "python", tmp_path / "train.py")
    assert (done.code, done.err) == (0, "")
    assert mlflow.tokens == {"Bearer hidden"}


def test_nothing_is_recorded_unasked(run: Run, tmp_path: Path, mlflow: Mlflow) -> None:
    (tmp_path / "train.py").write_text("print('trained')")
    assert run("step", "--", "python", tmp_path / "train.py").code == 0
    assert mlflow.runs == {}


def test_another_tracker_is_refused_by_name() -> None:
    with pytest.raises(Usage, match=r"runs cannot be recorded at `ftp:`; known: (.*, )?mlflow"):
        open_tracker("ftp://x", "training", None)


def register(run: Run, folder: Path, *more: str, weights: str = "w", accuracy: float = 0.9) -> Done:
    for name, file, text in (
        ("model", "m.bin", weights),
        ("metrics", "metrics.json", json.dumps({"accuracy": accuracy})),
        ("roc", "roc.png", "png"),
    ):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / file).write_text(text)
    ports = [f"--{name}={folder / name}" for name in ("model", "metrics")]
    return run("register", "--registry=mlflow:", "--name=wine", *ports, f"--figure={folder / 'roc'}", *more)


def test_a_version_is_registered_with_all_that_made_it(run: Run, tmp_path: Path, mlflow: Mlflow) -> None:
    (tmp_path / "card.json").write_text('{"intended_use": "tests"}')
    (tmp_path / "gate").mkdir()
    (tmp_path / "gate" / "gate.json").write_text('{"passed": true, "reasons": []}')
    more = (f"--card={tmp_path / 'card.json'}", "--run=r-1", "--version-of-data=v7", f"--gate={tmp_path / 'gate'}")
    done = register(run, tmp_path, *more, f"--out={tmp_path / 'out'}")
    assert (done.code, done.out) == (0, "wine version 1 is registered, and is the champion now\n")
    (version,) = mlflow.models["wine"]["versions"]
    tags = {tag["key"].removeprefix("mlopsgen."): tag["value"] for tag in version["tags"]}
    assert tags | {"model_digest": ""} == {
        "status": "approved",
        "approval": "automatic",
        "model_digest": "",
        "data_version": "v7",
        "run": "r-1",
        "gate": "passed",
    }
    assert version["description"] == "tests"
    made = mlflow.runs[version["run_id"]]
    assert version["source"] == f"{made['info']['artifact_uri']}/model"
    assert made["info"]["status"] == "FINISHED"
    kept = mlflow.kept(made)
    about = json.loads(kept.pop("version.json"))
    assert kept == {"model/m.bin": b"w", "figures/roc/roc.png": b"png"}
    written = json.loads((tmp_path / "out" / "version.json").read_text())
    assert written == {"version": 1, **about}
    assert mlflow.models["wine"]["aliases"] == {"champion": "1"}


def test_a_step_that_is_tried_again_registers_once(run: Run, tmp_path: Path, mlflow: Mlflow) -> None:
    mlflow.broken = "registered-models/alias"
    assert register(run, tmp_path, "--run=r-1").code == 1
    mlflow.broken = None
    assert register(run, tmp_path, "--run=r-1").out == "wine version 1 is registered, and is the champion now\n"
    assert len(mlflow.models["wine"]["versions"]) == 1
    assert register(run, tmp_path, "--run=r-2").out.startswith("wine version 2 ")
    assert register(run, tmp_path).out.startswith("wine version 3 ")
    assert register(run, tmp_path).out.startswith("wine version 4 "), "without an id every run is another one"


def test_what_cannot_be_registered_whole_is_no_version(run: Run, tmp_path: Path, mlflow: Mlflow) -> None:
    mlflow.broken = "mlflow-artifacts"
    done = register(run, tmp_path)
    assert done.code == 1
    assert f"mlopsgen: `wine` cannot be registered at {mlflow.uri}: " in done.err
    assert mlflow.models == {}


def test_the_champion_and_all_versions_are_read_back(run: Run, tmp_path: Path, mlflow: Mlflow) -> None:
    for number in range(5):
        more = ("--approval=manual",) if number > 2 else ()
        register(run, tmp_path, *more, weights=f"w{number}", accuracy=number / 10)
    mlflow.models["wine"]["versions"][1]["status"] = "FAILED_REGISTRATION"
    registry = open_registry(f"mlflow:{mlflow.uri}/wine")
    champion = registry.champion()
    assert champion is not None
    assert (champion.name, champion.metrics) == ("3", {"accuracy": 0.2})
    assert [(v.name, v.metrics["accuracy"]) for v in registry.versions()] == [
        *(("1", 0.0), ("3", 0.2), ("4", 0.3), ("5", 0.4))
    ]
    registry.fetch_model(champion, tmp_path / "got")
    assert [(path.name, path.read_text()) for path in (tmp_path / "got").iterdir()] == [("m.bin", "w2")]


def test_nothing_is_the_champion_of_what_nobody_registered(run: Run, tmp_path: Path, mlflow: Mlflow) -> None:
    assert open_registry("mlflow:wine").champion() is None
    assert open_registry("mlflow:wine").versions() == ()
    register(run, tmp_path, "--approval=manual")
    assert open_registry("mlflow:wine").champion() is None


def test_a_server_that_is_gone_is_told_in_one_line(mlflow: Mlflow) -> None:
    mlflow.broken = "registered-models"
    with pytest.raises(Failed, match="the registered model `wine` cannot be read: "):
        open_registry("mlflow:wine").champion()


@pytest.mark.parametrize(
    ("uri", "server", "model"),
    [
        ("mlflow://mlflow.acme.example/wine", "https://mlflow.acme.example", "wine"),
        ("mlflow://acme.example/team/mlflow/wine%20red", "https://acme.example/team/mlflow", "wine red"),
        ("mlflow:http://127.0.0.1:5000/wine", "http://127.0.0.1:5000", "wine"),
        ("mlflow:wine", "http://from.the.environment", "wine"),
        ("mlflow:/wine", "http://from.the.environment", "wine"),
        (
            "mlflow:arn:aws:sagemaker:r:1:mlflow-tracking-server/s/wine",
            "arn:aws:sagemaker:r:1:mlflow-tracking-server/s",
            "wine",
        ),
    ],
)
def test_where_the_server_is(uri: str, server: str, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlopsgen.runtime.platforms import mlflow

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://from.the.environment")
    asked: list[str] = []

    def client(uri: str) -> Any:
        asked.append(uri)

    monkeypatch.setattr(mlflow, "_client", client)
    assert (mlflow.Models(uri).model, asked) == (model, [server])


def test_a_uri_that_names_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    for uri in ("mlflow:wine", "mlflow://host/", "mlflow:"):
        with pytest.raises(Usage, match="must read mlflow://HOST/MODEL or mlflow:TRACKING-URI/MODEL"):
            open_registry(uri)


def test_the_same_model_code_and_data_are_registered_once(run: Run, tmp_path: Path, mlflow: Mlflow) -> None:
    facts = ("--version-of-data=2026-11", "--code-digest=sha256:c")
    register(run, tmp_path, *facts, "--run=r-1")
    done = register(run, tmp_path, *facts, "--run=r-2")
    assert done.code == 0, done.err
    assert done.out == "nothing new is registered: wine version 1 is the same model, code and data, the champion\n"
    assert len(mlflow.models["wine"]["versions"]) == 1
