"""Results of earlier runs: taken when nothing changed, made again when anything did."""

from __future__ import annotations

import dataclasses

import pytest

from mlopsgen.targets.local.native import Flag, FromParameter, Registry, Step
from tests.targets.local.bundles import Project, a_parameter, a_step

pytestmark = pytest.mark.slow

WORK = "mark('work'); write('out', 'f', flags.get('size', '') + read('in', 'd.csv'))"


def _plan(project: Project, content: str = "1", **more: object) -> None:
    source = project.data("d.csv", content)
    step = a_step("work", reads={"in": "data.d"}, writes={"out": "files"}, **more)  # type: ignore[arg-type]
    project.plan(step, sources={"d": source}, parameters={"n": a_parameter("integer", default=1)})


@pytest.fixture
def worked(project: Project) -> Project:
    project.script("work.py", WORK)
    _plan(project, params={"size": 1})
    project.run()
    assert project.marks == ["work"]
    return project


def test_an_unchanged_step_is_not_run_again(worked: Project) -> None:
    outcome = worked.run()
    assert worked.states(outcome) == {"work": "cached"}
    assert worked.marks == ["work"]
    made = outcome.steps[0].outputs["out"] / "f"
    assert made.read_text() == "11"
    assert made.is_relative_to(outcome.folder)


def test_a_changed_script_runs_again(worked: Project) -> None:
    worked.script("work.py", WORK + "\n")
    assert worked.states(worked.run()) == {"work": "ran"}


def test_changed_data_runs_again(worked: Project) -> None:
    _plan(worked, content="2", params={"size": 1})
    assert worked.states(worked.run()) == {"work": "ran"}


def test_a_changed_param_runs_again_and_the_old_one_is_still_known(worked: Project) -> None:
    _plan(worked, params={"size": 2})
    assert worked.states(worked.run()) == {"work": "ran"}
    _plan(worked, params={"size": 1})
    assert worked.states(worked.run()) == {"work": "cached"}


def test_another_value_of_a_run_parameter_runs_again(project: Project) -> None:
    project.script("work.py", WORK)
    _plan(project, params={"size": FromParameter("n")})
    assert project.states(project.run()) == {"work": "ran"}
    assert project.states(project.run(n="1")) == {"work": "cached"}
    assert project.states(project.run(n="2")) == {"work": "ran"}


def test_another_environment_variable_runs_again(worked: Project) -> None:
    _plan(worked, params={"size": 1}, env={"MODE": "fast"})
    assert worked.states(worked.run()) == {"work": "ran"}


def test_cache_false_is_respected(project: Project) -> None:
    project.script("work.py", WORK)
    _plan(project, cache=False)
    for _ in range(2):
        assert project.states(project.run()) == {"work": "ran"}


def test_what_reads_the_registry_is_never_taken_from_before(project: Project) -> None:
    project.script("work.py", WORK)
    project.data("d.csv", "1")
    _plan(project)
    (step,) = _steps(project)
    champion = Flag("champion", Registry("demo"), False)
    project.plan(dataclasses.replace(step, argv=(*step.argv, champion)), sources={"d": project.data("d.csv", "1")})
    for _ in range(2):
        assert project.states(project.run()) == {"work": "ran"}


def _steps(project: Project) -> tuple[Step, ...]:
    from mlopsgen.targets.local.read import read_plan

    return read_plan(project.bundle).steps


def test_a_result_that_was_changed_since_is_made_again(worked: Project) -> None:
    (run,) = (worked.root / ".mlopsgen" / "runs").iterdir()
    (run / "steps" / "work" / "outputs" / "out" / "f").write_text("forged")
    outcome = worked.run()
    assert worked.states(outcome) == {"work": "ran"}
    assert (outcome.steps[0].outputs["out"] / "f").read_text() == "11"


def test_deleting_old_runs_is_safe(worked: Project) -> None:
    import shutil

    (run,) = (worked.root / ".mlopsgen" / "runs").iterdir()
    cached = worked.run()
    shutil.rmtree(run)
    assert (cached.steps[0].outputs["out"] / "f").read_text() == "11"
    assert worked.states(worked.run())["work"] in ("ran", "cached")


def test_a_failed_step_is_not_remembered(project: Project) -> None:
    project.script("work.py", "mark('x'); sys.exit(1)")
    project.plan(a_step("work"))
    project.run()
    project.run()
    assert project.marks == ["x", "x"]
