"""The examples, trained here for real: what is registered, what a gate refuses, what a kill leaves to do."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.examples.running import Project, a_copy, output, read

pytestmark = pytest.mark.slow

CLASSIFIERS = {"logistic", "tree", "forest", "gboost", "knn", "svc"}
FOLDS = 2
"""Each fold of a trial is one more training of the same kind."""
Finished = Mapping[str, tuple[int, bytes]]


def test_the_flagship_is_killed_goes_on_registers_the_best_and_lets_its_gate_say_no(tmp_path: Path) -> None:
    """One story, since a second training of six classifiers would cost a minute."""
    project = a_copy("schedule-adherence", tmp_path)
    before = _killed_in_the_search(project)
    said = project.run(folds=FOLDS)
    assert said.code == 0, said.progress
    _nothing_was_done_twice(project, before, said.progress)
    _the_best_of_six_is_registered(project, said.summary)
    _a_gate_that_says_no_registers_nothing(project)
    _what_did_not_change_is_not_trained_again(project)


def _killed_in_the_search(project: Project) -> Finished:
    """Kills the run when some trials have ended and others run; what was finished by then."""
    process = project.start(folds=FOLDS)
    try:
        _until(lambda: len(_finished(project)) >= 3, process.poll)
    finally:
        process.kill()
        process.wait()
    finished = _finished(project)
    assert "steps/prepare" in finished
    assert 2 <= len([name for name in finished if "trials" in name]) < len(CLASSIFIERS)
    assert project.versions() == []
    return finished


def _until(there: Callable[[], bool], ended: Callable[[], int | None]) -> None:
    limit = time.monotonic() + 240
    while not there():
        assert ended() is None, "the run ended before it could be killed"
        assert time.monotonic() < limit, "it never came"
        time.sleep(0.02)


def _finished(project: Project) -> Finished:
    """Every command that is done: its folder in the run, when that was written, and what it says."""
    return {
        path.parent.relative_to(run).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for run in project.runs()
        for path in run.rglob("done.json")
    }


def _nothing_was_done_twice(project: Project, before: Finished, progress: str) -> None:
    (run,) = project.runs()
    assert f"goes on with {run.name}: 4 steps" in progress.splitlines()
    assert "= prepare (resumed)" in progress
    after = _finished(project)
    assert {name: after[name] for name in before} == before, "a command that was done was done again"
    started = {
        line.split(":")[0].split()[-1] for line in progress.splitlines() if line.startswith("  … training trial")
    }
    done = {str(int(name.rpartition("/")[2])) for name in before if "trials" in name}
    assert started == {str(number) for number in range(1, 7)} - done


def _the_best_of_six_is_registered(project: Project, summary: str) -> None:
    (run,) = project.runs()
    trials = sorted((run / "steps/training/trials").iterdir())
    assert {read(trial / "params.json")["classifier"] for trial in trials} == CLASSIFIERS
    scores = {trial: read(trial / "outputs/metrics/metrics.json")["accuracy"] for trial in trials}
    best = max(trials, key=lambda trial: scores[trial])
    assert output(run, "training", "metrics", "metrics.json")["accuracy"] == scores[best] > 0.8
    (version,) = project.versions()
    assert version["metrics"] == output(run, "evaluation", "metrics", "metrics.json")
    assert version["metrics"]["accuracy"] > 0.8
    assert version["gate"]["passed"] is True
    assert set(version["gate"]["gates"]) == {"accuracy", "no_worse", "fair"}
    assert version["lineage"]["run"] == run.name
    assert version["card"]["owner"] == "planning-analytics"
    # A person approves this one before it is used.
    assert (version["status"], project.champion()) == ("pending", None)
    folder = project.version(1)
    assert _files(folder / "model") == _files(best / "outputs/model")
    assert {path.name for path in (folder / "figures").iterdir()} == {"confusion.png", "importance.png"}
    assert f"best of 6 trials, classifier={read(best / 'params.json')['classifier']}: accuracy" in summary
    assert "registered  schedule-adherence version 1, which waits for a person's approval: " in summary


def _files(folder: Path) -> Mapping[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _a_gate_that_says_no_registers_nothing(project: Project) -> None:
    said = project.run(folds=FOLDS, min_accuracy=0.999)
    assert said.code == 5
    assert len(project.versions()) == 1
    (reason,) = [line for line in said.progress.splitlines() if "[MG603]" in line]
    assert "accuracy 0.8" in reason
    assert reason.endswith("is not ≥ 0.999")
    assert said.summary.rstrip().endswith("nothing was registered")


def _what_did_not_change_is_not_trained_again(project: Project) -> None:
    said = project.run(folds=FOLDS, approval="automatic")
    assert said.code == 0, said.progress
    assert "= training (cached): taken from an earlier run" in said.progress
    assert "training trial" not in said.progress
    first, second = project.versions()
    assert second["metrics"] == first["metrics"]
    assert second["model_digest"] == first["model_digest"]
    assert (second["status"], project.champion()) == ("approved", 2)


@pytest.mark.soak  # it runs on this machine for the other targets too: tests/targets/here.py
def test_wine_is_searched_judged_and_registered_without_a_script(tmp_path: Path) -> None:
    project = a_copy("wine", tmp_path)
    said = project.run(trials=2)
    assert said.code == 0, said.progress
    (run,) = project.runs()
    trials = [read(path)["f1_macro"] for path in run.glob("steps/training/trials/*/outputs/metrics/metrics.json")]
    assert len(trials) == 2
    assert output(run, "training", "metrics", "metrics.json")["f1_macro"] == max(trials)
    (version,) = project.versions()
    assert version["metrics"]["f1_macro"] > 0.9
    assert (version["status"], project.champion()) == ("approved", 1)
    figures = {path.name for path in (project.version(1) / "figures").iterdir()}
    assert {"confusion.png", "roc.png", "explanation.png"} <= figures
    assert "importance.png" not in figures, "by permutation the explanation is the same picture"
    assert re.search(r"^report +\S+/explanation\.png$", said.summary, re.MULTILINE), (
        "reports are listed as pictures are"
    )


def test_diabetes_is_compared_with_its_champion_and_comes_out_the_same(tmp_path: Path) -> None:
    project = a_copy("diabetes", tmp_path)
    assert project.run().code == 0
    shutil.rmtree(project.folder / ".mlopsgen" / "cache")
    said = project.run()
    assert said.code == 0, said.progress
    assert "(cached)" not in said.progress
    one, two = project.runs()
    for step in ("training", "evaluation"):
        assert output(one, step, "metrics", "metrics.json") == output(two, step, "metrics", "metrics.json")
    first, second = (version["gate"]["gates"]["no_worse"]["reason"] for version in project.versions())
    assert first == "no champion yet, so gate `no_worse` holds"
    assert "champion" in second
    assert "no champion yet" not in second
    assert project.champion() == 2
    assert (two / "steps/summary/outputs/page").is_dir()
    assert two.name in next((two / "steps/logbook/outputs/note").iterdir()).read_text()
    assert project.score() == 0
    (part,) = project.folder.glob("out/visits/run=*/part-*.jsonl")
    visits = [json.loads(line) for line in part.read_text().splitlines()]
    assert [list(one) for one in visits] == [["patient_id", "prediction", "outside"]] * 11
    assert all(25 <= one["prediction"] <= 346 for one in visits)
