"""Emitted pipelines run: every step really, and the outcome is the one that `mlopsgen run` has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.targets.here import Shared

from .conftest import Start
from .executor.document import Refused
from .executor.run import CACHED, FAILED, SKIPPED, SUCCEEDED, Run
from .executor.world import World

pytestmark = pytest.mark.slow
AGAIN = pytest.mark.soak
"""Kubeflow and Vertex AI run the same example with every test run; here a platform without services does."""


@AGAIN
def test_diabetes_runs_registers_and_meets_its_champion(submitted: Start, here: Shared) -> None:
    world = submitted("diabetes")
    refused = world.start(alpha=-1.0)
    assert refused.status == FAILED
    assert "alpha is at least 0" in refused.said["parameters-out-of-bounds"]
    assert set(refused.said) == {"parameters-out-of-bounds", "logbook"}

    first = world.start()
    assert first.status == SUCCEEDED, first.said
    assert {first.tasks[name] for name in ("join", "summary", "training", "evaluation", "registry")} == {SUCCEEDED}
    assert json.loads((world.path(first, "logbook", "note") / "note.json").read_text())["run"] == first.number
    assert metrics(world, first) == here.run(world.bundle.parents[1]).metrics()
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
def test_wine_tries_what_the_search_here_tries(submitted: Start, here: Shared) -> None:
    world = submitted("wine")
    run = world.start(trials=2)
    assert run.status == SUCCEEDED, run.said
    assert run.tasks["training-propose"] == SUCCEEDED
    assert {name for name in run.tasks if name.startswith("training-trial")} == {
        "training-trial[0]",
        "training-trial[1]",
    }
    assert metrics(world, run) == here.run(world.bundle.parents[1], trials="2").metrics()
    assert run.tasks["registry"] == SUCCEEDED


@AGAIN
def test_the_flagship_fails_where_its_gates_do(submitted: Start, here: Shared) -> None:
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
    assert metrics(world, passed) == here.run(world.bundle.parents[1], folds="2").metrics()
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
