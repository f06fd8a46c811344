"""What a person reads while a run goes on, and at its end."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from mlopsgen.diagnostics import Severity
from mlopsgen.targets.local.execution.events import (
    CutOff,
    Event,
    LeftAlone,
    Note,
    Retrying,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarted,
    Tick,
    TrialEnded,
    in_words,
)
from mlopsgen.targets.local.execution.outcome import Outcome, Refusal, Registered, Status, StepOutcome
from mlopsgen.targets.local.execution.progress import Lines, Live, duration
from mlopsgen.targets.local.execution.summary import complaints, not_gone_on_with, summary
from tests.targets.local.bundles import Project, a_step

HERE = Path("somewhere")
EVENTS: tuple[Event, ...] = (
    RunStarted("r1", HERE, ("prepare", "training"), False),
    StepStarted("prepare", None, "", HERE),
    StepEnded("prepare", "cached", 0.0, ""),
    StepStarted("training", 1, "kind=tree, rate=0.1235", HERE),
    Tick(),
    Retrying("training", 1, "exit code 1\nValueError: no\n", 2.0, 2, 3),
    TrialEnded("training", 1, 2, "kind=tree", "ran", 12.3, "score", 0.91234, 0.91234, ""),
    TrialEnded("training", 3, 3, "kind=leaf", "ran", 12.3, "score", 0.91234, 0.91234, "", 1),
    TrialEnded("training", 2, 2, "kind=line", "failed", 0.5, "score", None, 0.91234, "exit code 1\nboom"),
    StepEnded("training", "ran", 75.0, ""),
    RunEnded("succeeded", 80.0),
)
LINES = """\
run r1: 2 steps
  … prepare
  = prepare (cached): taken from an earlier run
  … training trial 1: kind=tree, rate=0.1235
  ! training trial 1 failed, attempt 2 of 3 in 2 s: ValueError: no
    trial 1/2 kind=tree: score 0.9123, the best so far (12 s)
    trial 3/3 kind=leaf: score 0.9123, equal to the best so far (trial 1) (12 s)
    trial 2/2 kind=line failed: boom
  ✓ training (75 s)
