"""Emitted commands run here, in folders laid out as SageMaker lays them out; scripts know nothing of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.plan.steps import Choice, FromRegistry, Input, Resources, RunParameter, Tracking, Tune
from mlopsgen.plan.values import Flag, Param, PortKind
from mlopsgen.runtime.platforms.local import FileRegistry
from mlopsgen.spec.values import Ref
from tests.runtime.fake_mlflow import serving
from tests.targets.sagemaker.emit.plans import (
    PARAMETERS,
    definition,
    inputs,
    outputs,
    plan,
    prepare,
    run,
    script,
    step,
    train,
    tune,
    values,
)

pytestmark = pytest.mark.slow

SCRIPT = """
import json, pathlib, sys
flags = dict(word[2:].split("=", 1) for word in sys.argv[1:])
pathlib.Path(flags["model"], "seen.json").write_text(json.dumps(flags))
pathlib.Path(flags["metrics"], "metrics.json").write_text('{"accuracy": 0.75, "balanced_accuracy": 0.5}')
"""
READER = """
import pathlib, sys
flags = dict(word[2:].split("=", 1) for word in sys.argv[1:])
found = sorted(p.name for port in ("model", "scores") for p in pathlib.Path(flags[port]).iterdir())
pathlib.Path(flags["page"], "found.txt").write_text(" ".join(found))
"""

START = """
import pathlib, sys
from mlopsgen_runtime import cli
from mlopsgen_runtime.platforms import sagemaker
# The one thing that is not as in the service: /opt/ml is a folder of the test.
sagemaker.command_from_hyperparameters.__defaults__ = (pathlib.Path(__file__).parents[1] / "ml",)
sys.exit(cli.main(["train"]))
"""


class Container:
    """One machine: `/opt/ml` and `/opt/app` are folders of the test."""

    def __init__(self, root: Path) -> None:
        self.root = root
        app = root / "opt" / "app"
        app.mkdir(parents=True)
        shutil.copytree(
            Path(sys.modules["mlopsgen.runtime"].__path__[0]),
            app / "mlopsgen_runtime",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        (app / "train.py").write_text(SCRIPT)
        (app / "reader.py").write_text(READER)
        for folder in ("model", "input/data/train", "input/config", "output"):
            (root / "opt" / "ml" / folder).mkdir(parents=True)

    def path(self, inside: str) -> Path:
        return self.root / inside.removeprefix("/")

    def here(self, word: str) -> str:
        return word.replace("/opt/", f"{self.root}/opt/")

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        words = [sys.executable if n == 0 else self.here(word) for n, word in enumerate(command)]
        environment = {**os.environ, "PYTHONPATH": str(self.path("/opt/app"))}
        return subprocess.run(words, capture_output=True, text=True, env=environment, check=False, timeout=60)


def command(arguments: dict[str, Any], given: dict[str, str] | None = None) -> list[str]:
    """The words of a step as the service starts them, references filled in."""
    app = arguments.get("AppSpecification") or arguments["AlgorithmSpecification"]
    return [filled(word, given or {}) for word in (*app["ContainerEntrypoint"], *app["ContainerArguments"])]


def filled(word: Any, given: dict[str, str]) -> str:
    if isinstance(word, str):
        return word
    if "Get" in word:
        return given[word["Get"].removeprefix("Parameters.")]
    return str(word["Std:Join"]["On"].join(filled(part, given) for part in word["Std:Join"]["Values"]))


def test_a_training_prints_what_its_metric_definitions_read(tmp_path: Path) -> None:
    container = Container(tmp_path)
    arguments = step(definition(), "training")["Arguments"]
    done = container.run(command(arguments))
    assert done.returncode == 0, done.stderr
    (metric,) = arguments["AlgorithmSpecification"]["MetricDefinitions"]
    assert [float(n) for n in re.findall(metric["Regex"], done.stdout)] == [0.75]
    seen = json.loads(container.path("/opt/ml/model/seen.json").read_text())
    assert set(seen) == {"train", "model", "metrics", "folds"}


TORCHRUN = """
import json, os, pathlib, sys
names = ("PET_MASTER_ADDR", "PET_MASTER_PORT", "PET_NODE_RANK", "NCCL_SOCKET_IFNAME")
pathlib.Path(__file__).with_name("told.json").write_text(json.dumps([sys.argv[1:], {n: os.environ[n] for n in names}]))
"""


def test_the_console_says_why_a_step_failed(tmp_path: Path) -> None:
    """ExitMessage of a Processing job is what its container wrote to /opt/ml/output/message."""
    container = Container(tmp_path)
    (container.path("/opt/app") / "page.py").write_text("raise SystemExit('no rows on Mondays')")
    given = plan(prepare(), run("page", inputs(rows="prepare.train"), outputs("page")))
    done = container.run(command(step(definition(given), "page")["Arguments"]))
    assert done.returncode == 1
    assert container.path("/opt/ml/output/message").read_text() == "no rows on Mondays"
    (container.path("/opt/app") / "mlopsgen_config").mkdir()
    (container.path("/opt/app") / "mlopsgen_config/contract.json").write_text("{}")
    done = container.run(command(step(definition(given), "prepare")["Arguments"]))
    assert done.returncode == 2
    assert "this runtime reads format 1" in container.path("/opt/ml/output/message").read_text()


def test_machines_of_a_training_meet_where_the_service_says(tmp_path: Path) -> None:
    """Names come from resourceconfig.json, as in sagemaker-training-toolkit, torch_distributed.py: the service may
    change what it calls its machines, and torchrun's c10d would ask the machines themselves."""
    container = Container(tmp_path)
    # Stands in for torchrun, which is not installed here.
    torchrun = container.path("/opt/app/torch/distributed")
    torchrun.mkdir(parents=True)
    (torchrun / "run.py").write_text(TORCHRUN)
    machines = {"current_host": "node-b", "hosts": ["localhost", "node-b"], "network_interface_name": "eth7"}
    container.path("/opt/ml/input/config/resourceconfig.json").write_text(json.dumps(machines))
    given = plan(prepare(), train(resources=Resources(nodes=2), distributed="torchrun"))
    done = container.run(command(step(definition(given), "training")["Arguments"]))
    assert done.returncode == 0, done.stderr
    words, told = json.loads((torchrun / "told.json").read_text())
    assert told == {
        "PET_MASTER_ADDR": "localhost",
        "PET_MASTER_PORT": "29400",
        "PET_NODE_RANK": "1",
        "NCCL_SOCKET_IFNAME": "eth7",
    }
    assert words[:2] == ["--nnodes=2", "--nproc-per-node=1"]
    assert words[2].endswith("/opt/app/train.py")


