"""Runs of small bundles: real processes, real folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlopsgen.targets.local.execution.events import Retrying, StepEnded
from mlopsgen.targets.local.execution.folders import digest_folder
from mlopsgen.targets.local.native import FromParameter, Retries
from tests.targets.local.bundles import Project, a_parameter, a_step

pytestmark = pytest.mark.slow


def test_a_step_reads_what_the_step_before_it_wrote(project: Project) -> None:
    project.script("make.py", "write('table', 'data.csv', 'a,b\\n1,2\\n')")
    project.script("use.py", "write('model', 'm.txt', read('table', 'data.csv').upper())")
    project.plan(
        a_step("make", writes={"table": "dataset"}),
        a_step("use", reads={"table": "make.table"}, writes={"model": "model"}),
    )
    outcome = project.run()
    assert outcome.status == "succeeded"
    assert outcome.exit_code == 0
    use = outcome.steps[1]
    assert (use.outputs["model"] / "m.txt").read_text() == "A,B\n1,2\n"
    assert use.state == "ran"
    assert json.loads((outcome.folder / "run.json").read_text())["status"] == "succeeded"


def test_a_step_reads_local_data_under_its_own_name_and_cannot_change_it(project: Project) -> None:
    source = project.data("trips.csv", "a\n1\n")
    project.script("use.py", "mark(','.join(os.listdir(flags['trips']))); write('trips', 'trips.csv', 'spoilt')")
    project.plan(a_step("use", reads={"trips": "data.trips"}), sources={"trips": source})
    project.run()
    assert project.marks == ["trips.csv"]
    assert (project.root / "data" / "trips.csv").read_text() == "a\n1\n"
    # The copy was spoilt: the next run makes a new one, and does not believe the old name.
    project.script("use.py", "mark(read('trips', 'trips.csv'))")
    project.run()
    assert project.marks[1:] == ["a", "1", ""] or project.marks[1:] == ["a", "1"]


SPAN = "t = time.time(); time.sleep(0.6); mark(f'{t} {time.time()}')"


def _overlap(marks: list[str]) -> bool:
    (a, b), (c, d) = ([float(word) for word in mark.split()] for mark in marks)
    return max(a, c) < min(b, d)


def test_steps_that_do_not_wait_for_each_other_run_side_by_side(project: Project) -> None:
    for name in ("left", "right"):
        project.script(f"{name}.py", SPAN)
    project.plan(a_step("left"), a_step("right"))
    project.run(parallel=2)
    assert _overlap(project.marks)


def test_parallel_1_runs_one_at_a_time(project: Project) -> None:
    for name in ("left", "right"):
        project.script(f"{name}.py", SPAN)
    project.plan(a_step("left"), a_step("right"))
    project.run(parallel=1)
    assert len(project.marks) == 2
    assert not _overlap(project.marks)


def test_after_is_an_edge_without_data(project: Project) -> None:
    project.script("first.py", "time.sleep(0.3); mark('first')")
    project.script("second.py", "mark('second')")
    project.plan(a_step("first"), a_step("second", after=("first",)))
    project.run()
    assert project.marks == ["first", "second"]


def test_a_failed_step_is_tried_again_and_says_so(project: Project) -> None:
    project.script(
        "flaky.py", "mark('x'); sys.exit('no luck' if len(open(os.environ['MARKS']).readlines()) < 3 else 0)"
    )
    project.plan(a_step("flaky", retries=Retries(attempts=3, backoff=0)))
    outcome = project.run()
    assert outcome.status == "succeeded"
    assert outcome.steps[0].attempts == 3
    again = [event for event in project.events if isinstance(event, Retrying)]
    assert [event.attempt for event in again] == [2, 3]
    assert "no luck" in again[0].reason


def test_the_wait_before_a_retry_doubles(project: Project) -> None:
    project.script("flaky.py", "sys.exit(1)")
    project.plan(a_step("flaky", retries=Retries(attempts=2, backoff=1)))
    outcome = project.run()
    assert [event.wait for event in project.events if isinstance(event, Retrying)] == [1.0, 2.0]
    assert outcome.seconds > 3


def test_a_failed_step_ends_the_run_with_its_last_words(project: Project) -> None:
    project.script("broken.py", "print('to stdout'); raise ValueError('column `age` is missing')")
    project.script("later.py", "mark('later')")
    project.plan(a_step("broken", writes={"x": "files"}), a_step("later", reads={"x": "broken.x"}))
    outcome = project.run()
    assert (outcome.status, outcome.exit_code) == ("failed", 4)
    assert project.states(outcome) == {"broken": "failed", "later": "not started"}
    assert "column `age` is missing" in outcome.steps[0].reason
    assert "exit code 1" in outcome.steps[0].reason
    assert project.marks == []
    log = outcome.steps[0].log
    assert log is not None
    assert log.name == "err.log"
    assert "ValueError" in log.read_text()
    assert (log.parent / "out.log").read_text() == "to stdout\n"


def test_what_runs_when_a_step_fails_ends_well_and_nothing_new_starts(project: Project) -> None:
    project.script("broken.py", "sys.exit(1)")
    project.script("slow.py", "time.sleep(0.8); mark('slow')")
    project.script("next.py", "mark('next')")
    project.plan(a_step("slow"), a_step("broken"), a_step("next", after=("slow",)))
    outcome = project.run()
    assert project.states(outcome) == {"slow": "ran", "broken": "failed", "next": "not started"}
    assert project.marks == ["slow"]


def test_an_always_step_runs_last_and_is_told_how_the_run_went(project: Project) -> None:
    project.script("tell.py", "mark(os.environ['MLOPSGEN_OUTCOME'] + str(os.listdir(flags['x'])))")
    project.script("work.py", "write('x', 'f', '1'); mark('work'); sys.exit(int(flags['code']))")
    for code, said in ((0, "succeeded['f']"), (3, "failed[]")):
        project.plan(
            a_step("tell", reads={"x": "work.x"}, always=True),
            a_step("work", writes={"x": "files"}, params={"code": code}),
        )
        outcome = project.run()
        assert project.marks[-2:] == ["work", said]
        assert project.states(outcome)["tell"] == "ran"


def test_when_false_skips_the_step_and_all_that_reads_it(project: Project) -> None:
    for name in ("a", "b", "c", "d"):
        project.script(f"{name}.py", f"mark('{name}'); flags.get('x') and write('x', 'f', '1')")
    project.plan(
        a_step("a", writes={"x": "files"}, when=FromParameter("wanted")),
        a_step("b", reads={"in": "a.x"}, writes={"x": "files"}),
        a_step("c", reads={"in": "b.x"}),
        a_step("d", after=("a",)),
        parameters={"wanted": a_parameter("boolean", default=False)},
    )
    outcome = project.run()
    assert outcome.status == "succeeded"
    assert project.states(outcome) == {"a": "skipped", "b": "skipped", "c": "skipped", "d": "ran"}
    project.run(wanted="true")
    assert sorted(project.marks) == ["a", "b", "c", "d"]


def test_a_step_sees_its_own_variables_and_not_whatever_lies_around(project: Project, monkeypatch: object) -> None:
    import os

    os.environ["STRAY"] = "1"
    try:
        project.script("look.py", "print(json.dumps(dict(os.environ)), os.getcwd(), sep='\\n')")
        project.plan(a_step("look", env={"OWN": "yes"}))
        outcome = project.run()
    finally:
        del os.environ["STRAY"]
    assert outcome.steps[0].log is not None
    text, cwd = outcome.steps[0].log.read_text().splitlines()
    seen = json.loads(text)
    assert seen["OWN"] == "yes"
    assert "STRAY" not in seen
    assert "PATH" in seen
    assert seen["PYTHONPATH"] == str(project.bundle / "image" / "app")
    assert int(seen["OMP_NUM_THREADS"]) >= 1
    assert not Path(cwd).is_relative_to(project.bundle)


def test_a_run_leaves_the_bundle_as_it_was(project: Project) -> None:
    project.script("helper.py", "x = 1")
    project.script("use.py", "import helper; open('stray.txt', 'w').write('x')")
    project.plan(a_step("use"))
    before = digest_folder(project.bundle)
    project.run()
    assert digest_folder(project.bundle) == before


def test_a_step_that_ends_well_without_its_output_has_failed(project: Project) -> None:
    project.script("lazy.py", "print('nothing to do')")
    for kind, said in (
        ("model", "wrote nothing to --out"),
        ("metrics", "no metrics.json"),
        ("gate", "no gate.json"),
    ):
        project.plan(a_step("lazy", writes={"out": kind}))  # type: ignore[dict-item]
        outcome = project.run()
        assert outcome.status == "failed"
        assert said in outcome.steps[0].reason
    project.plan(a_step("lazy", writes={"out": "figure"}))
    assert project.run().status == "succeeded"


def test_a_link_in_an_output_becomes_what_it_leads_to(project: Project) -> None:
    project.script("link.py", "open('real', 'w').write('kept'); os.symlink(os.path.abspath('real'), flags['m'] + '/m')")
    project.plan(a_step("link", writes={"m": "model"}))
    made = project.run().steps[0].outputs["m"] / "m"
    assert not made.is_symlink()
    assert made.read_text() == "kept"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("os.makedirs('{m}/sub'); os.symlink('..', '{m}/sub/up')", "the link `m/sub/up` in its outputs leads to"),
        ("os.symlink('nowhere', '{m}/x')", "No such file"),
        ("os.symlink('x', '{m}/x')", "a link in its outputs cannot be followed"),
        ("os.mkdir('d'); os.symlink('.', 'd/d'); os.symlink(os.path.abspath('d'), '{m}/x')", "Too many levels"),
        ("os.mkdir('d'); os.symlink('no', 'd/x'); os.symlink(os.path.abspath('d'), '{m}/x')", "No such file"),
    ],
)
def test_a_link_that_cannot_be_replaced_fails_its_step(project: Project, line: str, said: str) -> None:
    project.script("link.py", line.replace("'{m}", "flags['m'] + '"))
    project.plan(a_step("link", writes={"m": "model"}))
    (step,) = project.run().steps
    assert step.state == "failed"
    assert said in step.reason


def test_every_step_ends_with_an_event(project: Project) -> None:
    project.script("a.py", "")
    project.plan(a_step("a"))
    project.run()
    assert [(e.step, e.state) for e in project.events if isinstance(e, StepEnded)] == [("a", "ran")]
