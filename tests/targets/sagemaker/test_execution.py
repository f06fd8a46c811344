"""Emitted bundles run: every step really, and the outcome is the one that `mlopsgen run` has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.targets.here import Here, Shared

from .conftest import Emit
from .executor.bundle import Emitted
from .executor.container import Rewritten, container
from .executor.pipeline import Refused
from .executor.world import World, submitted

pytestmark = pytest.mark.slow


def test_diabetes_runs_registers_and_meets_its_champion(emitted: Emit, tmp_path: Path, here: Shared) -> None:
    bundle = emitted("diabetes")
    with submitted(bundle, tmp_path / "aws", Rewritten()) as world:
        refused = world.start(alpha=-1.0)
        assert refused.status == "Failed"
        assert "alpha is at least 0" in refused.reason
        # Conditions cost nothing and are asked at once; no job starts.
        conditions = {"parameter-bounds", "when-with-summary"}
        assert set(refused.steps) == {*conditions, "parameters-out-of-bounds", "logbook"}

        first = world.start()
        assert first.status == "Succeeded", first.reason
        assert {"join", "summary", "training", "evaluation", "registry"} <= set(first.steps)
        assert note(world, "logbook") == f"{RUNS}/{first.number}"
        assert metrics(registered(world, bundle), world) == here.run(bundle.project).metrics()

        second = world.start(max_error=1.0, with_summary=False)
        assert second.status == "Succeeded"
        assert {second.steps[name] for name in ("prepare", "join", "training")} == {"Cached"}
        assert not {"registry", "summary"} & set(second.steps)
        assert gate(world, second.number)["passed"] is False
        assert "model-package/diabetes/1" in gate(world, second.number)["gates"]["no_worse"]["reason"]
        assert len(world.registry.versions("diabetes")) == 1
        with pytest.raises(Refused):
            world.start(max_error="much")


def test_wine_searches_with_the_draws_of_the_service(emitted: Emit, tmp_path: Path, here: Shared) -> None:
    bundle = emitted("wine")
    done = here.run(bundle.project, trials="2")
    expected = done.metrics()
    drawn = list(draws(done))
    assert len(drawn) == 2
    with submitted(bundle, tmp_path / "aws", container(), lambda _: iter(drawn)) as world:
        change(bundle, "--f1_macro.at_least=0.9", "--f1_macro.at_least=1.5")
        stopped = world.start(trials=2)
        assert stopped.status == "Succeeded", stopped.reason
        assert stopped.steps["training"] == "Succeeded"
        assert "registry" not in stopped.steps
        assert world.registry.versions("wine") == []

        change(bundle, "--f1_macro.at_least=1.5", "--f1_macro.at_least=0.9")
        passed = world.start(trials=2)
        assert passed.status == "Succeeded", passed.reason
        assert passed.steps["training"] == "Cached"
        assert metrics(registered(world, bundle), world) == expected


def test_wine_scores_at_night_what_arrived_that_day(emitted: Emit, tmp_path: Path, here: Shared) -> None:
    bundle = emitted("wine")
    drawn = list(draws(here.run(bundle.project, trials="2")))
    with submitted(bundle, tmp_path / "aws", container(), lambda _: iter(drawn)) as world:
        place = world.storage.path("s3://acme-ml/wine/new/2026-11-30/late.csv")
        place.parent.mkdir(parents=True)
        rows = (bundle.project / "data/wine.csv").read_text().splitlines()
        place.write_text("\n".join([*rows[:20], rows[1].replace(rows[1].split(",")[1], "much", 1)]) + "\n")
        nobody = world.clock("nightly", "2026-11-30T03:00:00Z")
        assert nobody.status == "Failed"
        assert "no version in sagemaker://eu-west-1/wine is in use yet" in nobody.reason

        assert world.start(trials=2).status == "Succeeded"
        scored = world.clock("nightly", "2026-11-30T03:00:00Z")
        assert scored.status == "Succeeded", scored.reason
        folder = world.storage.path(f"s3://acme-ml/wine/out/nightly/run={scored.number}")
        success = json.loads((folder / "_SUCCESS").read_text())
        assert success["records"] == {"read": 20, "scored": 19, "bad": 1}
        assert len((folder / "part-00000.csv").read_text().splitlines()) == 20
        assert world.clock("nightly", "2026-12-01T03:00:00Z").status == "Succeeded"


def test_the_flagship_asks_a_person_to_approve(emitted: Emit, tmp_path: Path, here: Shared) -> None:
    bundle = emitted(
        "schedule-adherence",
        {"[logistic, tree, forest, gboost, knn, svc]": "[logistic, tree, knn]", "failure: stop": "failure: fail"},
    )
    with submitted(bundle, tmp_path / "aws", container()) as world:
        failed = world.start(folds=2, min_accuracy=0.999)
        assert failed.status == "Failed"
        assert "The gates did not hold" in failed.reason
        assert world.registry.versions("schedule-adherence") == []

        passed = world.start(folds=2)
        assert passed.status == "Succeeded", passed.reason
        version = registered(world, bundle)
        assert version["ModelApprovalStatus"] == "PendingManualApproval"
        assert metrics(version, world) == here.run(bundle.project, folds="2").metrics()
        with pytest.raises(Refused):
            world.start(approval="nobody")


RUNS = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/diabetes/execution"


def registered(world: World, bundle: Emitted) -> dict[str, Any]:
    """The one version, which has a model."""
    (version,) = world.registry.versions(bundle.project.name)
    return version


def metrics(version: dict[str, Any], world: World) -> Any:
    """What a version is registered with."""
    uri = version["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    return json.loads(world.storage.path(uri).read_text())


def gate(world: World, run: str) -> Any:
    uri = f"s3://acme-ml/{world.bundle.project.name}/models/{run}/evaluation/gate/gate.json"
    return json.loads(world.storage.path(uri).read_text())


def note(world: World, step: str) -> Any:
    """The run that the last run's exit handler wrote about."""
    path = max(world.storage.path("s3://acme-ml/diabetes/runs").glob(f"*/{step}/note/note.json"))
    return json.loads(path.read_text())["run"]


def change(bundle: Emitted, old: str, new: str) -> None:
    path = bundle.folder / "pipeline.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def draws(done: Here) -> Iterator[dict[str, str]]:
    """What the search on this machine tried, as the service hands over hyperparameters."""
    for drawn in done.draws():
        yield {name: value if isinstance(value, str) else json.dumps(value) for name, value in drawn.items()}
