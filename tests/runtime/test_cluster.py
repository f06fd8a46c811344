"""Objects that a step makes in a cluster: made, waited for, always deleted, with what a run says put in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from mlopsgen.runtime import cluster, kubernetes
from mlopsgen.runtime.problems import Failed, Usage

from .fake_http import Handler, serving

Node: TypeAlias = dict[str, Any]
ENDED = {"type": "Succeeded", "status": "True", "message": "max trial count has reached"}
OPTIMAL = {
    "bestTrialName": "t-1",
    "parameterAssignments": [{"name": "depth", "value": "7"}, {"name": "rate", "value": "0.01"}],
    "observation": {"metrics": [{"name": "f1", "latest": "0.9"}]},
}


@dataclass
class Told:
    """What the API was asked, and what it answers to each GET in turn; the last answer stays."""

    statuses: list[Node] = field(default_factory=list)
    refuse: list[int] = field(default_factory=list)
    """Statuses of the next answers, whatever is asked."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    made: list[Node] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)


class Api(Handler):
    told: Told

    def post(self) -> None:
        body = json.loads(self.body())
        self._answer(201, lambda: self.told.made.append(body))

    def get(self) -> None:
        status = self.told.statuses[0] if len(self.told.statuses) == 1 else self.told.statuses.pop(0)
        self._answer(200, lambda: None, {"status": status})

    def delete(self) -> None:
        self.body()
        self._answer(200, lambda: None)

    def _answer(self, status: int, done: Any, body: Node | None = None) -> None:
        self.told.asked.append((self.command, self.path))
        self.told.tokens.append(self.headers.get("Authorization"))
        if self.told.refuse:
            said = self.told.refuse.pop(0)
            self.answer(said, json.dumps({"kind": "Status", "message": f"said {said}"}).encode())
            return
        done()
        kind = {"kind": "Experiment", "metadata": {"name": "x"}}
        self.answer(status, json.dumps({**kind, **(body or {})}).encode())


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture(autouse=True)
def api(told: Told, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("mlopsgen.runtime.cluster.time.sleep", lambda _: None)
    for name in ("KFP_POD_NAME", "KFP_POD_UID", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    with serving(Api, told=told) as address:
        monkeypatch.setenv("KUBERNETES_API", address)
        yield address


def experiment(folder: Path, **spec: Any) -> Path:
    path = folder / "object.json"
    args = ["step", "--load=/in=", "--folds="]
    body = {
        "apiVersion": "kubeflow.org/v1beta1",
        "kind": "Experiment",
        "metadata": {"name": "churn-training", "namespace": "ml"},
        "spec": {"maxTrialCount": 6, "parallelTrialCount": 3, "args": args, **spec},
    }
    path.write_text(json.dumps(body))
    return path


def run(path: Path, *more: str) -> int:
    return cluster.run([f"--object={path}", *more])


def test_the_best_trials_params_are_handed_on(told: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    going = {"conditions": [{"type": "Running", "status": "True"}], "trialsRunning": 2}
    told.statuses = [{}, going, going, {"conditions": [ENDED], "currentOptimalTrial": OPTIMAL}]
    best = tmp_path / "deep" / "best"
    assert run(experiment(tmp_path), f"--best={best}", "--set=/spec/args/2=--folds=5") == 0
    assert json.loads(best.read_text()) == {"depth": "7", "rate": "0.01"}
    (made,) = told.made
    name = made["metadata"]["name"]
    assert name.startswith("churn-training-")
    assert len(name) == len("churn-training-") + 8
    assert made["spec"]["args"] == ["step", "--load=/in=", "--folds=5"]
    place = "/apis/kubeflow.org/v1beta1/namespaces/ml/experiments"
    assert told.asked[0] == ("POST", place)
    assert told.asked[-1] == ("DELETE", f"{place}/{name}")
    said = capsys.readouterr().out
    assert said.count("trials: 2 running") == 1
    assert "the best trial is t-1: f1 0.9" in said


def test_what_a_run_says_is_no_expression(told: Told, tmp_path: Path) -> None:
    told.statuses = [{"conditions": [ENDED], "currentOptimalTrial": OPTIMAL}]
    run(experiment(tmp_path), "--set=/spec/args/2=--note=5$ $(HOME) $$")
    assert told.made[0]["spec"]["args"][2] == "'--note=5$$ $$(HOME) $$$$'", "one word of a shell"
    with pytest.raises(Usage, match="cannot hold"):
        run(experiment(tmp_path), "--set=/spec/args/2=--note=${trialParameters.depth}")
    assert len(told.made) == 1


def test_counts_stay_numbers_and_fit_each_other(told: Told, tmp_path: Path) -> None:
    told.statuses = [{"conditions": [ENDED], "currentOptimalTrial": OPTIMAL}]
    run(experiment(tmp_path, maxFailedTrialCount=4), "--set=/spec/maxTrialCount=2.0")
    spec = told.made[0]["spec"]
    assert (spec["maxTrialCount"], spec["parallelTrialCount"], spec["maxFailedTrialCount"]) == (2, 2, 2)


@pytest.mark.parametrize("pointer", ["/spec/none/3", "/spec/args/9", "/spec/args/x", "/spec/args"])
def test_a_place_that_is_not_there_is_refused(told: Told, tmp_path: Path, pointer: str) -> None:
    if pointer == "/spec/args":
        with pytest.raises(Usage, match="POINTER=TEXT"):
            run(experiment(tmp_path), f"--set={pointer}")
    else:
        with pytest.raises(Usage, match="does not have"):
            run(experiment(tmp_path), f"--set={pointer}=x")
    assert told.asked == []


def test_a_failed_object_is_said_and_deleted(told: Told, tmp_path: Path) -> None:
    told.statuses = [{"conditions": [{"type": "Failed", "status": "True", "message": "max failed trial count"}]}]
    with pytest.raises(Failed, match=r"Experiment churn-training-.* failed: max failed trial count"):
        run(experiment(tmp_path))
    assert told.asked[-1][0] == "DELETE"


def test_no_best_trial_is_a_failure(told: Told, tmp_path: Path) -> None:
    told.statuses = [{"conditions": [ENDED]}]
    with pytest.raises(Failed, match="no best trial"):
        run(experiment(tmp_path), f"--best={tmp_path}/best")
    assert not (tmp_path / "best").exists()


def test_a_search_that_takes_too_long_is_ended(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told.statuses = [{}]
    clock = iter(range(0, 1000, 30))
    monkeypatch.setattr("mlopsgen.runtime.cluster.time.monotonic", lambda: next(clock))
    with pytest.raises(Failed, match="has not ended after 60 seconds"):
        run(experiment(tmp_path), "--timeout=60")
    assert told.asked[-1][0] == "DELETE"


def test_the_best_trial_so_far_is_kept_when_the_time_of_a_search_is_up(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.statuses = [{"currentOptimalTrial": OPTIMAL}]
    clock = iter(range(0, 1000, 30))
    monkeypatch.setattr("mlopsgen.runtime.cluster.time.monotonic", lambda: next(clock))
    assert run(experiment(tmp_path), "--timeout=60", f"--best={tmp_path}/best") == 0
    assert json.loads((tmp_path / "best").read_text()) == {"depth": "7", "rate": "0.01"}
    assert told.asked[-1][0] == "DELETE"


def test_an_api_that_is_away_for_a_moment_is_asked_again(told: Told, tmp_path: Path) -> None:
    told.statuses = [{"conditions": [ENDED], "currentOptimalTrial": OPTIMAL}]
    told.refuse = [503, 429, 409]
    assert run(experiment(tmp_path)) == 0, "409: the answer to our first call got lost"
    told.refuse = [403]
    with pytest.raises(Failed, match="cannot be made: 403 said 403"):
        run(experiment(tmp_path))
    told.refuse = [500] * 6
    with pytest.raises(Failed, match="the API of the cluster does not answer: 500"):
        run(experiment(tmp_path))


def test_the_object_goes_with_the_pod_that_made_it(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told.statuses = [{"conditions": [ENDED]}]
    monkeypatch.setenv("KFP_POD_NAME", "churn-x7")
    monkeypatch.setenv("KFP_POD_UID", "9f-1")
    run(experiment(tmp_path))
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "churn-x7", "uid": "9f-1"}
    assert told.made[0]["metadata"]["ownerReferences"] == [owner]


def test_the_accounts_token_is_read_for_every_call(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("t0k\n")
    told.statuses = [{}]
    wanted = json.loads(experiment(tmp_path).read_text())
    mine = kubernetes.Cluster(account=tmp_path, pause=0.0)
    mine.create(wanted)
    (tmp_path / "token").write_text("n3w")
    mine.read(wanted)
    assert told.tokens == ["Bearer t0k", "Bearer n3w"]
    monkeypatch.delenv("KUBERNETES_API")
    with pytest.raises(Failed, match="does not run in a cluster"):
        mine.read(wanted)


def test_a_pod_that_is_told_to_end_deletes_what_it_made(told: Told, tmp_path: Path, api: str) -> None:
    told.statuses = [{}]
    words = ["cluster", f"--object={experiment(tmp_path)}", "--every=30"]
    code = f"import sys; from mlopsgen.runtime.cli import main; sys.exit(main({words!r}))"
    child = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "KUBERNETES_API": api}, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 30
    while not any(method == "GET" for method, _ in told.asked) and time.monotonic() < until:
        os.sched_yield()
    child.send_signal(signal.SIGTERM)
    _, said = child.communicate(timeout=30)
    assert child.returncode == 1
    assert "stopped by signal 15" in said
    assert told.asked[-1][0] == "DELETE"


def test_what_nodes_left_in_the_store_is_brought(told: Told, tmp_path: Path) -> None:
    path = tmp_path / "object.json"
    metadata = {"name": "churn-training", "namespace": "ml"}
    path.write_text(
        json.dumps(
            {"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "TrainJob", "metadata": metadata, "spec": {}}
        )
    )
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "m.bin").write_text("weights")
    told.statuses = [{"conditions": [{"type": "Complete", "status": "True"}]}]
    assert run(path, f"--load={tmp_path}/model=file://{tmp_path}/store") == 0
    assert (tmp_path / "model" / "m.bin").read_text() == "weights"
    assert told.asked[0][1].endswith("/trainjobs")
    (tmp_path / "empty").mkdir()
    with pytest.raises(Failed, match="there is nothing below"):
        run(path, f"--load={tmp_path}/other=file://{tmp_path}/empty")


def test_nodes_that_may_fail_leave_their_folders_empty(
    told: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "object.json"
    metadata = {"name": "churn-training", "namespace": "ml"}
    whole = {"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "TrainJob", "metadata": metadata, "spec": {}}
    path.write_text(json.dumps(whole))
    (tmp_path / "store").mkdir()
    bring = f"--load={tmp_path}/model=file://{tmp_path}/store"
    told.statuses = [{"conditions": [{"type": "Failed", "status": "True", "message": "deadline"}]}]
    with pytest.raises(Failed, match="deadline"):
        run(path, bring)
    assert run(path, bring, "--may-fail=true") == 0
    assert "deadline" in capsys.readouterr().out
    assert list((tmp_path / "model").iterdir()) == []
    assert told.asked[-1][0] == "DELETE"


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "object.json").write_text('{"kind": "Pod"}')
    with pytest.raises(Usage, match="Experiment, TrainJob"):
        run(tmp_path / "object.json")