def test_a_training_is_recorded_in_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    container = Container(tmp_path)
    with serving() as server:
        arguments = step(definition(plan(tracking=Tracking(experiment="churn", mlflow=server.uri))), "training")[
            "Arguments"
        ]
        for name, value in arguments["Environment"].items():
            monkeypatch.setenv(name, value)
        done = container.run(command(arguments))
        assert (done.returncode, done.stderr) == (0, "")
        run = server.run("training")
    assert run["data"]["params"] == [{"key": "folds", "value": "5"}]
    assert {m["key"]: m["value"] for m in run["data"]["metrics"]} == {"accuracy": 0.75, "balanced_accuracy": 0.5}


def test_a_failed_training_leaves_its_reason_where_the_service_shows_it(tmp_path: Path) -> None:
    container = Container(tmp_path)
    container.path("/opt/app/train.py").write_text("raise SystemExit('no rows to train on')")
    done = container.run(command(step(definition(), "training")["Arguments"]))
    assert done.returncode != 0
    assert "no rows to train on" in container.path("/opt/ml/output/failure").read_text()


def test_the_next_step_finds_what_the_training_packed(tmp_path: Path) -> None:
    container = Container(tmp_path)
    reader = run("reader", inputs(model="training.model", scores="training.metrics"), outputs("page"))
    document = definition(plan(prepare(), train(), reader))
    assert container.run(command(step(document, "training")["Arguments"])).returncode == 0
    arguments = step(document, "reader")["Arguments"]
    for item, packed in zip(arguments["ProcessingInputs"], ("/opt/ml/model", "/opt/ml/output/data"), strict=True):
        folder = container.path(item["S3Input"]["LocalPath"])
        folder.mkdir(parents=True)
        with tarfile.open(folder / "packed.tar.gz", "w:gz") as archive:
            for path in sorted(container.path(packed).iterdir()):
                archive.add(path, path.name)
    for output in arguments["ProcessingOutputConfig"]["Outputs"]:
        container.path(output["S3Output"]["LocalPath"]).mkdir(parents=True)
    done = container.run(command(arguments))
    assert done.returncode == 0, done.stderr
    assert container.path("/opt/ml/processing/output/page/found.txt").read_text() == "metrics.json seen.json"