"""


def test_plain_lines_for_pipes_and_logs() -> None:
    stream = io.StringIO()
    show = Lines(stream)
    for event in EVENTS:
        show(event)
    assert stream.getvalue() == LINES


def test_on_a_terminal_one_line_lives_below_the_finished_ones() -> None:
    stream = io.StringIO()
    show = Live(stream, width=lambda: 20)
    for event in EVENTS:
        show(event)
    drawn = stream.getvalue().split("\r\x1b[K")
    assert "  … prepare 0.0 s" in drawn
    assert all(len(line) < 20 for one in drawn for line in one.splitlines() if line.startswith("  …"))
    kept = "".join(f"{one.partition(chr(10))[0]}\n" for one in drawn if "\n" in one)
    assert kept == "".join(f"{line}\n" for line in LINES.splitlines() if not line.startswith("  …"))


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (42.4, "42 s"), (185, "3 min 05 s"), (7200, "120 min 00 s")]
)
def test_durations_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_params_as_a_line_shows_them() -> None:
    assert in_words({"depth": 3, "rate": 0.0123456, "kind": "tree"}) == "depth=3, rate=0.01235, kind=tree"


def _step(name: str, **more: object) -> StepOutcome:
    facts: dict[str, object] = {
        "name": name,
        "kind": "run",
        "state": "ran",
        "seconds": 1.0,
        "attempts": 1,
        "reason": "",
        "log": None,
        "outputs": {},
        "metrics": {},
    }
    return StepOutcome(**{**facts, **more})  # type: ignore[arg-type]


def _outcome(*steps: StepOutcome, status: Status = "succeeded", **more: object) -> Outcome:
    return Outcome(run="r1", folder=HERE, status=status, seconds=3.0, steps=steps, **more)  # type: ignore[arg-type]


def test_the_summary_says_which_trial_won_and_what_became_of_it() -> None:
    metrics = {"score": 0.91234, "a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}
    made = Registered(model="m", version="3", folder=HERE / "3", champion=False, status="pending")
    said = summary(
        _outcome(
            _step("training", trials=2, best="kind=tree", metrics=metrics),
            registered=(made,),
            gates_held=("score", "fair"),
        )
    )
    assert "training  ran    1.0 s  best of 2 trials, kind=tree: score 0.9123, a 1, b 2, c 3, …\n" in said
    assert "registered  m version 3, which waits for a person's approval: somewhere/3\n" in said
    assert "gates held  score, fair\n" in said
    assert said.endswith("\ndone in 3.0 s\n")


@pytest.mark.parametrize(
    ("champion", "status", "said"),
    [
        (True, "approved", "the champion now"),
        (False, "approved", "not the champion"),
        (False, "rejected", "never approved: its gates did not hold"),
    ],
)
def test_what_a_version_is(champion: bool, status: str, said: str) -> None:
    made = Registered(model="m", version="3", folder=HERE, champion=champion, status=status)
    assert f"registered  m version 3, {said}: " in summary(_outcome(registered=(made,)))


def test_what_went_wrong_is_said_in_findings_and_not_again_in_the_summary() -> None:
    failed = _step("join", state="failed", reason="exit code 1\nTraceback\nValueError: no\n", log=HERE / "err.log")
    no = Refusal(gate="fair", reason="0.4 is below 1", verdict=HERE / "gate.json", on_failure="stop", place=())
    outcome = _outcome(failed, status="failed", gate_refused=(no,))
    said = summary(outcome)
    assert "join  failed  1.0 s\n" in said
    assert said.endswith("\nfailed after 3.0 s\n")
    assert not {"ValueError", "err.log", "0.4"} & set(re.findall(r"[\w.]+", said))
    words = [(d.code, d.message, d.hint or "") for d in complaints(outcome)]
    assert [(code, message) for code, message, _ in words] == [
        ("MG602", "step `join` failed: exit code 1\nTraceback\nValueError: no"),
        ("MG603", "gate `fair` said no: 0.4 is below 1"),
    ]
    assert "the whole log: somewhere/err.log\n" in words[0][2]
    assert words[1][2].endswith("\nall that was judged: somewhere/gate.json")


def test_a_gate_that_says_no_where_the_run_goes_on_is_a_warning() -> None:
    for way, said in (("report", "goes on all the same"), ("register", "never approved")):
        no = Refusal(gate="", reason="because", verdict=HERE / "gate.json", on_failure=way, place=())  # type: ignore[arg-type]
        (found,) = complaints(_outcome(gate_refused=(no,)))
        assert (found.severity, found.message) == (Severity.WARNING, "the gate said no: because")
        assert said in (found.hint or "")


@pytest.mark.parametrize(
    ("changed", "older", "said"),
    [
        (("data",), 0, "run old was cut off and is not gone on with: the data has changed since"),
        (("plan", "code", "data"), 1, "the plan, the code and the data have changed since\nneither is an older one"),
        (("parameters",), 2, "the values of its parameters have changed since\nneither are 2 older ones"),
    ],
)
def test_runs_that_are_left_alone_are_one_finding(changed: tuple[str, ...], older: int, said: str) -> None:
    found = not_gone_on_with(LeftAlone((CutOff(HERE / "old", changed), *[CutOff(HERE / "x", changed)] * older)))
    assert (found.code, found.severity) == ("MG606", Severity.WARNING)
    assert found.message.endswith(said)
    assert (found.hint or "").endswith("or delete somewhere/old")


def test_the_log_is_the_one_that_holds_something(project: Project) -> None:
    project.script("loud.py", "print('x')")
    project.script("broken.py", "raise ValueError('no')")
    project.plan(a_step("loud"), a_step("broken", after=("loud",)))
    loud, broken = project.run().steps
    assert loud.log is not None
    assert loud.log.name == "out.log"
    assert broken.log is not None
    assert broken.log.name == "err.log"
    assert "ValueError: no" in broken.log.read_text()


def test_what_a_step_leaves_out_is_shown_and_not_only_in_its_log(project: Project) -> None:
    """Rows without a label and columns that no model reads were told to a file that nobody opens."""
    project.script("few.py", "print('note: 3 rows left out')\nprint('a number: 7')\nprint('note: 3 rows left out')")
    project.script("more.py", "print('note: too old', file=sys.stderr)")
    project.plan(a_step("few"), a_step("more", after=("few",)))
    project.run()
    assert [event.text for event in project.events if isinstance(event, Note)] == [
        "  few: note: 3 rows left out",
        "  more: note: too old",
    ]
