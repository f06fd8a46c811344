"""Emitted bundles run: every step really, and the outcome is the one that `mlopsgen run` has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.targets.here import Here, Shared
from tests.targets.ir.executor.document import Refused
from tests.targets.ir.executor.run import CACHED, FAILED, SKIPPED, SUCCEEDED, Run

from .conftest import Project, Submit

pytestmark = pytest.mark.slow


def test_diabetes_runs_registers_and_meets_its_champion(submitted: Submit, here: Shared) -> None:
    project = submitted("diabetes")
    refused = project.world.start(alpha=-1.0)
    assert refused.status == FAILED
    assert "alpha is at least 0" in refused.said["parameters-out-of-bounds"]

    first = project.world.start()
    assert first.status == SUCCEEDED, first.said
    assert metrics(project, first) == here.run(project.folder).metrics()
    note = project.world.path(first, "logbook", "note") / "note.json"
    assert json.loads(note.read_text())["run"] == first.number
    (version,) = project.versions("diabetes")
    assert version["versionAliases"] == ["default", "champion"]
    assert version["versionDescription"].startswith(f"approved; {first.number}; ")
    assert about(project, version)["metrics"] == metrics(project, first)
    assert about(project, version)["version"] == 1
    assert project.google.contexts == {"diabetes": [first.number]}
    (evaluation,) = project.google.evaluations[f"{version['name']}@1"]
    assert evaluation["metrics"]["rSquared"] == metrics(project, first)["r2"]

    second = project.world.start(max_error=1.0, with_summary=False)
    assert second.status == SUCCEEDED, second.said
    assert {second.tasks[name] for name in ("prepare", "join", "training")} == {CACHED}
    assert second.made["evaluation"].parameters["passed"] is False
    assert "version 1" in gate(project, second)["gates"]["no_worse"]["reason"]
    assert not {"registry", "summary"} & set(second.tasks)
    assert SKIPPED in second.tasks.values()
    assert len(project.versions("diabetes")) == 1
    with pytest.raises(Refused):
        project.world.start(max_error="much")


@pytest.mark.soak  # the service searches in test_small.py too, and the flagship is searched here
def test_wine_is_searched_by_the_service(submitted: Submit, here: Shared) -> None:
    project = submitted("wine")
    done = here.run(project.folder, trials="2")
    expected = done.metrics()
    tried = list(draws(done))
    project.jobs.propose = lambda _study, count: tried[:count]
    change(project, "--f1_macro.at_least=0.9", "--f1_macro.at_least=1.5")
    stopped = project.world.start(trials=2)
    assert stopped.status == SUCCEEDED, stopped.said
    assert "registry" not in stopped.tasks
    assert project.google.models == {}
    ((kind, request),) = project.jobs.requests
    assert (kind, request["max_trial_count"]) == ("HyperparameterTuningJob", 2)

    change(project, "--f1_macro.at_least=1.5", "--f1_macro.at_least=0.9")
    passed = project.world.start(trials=2)
    assert passed.status == SUCCEEDED, passed.said
    assert passed.tasks["training-search"] == CACHED
    assert metrics(project, passed) == expected
    (version,) = project.versions("wine")
    assert about(project, version)["metrics"] == expected


def test_the_flagship_asks_a_person_to_approve(submitted: Submit, here: Shared) -> None:
    changes = {"[logistic, tree, forest, gboost, knn, svc]": "[logistic, tree, knn]", "failure: stop": "failure: fail"}
    project = submitted("schedule-adherence", changes)
    failed = project.world.start(folds=2, min_accuracy=0.999)
    assert failed.status == FAILED
    assert "The gates did not hold" in failed.said["evaluation-gate-failed"]
    assert project.google.models == {}

    passed = project.world.start(folds=2)
    assert passed.status == SUCCEEDED, passed.said
    (version,) = project.versions("schedule-adherence")
    assert version["versionAliases"] == ["default"]
    assert version["versionDescription"].startswith("waits for approval; ")
    assert metrics(project, passed) == here.run(project.folder, folds="2").metrics()


def metrics(project: Project, run: Run) -> Any:
    """What the evaluation of a run measured."""
    return json.loads((project.world.path(run, "evaluation", "metrics") / "metrics.json").read_text())


def gate(project: Project, run: Run) -> Any:
    """What the gates said."""
    return json.loads((project.world.path(run, "evaluation", "gate") / "gate.json").read_text())


def about(project: Project, version: Mapping[str, Any]) -> Any:
    """What is kept beside a version's files, which lie outside of every run."""
    place = project.world.machine.path(version["artifactUri"])
    assert any(place.iterdir())
    assert "/runs/" not in version["artifactUri"]
    return json.loads((place.parent / "version.json").read_text())


def change(project: Project, old: str, new: str) -> None:
    path = project.bundle / "pipeline.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def draws(done: Here) -> Iterator[dict[str, str]]:
    """What the search on this machine tried, as the service hands params over."""
    for drawn in done.draws():
        yield {name: value if isinstance(value, str) else json.dumps(value) for name, value in drawn.items()}
