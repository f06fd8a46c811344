"""Emitted bundles run: every step really, and the outcome is the one that `mlopsgen run` has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.targets.here import Shared
from tests.targets.ir.executor.document import Refused
from tests.targets.ir.executor.run import CACHED, FAILED, SKIPPED, SUCCEEDED, Run

from .conftest import Submit
from .executor.cluster import Namespace

pytestmark = pytest.mark.slow
SCHEDULED = Run("").scheduled


def test_diabetes_runs_registers_and_meets_its_champion(submitted: Submit, here: Shared) -> None:
    there = submitted("diabetes")
    refused = there.world.start(alpha=-1.0)
    assert refused.status == FAILED
    assert "alpha is at least 0" in refused.said["parameters-out-of-bounds"]
    assert set(refused.said) == {"parameters-out-of-bounds", "logbook"}

    first = there.world.start()
    assert first.status == SUCCEEDED, first.said
    assert metrics(there, first) == here.run(there.folder).metrics()
    registry = "s3://acme-ml/diabetes/registry/diabetes"
    assert there.stored(f"{registry}/champion.json") == {"version": 1}
    version = there.stored(f"{registry}/versions/1/version.json")
    assert version["metrics"] == metrics(there, first)
    assert version["lineage"]["run"] == first.number
    assert version["card"] == {"owner": "clinic-statistics", "intended_use": "Research"} | {
        "limits": "442 patients of one study"
    }

    second = there.world.start(max_error=1.0, with_summary=False)
    assert second.status == SUCCEEDED, second.said
    assert {second.tasks[name] for name in ("prepare", "join", "training")} == {CACHED}
    assert second.made["evaluation"].parameters["passed"] is False
    assert "version 1" in gate(there, second)["gates"]["no_worse"]["reason"]
    assert not {"registry", "summary"} & set(second.tasks)
    assert SKIPPED in second.tasks.values()
    assert there.stored(f"{registry}/counter.json") == {"taken": 1}
    with pytest.raises(Refused):
        there.world.start(max_error="much")


def test_wine_is_registered_in_kubeflows_own_registry(submitted: Submit, here: Shared) -> None:
    there = submitted("wine")
    change(there, "--f1_macro.at_least=0.9", "--f1_macro.at_least=1.5")
    stopped = there.world.start(trials=2)
    assert stopped.status == SUCCEEDED, stopped.said
    assert "registry" not in stopped.tasks
    assert there.models.versions == []

    change(there, "--f1_macro.at_least=1.5", "--f1_macro.at_least=0.9")
    passed = there.world.start(trials=2)
    assert passed.status == SUCCEEDED, passed.said
    # One that failed ends well, too, so no trial is taken over from an earlier run.
    trials = {t for n, t in passed.tasks.items() if n.startswith("training-trial[")}
    assert trials
    assert CACHED not in trials
    assert metrics(there, passed) == here.run(there.folder, trials="2").metrics()
    (version,) = there.models.versions
    told = {k: v["double_value"] for k, v in version["customProperties"].items() if k.startswith("metric:")}
    assert told == {f"metric:{name}": value for name, value in metrics(there, passed).items()}
    (artifact,) = there.models.artifacts
    assert artifact["uri"].startswith("minio://mlpipeline/private-artifacts/cellar/wine/registry/wine/files/")
    assert list(there.world.machine.path(artifact["uri"]).iterdir())
    assert there.models.models[0]["customProperties"]["mlopsgen_champion"]["string_value"] == "1"


@pytest.mark.soak  # Katib searches in test_objects_run.py too; gates that fail and approvals run on Vertex AI
def test_the_flagship_is_searched_by_katib(submitted: Submit, here: Shared) -> None:
    there = submitted(
        "schedule-adherence",
        {"[logistic, tree, forest, gboost, knn, svc]": "[logistic, tree, knn]", "failure: stop": "failure: fail"},
    )
    failed = there.world.start(folds=2, min_accuracy=0.999)
    assert failed.status == FAILED
    assert "The gates did not hold" in failed.said["evaluation-gate-failed"]
    assert [trial["classifier"] for trial in there.objects.trials] == ["logistic", "tree", "knn"]
    assert there.objects.there == {}, "what a step makes it deletes"

    passed = there.world.start(folds=2)
    assert passed.status == SUCCEEDED, passed.said
    assert passed.tasks["training-search"] == CACHED
    assert "the best trial is" in failed.said["training-search"]
    assert metrics(there, passed) == here.run(there.folder, folds="2").metrics()
    registry = "s3://acme-ml/schedule-adherence/registry/schedule-adherence"
    assert there.stored(f"{registry}/versions/1/version.json")["status"] == "pending"
    assert not there.world.machine.path(f"{registry}/champion.json").exists()
    assert "registry" not in passed.tasks
    with pytest.raises(Refused):
        there.world.start(folds=True)


def metrics(there: Namespace, run: Run) -> Any:
    """What the evaluation of a run measured."""
    return json.loads((there.world.path(run, "evaluation", "metrics") / "metrics.json").read_text())


def gate(there: Namespace, run: Run) -> Any:
    """What the gates said."""
    return json.loads((there.world.path(run, "evaluation", "gate") / "gate.json").read_text())


def change(there: Namespace, old: str, new: str) -> None:
    path = there.bundle / "pipeline.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_wine_is_scored_for_the_day_that_a_run_was_meant_for_or_another_one_by_hand(submitted: Submit) -> None:
    there = submitted("wine")
    store, training = "minio://mlpipeline/private-artifacts/cellar/wine", there.world.file
    rows = (there.folder / "data/wine.csv").read_text().splitlines()
    for day, count in (("2026-11-20", 5), (SCHEDULED[:10], 19)):
        place = there.world.machine.path(f"{store}/new/{day}/late.csv")
        place.parent.mkdir(parents=True)
        place.write_text("\n".join(rows[: count + 1]) + "\n")
    there.world.file = "deployments/nightly.yaml"
    assert there.world.start().status != SUCCEEDED, "there is no champion yet"

    there.world.file = training
    assert there.world.start(trials=2).status == SUCCEEDED
    there.world.file = "deployments/nightly.yaml"
    clock, by_hand = there.world.start(), there.world.start(**{"scheduled-at": "2026-11-20T03:00:00Z"})
    assert (clock.status, by_hand.status) == (SUCCEEDED, SUCCEEDED), (clock.said, by_hand.said)
    runs = [there.stored(f"{store}/out/nightly/run={run.number}/_SUCCESS") for run in (clock, by_hand)]
    assert [one["records"]["scored"] for one in runs] == [19, 5]
