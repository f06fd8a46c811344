"""One run of a deployment at a time."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.platforms.local import FileStore
from mlopsgen.runtime.serving.batch.settings import Settings, read_settings
from mlopsgen.runtime.serving.lock import KEY, Busy, Lock, held

from .conftest import Deployment, table

pytestmark = pytest.mark.slow
SLOW = (
    "import time\ndef load(folder): ...\ndef predict(model, rows):\n    time.sleep(1)\n    return rows['x'].tolist()\n"
)


def settings(double: Deployment, run: str = "r1", **more: object) -> Settings:
    return read_settings(double.flags(run, **{"heartbeat": 0.2, **more}))


def lock(double: Deployment, run: str = "r1", **more: object) -> tuple[Lock, list[str]]:
    stopped: list[str] = []
    return Lock(FileStore(double.root / "state"), settings(double, run, **more).claim, stopped.append), stopped


def said(double: Deployment) -> Any:
    return json.loads((double.root / "state" / KEY).read_text())


def elsewhere(double: Deployment, **facts: object) -> None:
    """Another machine has the place."""
    now = time.time()
    usual: dict[str, Any] = {"owner": "o", "host": "node-7", "pid": 17, "space": "", "since": now, "beat": now}
    store = FileStore(double.root / "state")
    nodes = {"0": {**usual, "every": 0.2, **facts}}
    assert store.write(KEY, json.dumps({"run": "r0", "nodes": nodes}).encode(), store.read(KEY))


def test_of_two_starts_at_once_one_scores_and_the_other_says_who(double: Deployment) -> None:
    double.write("a.csv", table(range(100, 200)))
    double.script(SLOW)
    children = []
    for run in ("r1", "r2"):
        if (child := os.fork()) == 0:
            code = 99
            try:
                code = double.score(run).code
            finally:
                os._exit(code)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert sorted(codes) == [0, 5]
    won = "r1" if codes[0] == 0 else "r2"
    assert double.ended(won)
    assert not double.ended("r2" if won == "r1" else "r1")


def test_the_second_says_which_run_is_at_work_where_and_since_when(double: Deployment) -> None:
    first, _ = lock(double)
    first.take()
    second, _ = lock(double, "r2")
    with pytest.raises(
        Busy, match=rf"run r1 of `double` is at work: process {os.getpid()} on .* since 20.*, last seen"
    ):
        second.take()
    first.leave()
    second.take()
    assert said(double)["run"] == "r2"


def test_who_gave_no_sign_of_life_for_long_is_taken_for_dead(double: Deployment) -> None:
    elsewhere(double)
    with pytest.raises(Busy, match="run r0 of `double` is at work: process 17 on node-7"):
        lock(double)[0].take()
    elsewhere(double, beat=time.time() - 2)
    lock(double)[0].take()
    assert said(double)["run"] == "r1"


def test_a_run_that_was_killed_here_is_known_to_be_dead_at_once(double: Deployment) -> None:
    if (child := os.fork()) == 0:
        lock(double, "r0", heartbeat=600)[0].take()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert said(double)["run"] == "r0"
    lock(double)[0].take()
    assert said(double)["run"] == "r1"


def test_a_machine_that_comes_back_waits_whether_its_earlier_try_still_lives(double: Deployment) -> None:
    elsewhere(double)
    same, _ = lock(double, "r0")
    begun = time.monotonic()
    same.take()
    assert time.monotonic() - begun > 0.5
    assert said(double)["nodes"]["0"]["host"] == socket.gethostname()


def test_a_living_twin_of_a_run_is_refused(double: Deployment) -> None:
    store = FileStore(double.root / "state")
    with held(store, settings(double).claim), pytest.raises(Busy):
        lock(double)[0].take()
    assert said(double)["nodes"] == {}


def test_machines_of_one_run_have_a_place_each(double: Deployment) -> None:
    first, _ = lock(double, nodes=2, node=0)
    second, _ = lock(double, nodes=2, node=1)
    first.take()
    second.take()
    assert set(said(double)["nodes"]) == {"0", "1"}
    with pytest.raises(Busy):
        lock(double, "r2")[0].take()
    first.leave()
    assert set(said(double)["nodes"]) == {"1"}


def test_who_has_lost_its_place_stops(double: Deployment) -> None:
    mine, stopped = lock(double)
    mine.take()
    elsewhere(double)
    assert not mine._beat()
    assert stopped == ["another process has taken over: run r0"]


def test_signs_of_life_are_given_while_work_is_done(double: Deployment) -> None:
    with held(FileStore(double.root / "state"), settings(double).claim):
        first = said(double)["nodes"]["0"]["beat"]
        time.sleep(1)
        assert said(double)["nodes"]["0"]["beat"] > first
    assert said(double)["nodes"] == {}


def test_a_failed_run_leaves_its_place(double: Deployment) -> None:
    double.write("a.csv", table(["many"]))
    assert double.score().code == 1
    path: Path = double.out / "_state" / "double" / KEY
    assert json.loads(path.read_text())["nodes"] == {}
    assert double.score("r2").code == 1
