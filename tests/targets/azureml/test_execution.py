"""Emitted bundles run: every step really, and the outcome is the one that `mlopsgen run` has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.targets.here import Shared

from .conftest import Emit
from .executor.bundle import Emitted
from .executor.pipeline import Refused, Run
from .executor.world import submitted

pytestmark = pytest.mark.slow

FALTERING = """
from pathlib import Path
tried = Path(__file__).with_name("tried")
if not tried.exists():
    tried.touch()
    raise SystemExit("the first attempt fails")
"""


def test_diabetes_runs_registers_and_meets_its_champion(emitted: Emit, tmp_path: Path, here: Shared) -> None:
    bundle = emitted("diabetes")
    world = submitted(bundle, tmp_path / "azure")
    with pytest.raises(Refused, match="out of bounds"):
        world.start(alpha=-1.0)
    with pytest.raises(Refused, match="is no number"):
        world.start(max_error="much")

    join = world.machine.app / "join.py"
    script = join.read_text()
    join.write_text(faltering(script))
    join_waits(world.bundle)
    first = world.start()
    assert first.status == "Completed", first.reason
    assert "attempt 2 of 3" in first.said["join"]
    assert {"join", "summary", "training", "evaluation", "registry", "logbook"} <= set(first.steps)
    assert note(first) == first.name
    (version,) = world.versions("diabetes")
    assert version["metrics"] == here.run(bundle.project).metrics()
    assert version["lineage"]["run"] == first.name
    assert version["card"]["intended_use"] == "Research"
    assert world.champion("diabetes") == 1

    second = world.start(max_error=1.0, with_summary="false")
    assert second.status == "Completed", second.reason
    assert {second.steps[name] for name in ("prepare", "join", "training")} == {"Reused"}
    assert "skipped: `when` is false" in second.said["summary"]
    assert not [*second.outputs["summary", "page"].iterdir()]
    assert gate(second)["passed"] is False
    assert "version 1" in gate(second)["gates"]["no_worse"]["reason"]
    assert "nothing is registered" in second.said["registry"]
    assert len(world.versions("diabetes")) == 1

    join.write_text("raise SystemExit('broken for good')\n")
    world.reused.clear()
    broken = world.start()
    assert broken.status == "Failed"
    assert "broken for good" in broken.reason
    assert "training" not in broken.steps
    assert note(broken) == broken.name


def test_wine_searches_with_the_draws_of_the_service(emitted: Emit, tmp_path: Path, here: Shared) -> None:
    bundle = emitted("wine")
    done = here.run(bundle.project, trials="2")
    expected = done.metrics()
    drawn = list(done.draws())
    assert len(drawn) == 2
    world = submitted(bundle, tmp_path / "azure", lambda _: iter(drawn))
    few = {"jobs.training.limits.max_total_trials": 2}
    change(bundle, "--f1_macro.at_least=0.9", "--f1_macro.at_least=1.5")
    stopped = world.start(few)
    assert stopped.status == "Completed", stopped.reason
    assert world.versions("wine") == []

    change(bundle, "--f1_macro.at_least=1.5", "--f1_macro.at_least=0.9")
    passed = world.start(few)
    assert passed.status == "Completed", passed.reason
    assert passed.steps["training"] == "Reused"
    (version,) = world.versions("wine")
    assert version["metrics"] == expected


def test_the_flagship_asks_a_person_to_approve(emitted: Emit, tmp_path: Path, here: Shared) -> None:
    bundle = emitted(
        "schedule-adherence",
        {"[logistic, tree, forest, gboost, knn, svc]": "[logistic, tree, knn]", "failure: stop": "failure: fail"},
    )
    world = submitted(bundle, tmp_path / "azure")
    failed = world.start(folds=2, min_accuracy=0.999)
    assert failed.status == "Failed"
    assert failed.steps["registry"] == "Failed"
    assert "nothing is registered" in failed.reason
    assert world.versions("schedule-adherence") == []

    passed = world.start(folds=2)
    assert passed.status == "Completed", passed.reason
    (version,) = world.versions("schedule-adherence")
    assert version["status"] == "pending"
    assert version["tags"]["cost-center"] == "4711"
    assert world.champion("schedule-adherence") is None
    assert version["metrics"] == here.run(bundle.project, folds="2").metrics()
    with pytest.raises(Refused, match="is none of"):
        world.start(approval="nobody")


def faltering(script: str) -> str:
    head, future, rest = script.partition("from __future__ import annotations\n")
    return f"{head}{future}{FALTERING}{rest}" if future else FALTERING + script


def join_waits(bundle: Emitted) -> None:
    """Nobody waits ten seconds in a test."""
    change(bundle, "--backoff=10", "--backoff=1", "components/join.yml")


def gate(run: Run) -> Any:
    return json.loads((run.outputs["evaluation", "gate"] / "gate.json").read_text())


def note(run: Run) -> Any:
    """The run that the exit handler wrote about."""
    return json.loads((run.outputs["logbook", "note"] / "note.json").read_text())["run"]


def change(bundle: Emitted, old: str, new: str, file: str = "components/evaluation.yml") -> None:
    path = bundle.folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
