"""Runs that are killed or interrupted, and go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mlopsgen.targets.local.execution.events import LeftAlone, RunStarted
from mlopsgen.targets.local.execution.summary import not_gone_on_with
from tests.targets.local.bundles import Project, a_step

pytestmark = pytest.mark.slow

CUT_OFF = Path(__file__).with_name("cut_off.py")

HANG_ONCE = """
mark('hang')
write('out', 'half.txt', 'half')
if not os.path.exists(os.environ['MARKS'] + '.go'):
    open(os.environ['MARKS'] + '.pid', 'w').write(str(os.getpid()))
    time.sleep(60)
write('out', 'whole.txt', 'whole')
"""


@contextmanager
def _running(project: Project) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, str(CUT_OFF), str(project.bundle), str(project.root)])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not there():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # An orphan whose new parent does not collect it is as dead.
    return "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:1]


def _a_project_that_hangs(project: Project) -> None:
    project.script("first.py", "mark('first'); write('out', 'f', str(time.time()))")
    project.script("hang.py", HANG_ONCE)
    project.script("last.py", "mark('last:' + ','.join(sorted(os.listdir(flags['in']))))")
    project.plan(
        a_step("first", writes={"out": "files"}, cache=False),
        a_step("hang", reads={"in": "first.out"}, writes={"out": "files"}, cache=False),
        a_step("last", reads={"in": "hang.out"}),
    )


def _pid(project: Project) -> int:
    path = project.root / "marks.txt.pid"
    _until(lambda: path.exists() and path.read_text() != "")
    return int(path.read_text())


def test_a_run_killed_with_9_goes_on_and_repeats_nothing(project: Project) -> None:
    _a_project_that_hangs(project)
    with _running(project) as process:
        pid = _pid(project)
        process.kill()
        process.wait()
        _until(lambda: _is_gone(pid))
    (project.root / "marks.txt.go").touch()
    outcome = project.run()
    assert outcome.status == "succeeded"
    assert project.states(outcome) == {"first": "resumed", "hang": "ran", "last": "ran"}
    assert project.marks == ["first", "hang", "hang", "last:half.txt,whole.txt"]
    (started,) = (event for event in project.events if isinstance(event, RunStarted))
    assert started.resumed
    assert len(list((project.root / ".mlopsgen" / "runs").iterdir())) == 1


def test_half_of_an_output_is_never_read(project: Project) -> None:
    """Killed between taking the outputs over and saying so: the step is done again."""
    _a_project_that_hangs(project)
    (project.root / "marks.txt.go").touch()
    outcome = project.run()
    step = outcome.folder / "steps" / "hang"
    (step / "done.json").unlink()
    (step / "outputs" / "out" / "whole.txt").unlink()
    run = outcome.folder / "run.json"
    run.write_text(json.dumps({**json.loads(run.read_text()), "status": "running"}))
    again = project.run()
    assert project.states(again)["hang"] == "ran"
    assert sorted(path.name for path in again.steps[1].outputs["out"].iterdir()) == ["half.txt", "whole.txt"]


def test_outputs_changed_by_hand_are_not_taken_for_done(project: Project) -> None:
    _a_project_that_hangs(project)
    (project.root / "marks.txt.go").touch()
    outcome = project.run()
    (outcome.steps[0].outputs["out"] / "f").write_text("changed")
    run = outcome.folder / "run.json"
    run.write_text(json.dumps({**json.loads(run.read_text()), "status": "running"}))
    again = project.run()
    assert project.states(again)["first"] == "ran"


def test_sigterm_ends_the_children_and_the_run_can_go_on(project: Project) -> None:
    _a_project_that_hangs(project)
    with _running(project) as process:
        pid = _pid(project)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 130
        assert _is_gone(pid)
    (run,) = (project.root / ".mlopsgen" / "runs").iterdir()
    assert json.loads((run / "run.json").read_text())["status"] == "stopped"
    (project.root / "marks.txt.go").touch()
    assert project.states(project.run()) == {"first": "resumed", "hang": "ran", "last": "ran"}


def test_a_run_of_a_changed_plan_starts_anew_and_says_so(project: Project) -> None:
    _a_project_that_hangs(project)
    with _running(project) as process:
        _pid(project)
        process.kill()
    project.script("extra.py", "")
    (project.root / "marks.txt.go").touch()
    outcome = project.run()
    assert project.states(outcome)["first"] == "ran"
    (left,) = (event for event in project.events if isinstance(event, LeftAlone))
    assert [run.changed for run in left.runs] == [("code",)]
    assert not_gone_on_with(left).code == "MG606"
    assert left.runs[0].folder != outcome.folder
    assert len(list((project.root / ".mlopsgen" / "runs").iterdir())) == 2


def test_two_runs_at_once_do_not_share_a_folder(project: Project) -> None:
    _a_project_that_hangs(project)
    with _running(project):
        _pid(project)
        (project.root / "marks.txt.go").touch()
        outcome = project.run()
        assert outcome.status == "succeeded"
        assert len(list((project.root / ".mlopsgen" / "runs").iterdir())) == 2


def test_a_run_that_somebody_is_at_was_not_cut_off(project: Project) -> None:
    _a_project_that_hangs(project)
    with _running(project):
        _pid(project)
        project.script("extra.py", "")
        (project.root / "marks.txt.go").touch()
        project.run()
    assert not [event for event in project.events if isinstance(event, LeftAlone)]


def test_a_time_limit_ends_everything_that_the_step_started(project: Project) -> None:
    project.script(
        "slow.py",
        """
        import signal, subprocess
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        deaf = 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)'
        child = subprocess.Popen([sys.executable, '-c', deaf])
        mark(str(child.pid))
        time.sleep(60)
        """,
    )
    project.plan(a_step("slow", timeout=1))
    began = time.monotonic()
    outcome = project.run()
    assert time.monotonic() - began < 15
    assert outcome.status == "failed"
    assert "longer than its time limit of 1 s" in outcome.steps[0].reason
    assert _is_gone(int(project.marks[0]))


def test_what_a_step_leaves_running_is_ended_with_it(project: Project) -> None:
    project.script(
        "leaves.py",
        """
        import subprocess
        child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
        mark(str(child.pid))
        """,
    )
    project.plan(a_step("leaves"))
    assert project.run().status == "succeeded"
    _until(lambda: _is_gone(int(project.marks[0])))
