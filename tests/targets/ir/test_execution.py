"""Emitted pipelines run: every step really, and the outcome is the one that `mlopsgen run` has."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.bundle import write
from mlopsgen.compile import Asked, compile_spec
from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.local import target as here

from .conftest import Start
from .executor.document import Refused
from .executor.run import CACHED, FAILED, SKIPPED, SUCCEEDED, Run
from .executor.world import World

pytestmark = pytest.mark.slow
AGAIN = pytest.mark.soak
"""Kubeflow and Vertex AI run the same example with every test run; here a platform without services does."""


def test_diabetes_runs_registers_and_meets_its_champion(submitted: Start, tmp_path: Path) -> None:
    world = submitted("diabetes")
    refused = world.start(alpha=-1.0)
    assert refused.status == FAILED
    assert "alpha is at least 0" in refused.said["parameters-out-of-bounds"]
    assert set(refused.said) == {"parameters-out-of-bounds", "logbook"}

    first = world.start()
    assert first.status == SUCCEEDED, first.said
    assert {first.tasks[name] for name in ("join", "summary", "training", "evaluation", "registry")} == {SUCCEEDED}
    assert json.loads((world.path(first, "logbook", "note") / "note.json").read_text())["run"] == first.number
    assert metrics(world, first) == ran_here(world, tmp_path)
    assert told(first) == metrics(world, first)

    second = world.start(max_error=1.0, with_summary=False)
    assert second.status == SUCCEEDED, second.said
    assert {second.tasks[name] for name in ("prepare", "join", "training")} == {CACHED}
    assert second.made["evaluation"].parameters["passed"] is False
    assert not {"registry", "summary"} & set(second.tasks)
    assert sorted(second.tasks.values()).count(SKIPPED) == 3
    assert "version 1" in said(world, second)["gates"]["no_worse"]["reason"]
    with pytest.raises(Refused):
        world.start(max_error="much")


@AGAIN
def test_wine_tries_what_the_search_here_tries(submitted: Start, tmp_path: Path) -> None:
    world = submitted("wine")
    run = world.start(trials=2)
    assert run.status == SUCCEEDED, run.said
    assert run.tasks["training-propose"] == SUCCEEDED
    assert {name for name in run.tasks if name.startswith("training-trial")} == {
        "training-trial[0]",
        "training-trial[1]",
    }
    assert metrics(world, run) == ran_here(world, tmp_path, trials="2")
    assert run.tasks["registry"] == SUCCEEDED


@AGAIN
def test_the_flagship_fails_where_its_gates_do(submitted: Start, tmp_path: Path) -> None:
    changes = {"[logistic, tree, forest, gboost, knn, svc]": "[logistic, tree, knn]", "failure: stop": "failure: fail"}
    world = submitted("schedule-adherence", changes)
    failed = world.start(folds=2, min_accuracy=0.999)
    assert failed.status == FAILED
    assert "The gates did not hold" in failed.said["evaluation-gate-failed"]
    assert "registry-manual" not in failed.tasks

    passed = world.start(folds=2)
    assert passed.status == SUCCEEDED, passed.said
    assert passed.tasks["registry-manual"] == SUCCEEDED
    assert "registry" not in passed.tasks
    assert metrics(world, passed) == ran_here(world, tmp_path, folds="2")
    with pytest.raises(Refused):
        world.start(folds=True)


def metrics(world: World, run: Run) -> Any:
    """What the evaluation of a run measured."""
    return json.loads((world.path(run, "evaluation", "metrics") / "metrics.json").read_text())


def told(run: Run) -> Any:
    """The same numbers, as the platform was told them."""
    return run.made["evaluation"].artifacts["metrics"][0]["metadata"]


def said(world: World, run: Run) -> Any:
    """What the gates said."""
    return json.loads((world.path(run, "evaluation", "gate") / "gate.json").read_text())


def ran_here(world: World, tmp_path: Path, **given: str) -> Any:
    """The evaluation's metrics of the same spec on this machine."""
    project = world.bundle.parents[1]
    spec, folder = project / "spec.yaml", tmp_path / "here"
    write(compile_spec(Asked(spec, spec.read_bytes()), "local").bundle, folder)
    wrong: list[Diagnostic] = []
    ran = here.run(folder, project, given, parallel=2, isolated=False, show=StringIO(), tell=wrong.extend)
    assert ran.exit_code == 0, wrong
    (path,) = project.glob(".mlopsgen/runs/*/steps/evaluation/outputs/metrics/metrics.json")
    return json.loads(path.read_text())
