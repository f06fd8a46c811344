"""A run that is killed, anywhere, and started again: each record once, and no finished part twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.platforms.local import FileStore, FileTree

from .conftest import Deployment, read, table

pytestmark = pytest.mark.slow
NUMBERS = [*range(100, 108), "many", *range(108, 116)]
WRITES = ((FileStore, "write"), (FileTree, "put"), (FileTree, "move"), (FileTree, "remove"))


def killed(double: Deployment, at: int, flags: dict[str, object]) -> bool:
    """Starts a run in a process that is killed before or after its n-th write; False where it ended before that."""
    if (child := os.fork()) == 0:
        left = at

        def step() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        def around(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*given: Any) -> Any:
                step()
                answer = real(*given)
                step()
                return answer

            return call

        code = 99
        try:
            for kind, name in WRITES:
                setattr(kind, name, around(getattr(kind, name)))
            code = double.score(f"r{at}", **flags).code
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


def written(folder: Path) -> dict[str, tuple[int, int]]:
    """The files that are whole, each with what changes when it is written anew."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.glob("part-*")}


@pytest.mark.parametrize("write", ["append", "overwrite"])
def test_a_run_that_is_killed_at_any_write_is_taken_up_again(double: Deployment, write: str) -> None:
    double.write("a.csv", table(NUMBERS))
    double.write("b.csv", table(range(200, 210)))
    flags: dict[str, object] = {"write": write, "part_bytes": 60, "on_bad_record": "dead-letter"}
    wanted = [str(2.0 * x) for x in [*range(100, 116), *range(200, 210)]]
    at = 0
    while killed(double, at := at + 1, flags):
        run = f"r{at}"
        state = double.out / "_state" / "double" / f"run={run}"
        success = double.out / "_SUCCESS" if write == "overwrite" else double.out / f"run={run}" / "_SUCCESS"
        whole = success.exists() and json.loads(success.read_text())["run"] == run
        noted = {json.loads(path.read_text())["name"] for path in state.glob("part-*.json")}
        before = written(double.out / f"run={run}") if write == "append" else {}

        done = double.score(run, **flags)
        assert done.code == 0, (at, done.err)
        assert ("is done already" in done.out) == whole
        after = json.loads(success.read_text())
        paths = [success.parent / part["name"] for part in after["parts"]]
        assert [row["prediction"] for path in paths for row in read(path)] == wanted, at
        assert sorted(paths) == sorted(success.parent.glob("part-*")), at
        assert after["records"] == {"read": 27, "scored": 26, "bad": 1}
        assert len(list((double.out / "dead-letter" / f"run={run}").iterdir())) == 1
        kept = {name: mark for name, mark in before.items() if name in noted}
        assert {name: mark for name, mark in written(double.out / f"run={run}").items() if name in kept} == kept
    assert at > 20


def test_a_machine_whose_processes_are_killed_is_taken_up_again(double: Deployment) -> None:
    for number in range(6):
        double.write(f"{number}.csv", table(range(100, 120)))
    double.script(
        "import time\ndef load(folder): ...\n"
        "def predict(model, rows):\n    time.sleep(0.2)\n    return rows['x'].tolist()\n"
    )
    command = [sys.executable, "-m", "mlopsgen.runtime", "score", *double.flags(workers=2, mini_batch=10)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        state = double.out / "_state" / "double" / "run=r1"
        deadline = time.monotonic() + 120
        while not list(state.glob("part-*.json")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()
    assert not double.ended()
    before = len(list(state.glob("part-*.json")))
    assert 0 < before < 6
    time.sleep(1)
    assert len(list(state.glob("part-*.json"))) <= before + 1, "its processes have ended with it"
    assert double.score(mini_batch=10).code == 0
    assert [row["id"] for row in double.rows()] == [f"{at:05d}" for at in range(20)] * 6