def trial(container: Container, given: Tune, proposed: dict[str, str], **run_values: str) -> dict[str, str]:
    """A trial of a search: the image's own entry point with the bare word `train`."""
    parameters = (*PARAMETERS, RunParameter(name="note", type="string", required=False))
    document = definition(plan(prepare(), given, parameters=parameters))
    static = step(document, "training")["Arguments"]["TrainingJobDefinition"]["StaticHyperParameters"]
    found = {name: filled(value, run_values) for name, value in static.items()} | proposed
    pieces = {
        name: container.here(value) if name.startswith("mlopsgen_command") else value for name, value in found.items()
    }
    container.path("/opt/ml/input/config/hyperparameters.json").write_text(json.dumps(pieces))
    container.path("/opt/app/start.py").write_text(START)
    done = container.run(["python", "/opt/app/start.py"])
    assert done.returncode == 0, done.stderr
    seen: dict[str, str] = json.loads(container.path("/opt/ml/model/seen.json").read_text())
    return seen


def test_a_trial_sees_its_params_as_flags(tmp_path: Path) -> None:
    axes = (Choice("classifier", ("logistic", "forest"), ()), Choice("depth", (2, 4), ()))
    argv = script(
        "train.py", inputs(train="prepare.train"), outputs("model", "metrics"), "folds", "classifier", "depth"
    )
    seen = trial(Container(tmp_path), tune(argv=argv, axes=axes), {"classifier": "forest", "depth": "4"}, folds="5")
    assert (seen["classifier"], seen["depth"], seen["folds"]) == ("forest", "4", "5")


def test_an_empty_optional_parameter_is_no_flag_of_a_trial(tmp_path: Path) -> None:
    axes = (Choice("classifier", ("logistic", "forest"), ()),)
    base = script("train.py", inputs(train="prepare.train"), outputs("model", "metrics"), "classifier")
    argv = (*base, Flag("note", Param("note"), optional=True))
    seen = trial(
        Container(tmp_path),
        tune(argv=argv, axes=axes, params=values(note=Ref("note"))),
        {"classifier": "forest"},
        note="",
    )
    assert "note" not in seen


def test_the_champions_files_arrive_before_the_training(tmp_path: Path) -> None:
    container = Container(tmp_path)
    previous = Input(port="previous", kind=PortKind.MODEL, source=FromRegistry("churn", "champion"), origin=())
    reads = (*inputs(train="prepare.train"), previous)
    given = train(inputs=reads, argv=script("train.py", reads, outputs("model", "metrics")))
    words = command(step(definition(plan(prepare(), given)), "training")["Arguments"])
    registry = tmp_path / "registry"
    local = [word.replace("sagemaker://eu-west-1/churn", f"file://{registry}") for word in words]
    first = container.run(local)
    assert first.returncode == 0, first.stderr
    assert "there is no champion" in first.stdout

    def fill(folder: Path, _: int) -> None:
        (folder / "model").mkdir()
        (folder / "model" / "weights").write_text("7")
        (folder / "version.json").write_text("{}")

    FileRegistry(registry).add(fill, becomes_champion=True)
    assert container.run(local).returncode == 0
    assert container.path("/opt/ml/mlopsgen/fetched/previous/weights").read_text() == "7"
    missing = [word.replace("champion@", "9@") for word in local]
    assert "has no version 9" in container.run(missing).stderr
