"""What is said before anything starts, all of it at once."""

from __future__ import annotations

import sys

import pytest

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.targets.local.execution.execute import execute
from mlopsgen.targets.local.execution.interpreter import ask, isolated, lacking, requirement_lines, step_environment
from mlopsgen.targets.local.execution.parameters import missing
from mlopsgen.targets.local.native import FromParameter, Joined, Remote
from mlopsgen.targets.local.read import read_plan, threads_for
from tests.targets.local.bundles import Project, a_parameter, a_step


def _found(project: Project, **params: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(SpecError) as stopped:
        project.run_with(params)
    assert not (project.root / ".mlopsgen" / "runs").exists()
    assert project.marks == []
    return stopped.value.findings


def _plan(project: Project, **facts: object) -> None:
    project.script("work.py", "mark(' '.join(sys.argv[1:]))")
    project.plan(a_step("work", params={"x": FromParameter("x")}), **facts)  # type: ignore[arg-type]


def test_a_parameter_without_value_is_named(project: Project) -> None:
    _plan(project, parameters={"x": a_parameter("number", description="how much")})
    (found,) = _found(project)
    assert (found.code, found.spec_path) == ("MG601", ("parameters", "x"))
    (wanted,) = missing(project.bundle, {})
    assert (wanted.name, wanted.type, wanted.description) == ("x", "number", "how much")
    assert missing(project.bundle, {"x": "1"}) == ()


@pytest.mark.parametrize(
    ("type_", "text", "said"),
    [
        ("integer", "2.5", "no whole number"),
        ("number", "much", "no number"),
        ("number", "nan", "no number"),
        ("boolean", "True", "no true or false"),
        ("list", "a,b", "no list in JSON"),
        ("list", '{"a": 1}', "no list in JSON"),
    ],
)
def test_a_value_of_another_type_is_refused(project: Project, type_: str, text: str, said: str) -> None:
    _plan(project, parameters={"x": a_parameter(type_)})
    (found,) = _found(project, x=text)
    assert found.code == "MG106"
    assert said in found.message


@pytest.mark.parametrize(
    ("type_", "text", "seen"),
    [
        ("string", "a b", "--x=a b"),
        ("integer", "12", "--x=12"),
        ("number", "0.50", "--x=0.5"),
        ("boolean", "true", "--x=true"),
        ("list", '["a", 1]', '--x=["a", 1]'),
    ],
)
def test_a_value_arrives_in_its_type(project: Project, type_: str, text: str, seen: str) -> None:
    _plan(project, parameters={"x": a_parameter(type_)})
    assert project.run(x=text).status == "succeeded"
    assert project.marks == [seen]


def test_an_optional_parameter_without_value_leaves_its_flag_out(project: Project) -> None:
    _plan(project, parameters={"x": a_parameter("string", required=False)})
    project.run()
    assert project.marks == [""]


def test_values_and_bounds_are_checked(project: Project) -> None:
    _plan(project, parameters={"x": a_parameter("number", minimum=0, maximum=1)})
    assert "less than its minimum 0" in _found(project, x="-0.1")[0].message
    assert "more than its maximum 1" in _found(project, x="1.1")[0].message
    _plan(project, parameters={"x": a_parameter("string", values=("fast", "good"))})
    assert "not one of its values" in _found(project, x="cheap")[0].message


def test_an_unknown_parameter_is_refused_with_the_nearest_name(project: Project) -> None:
    _plan(project, parameters={"x": a_parameter(default="1"), "min_accuracy": a_parameter(default="1")})
    (found,) = _found(project, min_acuracy="1")
    assert found.code == "MG113"
    assert found.hint is not None
    assert "min_accuracy" in found.hint


def test_a_secret_must_be_in_the_environment(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.script("work.py", "mark(os.environ['PASSWORD'])")
    project.plan(a_step("work", secrets={"PASSWORD": "WAREHOUSE_PASSWORD"}))
    (found,) = _found(project)
    assert (found.code, found.spec_path) == ("MG608", ("steps", "work", "secrets", "PASSWORD"))
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "s3cret")
    outcome = project.run()
    assert project.marks == ["s3cret"]
    for path in outcome.folder.rglob("*.json"):
        assert "s3cret" not in path.read_text()


def test_missing_and_changed_data_are_found(project: Project) -> None:
    source = project.data("d.csv", "1")
    project.script("work.py", "mark('x')")
    project.plan(a_step("work", reads={"d": "data.d"}), sources={"d": source})
    (project.root / "data" / "d.csv").write_text("2")
    assert [found.code for found in _found(project)] == ["MG444"]
    (project.root / "data" / "d.csv").unlink()
    (found,) = _found(project)
    assert (found.code, found.spec_path) == ("MG118", ("data", "sources"))


def test_data_elsewhere_is_a_located_finding(project: Project) -> None:
    project.script("work.py", "mark('x')")
    uri = Joined((FromParameter("lake"), "/trips/"))
    place = ("data", "sources", "d", "uri")
    project.plan(
        a_step("work", reads={"d": "data.d"}),
        sources={"d": Remote(uri=uri, place=place)},
        parameters={"lake": a_parameter(default="s3://lake")},
    )
    (found,) = _found(project)
    assert (found.code, found.spec_path) == ("MG313", place)
    assert "s3://" in found.message


def test_a_file_uri_is_read(project: Project) -> None:
    project.script("work.py", "mark(read('d', 'd.csv'))")
    project.data("d.csv", "here")
    place = ("data", "sources", "d", "uri")
    uri = (project.root / "data").as_uri()
    project.plan(a_step("work", reads={"d": "data.d"}), sources={"d": Remote(uri=uri, place=place)})
    project.run()
    assert project.marks == ["here"]


def test_everything_is_said_at_once(project: Project) -> None:
    project.script("work.py", "mark('x')")
    project.plan(
        a_step("work", reads={"d": "data.d"}, secrets={"A": "NO_SUCH_SECRET"}),
        sources={"d": Remote(uri="gs://b/x", place=("data",))},
        requirements=("no-such-package>=1",),
    )
    assert sorted(found.code for found in _found(project)) == ["MG313", "MG604", "MG608"]


def test_requirements_are_compared_with_what_is_installed(project: Project) -> None:
    project.script("work.py", "")
    lines = ("pydantic>=2", "PyYAML >= 1", "jinja2<1", "nosuch-thing==1 ; python_version < '3'", "missing_one[x]==2")
    project.plan(a_step("work"), requirements=(*lines, "# a comment", "click  # tail", "pytest==0 --hash=sha256:00"))
    (found,) = lacking(project.bundle, read_plan(project.bundle), ask(sys.executable))
    assert found.code == "MG604"
    for said in ("jinja2 is ", "not <1", "missing_one is not installed", "pytest is "):
        assert said in found.message
    for fine in ("pydantic", "PyYAML", "nosuch", "click"):
        assert fine not in found.message
    assert found.hint is not None
    assert f"-m pip install -r {project.bundle / 'image' / 'requirements.txt'}" in found.hint


def test_requirements_may_include_other_files(project: Project) -> None:
    (project.root / "a.txt").write_text("one\n-r b.txt\n--index-url x\ntwo \\\n  >=1\n")
    (project.root / "b.txt").write_text("three\n")
    assert list(requirement_lines(project.root / "a.txt")) == ["one", "three", "two    >=1"]


def test_a_python_that_does_not_start_is_a_finding(project: Project) -> None:
    project.script("work.py", "")
    project.plan(a_step("work"))
    with pytest.raises(SpecError) as stopped:
        execute(project.bundle, project.root, {}, on_event=project.events.append, python="/no/such/python")
    assert [found.code for found in stopped.value.findings] == ["MG604"]


@pytest.mark.slow
def test_an_environment_of_its_own_is_made_once(project: Project) -> None:
    project.script("work.py", "mark(sys.prefix)")
    project.plan(a_step("work"))
    python = isolated(project.bundle, project.root)
    outcome = execute(project.bundle, project.root, {}, on_event=project.events.append, python=python)
    assert outcome.status == "succeeded"
    assert project.marks[0].startswith(str(project.root / ".mlopsgen" / "envs"))
    assert isolated(project.bundle, project.root) == python


def test_a_damaged_plan_is_no_plan(project: Project) -> None:
    project.script("work.py", "")
    project.plan(a_step("work"))
    path = project.bundle / "plan.json"
    path.write_text(path.read_text().replace('"always"', '"allways"'))
    with pytest.raises(SpecError) as stopped:
        project.run()
    assert {found.code for found in stopped.value.findings} == {"MG605"}
    assert any("allways" in found.message for found in stopped.value.findings)


def test_threads_are_shared_between_steps_that_can_run_together(project: Project) -> None:
    plan = project.plan(a_step("a"), a_step("b"), a_step("c", after=("a", "b")), a_step("d", after=("c",)))
    assert threads_for(plan, {"d": 3}, parallel=8, processors=8) == {"a": 4, "b": 4, "c": 8, "d": 2}


def test_a_step_may_set_its_own_threads(project: Project) -> None:
    step = a_step("a", env={"OMP_NUM_THREADS": "3"})
    assert step_environment(step, "/app", {}, 8, None)["OMP_NUM_THREADS"] == "3"
