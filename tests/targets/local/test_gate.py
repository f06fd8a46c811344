"""Gates and the registry, with the runtime's own commands."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest

from mlopsgen.diagnostics import SpecError
from mlopsgen.targets.local.execution.outcome import Outcome
from mlopsgen.targets.local.native import (
    Argument,
    BundleFile,
    Flag,
    FromParameter,
    FromRegistry,
    FromRun,
    Gate,
    Input,
    InputFolder,
    Interpreter,
    Joined,
    OutputFolder,
    Register,
    Registry,
    Step,
)
from tests.targets.local.bundles import Project, a_parameter, a_step

pytestmark = pytest.mark.slow

RUNTIME: tuple[Argument, ...] = (Interpreter("python"), "-m", "mlopsgen_runtime")


def _evaluation(on_failure: Any) -> Step:
    flags = (
        Flag("metrics", InputFolder("metrics"), False),
        Flag("gate", OutputFolder("gate"), False),
        Flag("on-failure", Joined((on_failure,)), False),
        Flag("score.metric", Joined(("score",)), False),
        Flag("score.direction", Joined(("maximize",)), False),
        Flag("score.at_least", FromParameter("least"), False),
    )
    step = a_step(
        "evaluation",
        reads={"metrics": "training.metrics"},
        writes={"gate": "gate"},
        kind="evaluate",
        gate=Gate(output="gate", on_failure=on_failure, rules={"score": ("metric", "direction", "at_least")}),
    )
    return _with(step, (*RUNTIME, "gate", *flags))


def _registry(on_failure: Any) -> Step:
    flags = (
        Flag("registry", Registry(None), False),
        Flag("name", Joined(("demo",)), False),
        Flag("model", InputFolder("model"), False),
        Flag("metrics", InputFolder("metrics"), False),
        Flag("gate", InputFolder("gate"), False),
        Flag("card", BundleFile("card.json"), False),
        Flag("run", FromRun("id"), False),
    )
    step = a_step(
        "registry",
        reads={"model": "training.model", "metrics": "training.metrics", "gate": "evaluation.gate"},
        kind="register",
        register=Register(model="demo", gate="gate", on_failure=on_failure, champion="approval"),
    )
    return _with(step, (*RUNTIME, "register", *flags))


def _with(step: Step, argv: tuple[Argument, ...]) -> Step:
    return dataclasses.replace(step, argv=argv)


def _project(project: Project, on_failure: str = "stop") -> None:
    project.with_runtime()
    project.script("training.py", "write('metrics', 'metrics.json', {'score': 0.8}); write('model', 'm.txt', 'm')")
    for name in ("behind", "beside", "always"):
        project.script(f"{name}.py", f"mark('{name}')")
    project.plan(
        a_step("training", writes={"model": "model", "metrics": "metrics"}, kind="train"),
        _evaluation(on_failure),
        _registry(on_failure),
        a_step("behind", after=("registry",)),
        a_step("beside", reads={"m": "training.model"}, after=("evaluation",)),
        a_step("always", always=True),
        parameters={"least": a_parameter("number", default=0.5)},
    )
    (project.bundle / "card.json").write_text('{"intended_use": "none"}')


def _version(outcome: Outcome) -> Mapping[str, Any]:
    (made,) = outcome.registered
    found: Mapping[str, Any] = json.loads((made.folder / "version.json").read_text())
    return found


def test_a_model_that_holds_its_gates_becomes_a_version_and_the_champion(project: Project) -> None:
    _project(project)
    outcome = project.run()
    assert (outcome.status, outcome.gate_refused) == ("succeeded", ()), outcome.steps
    (made,) = outcome.registered
    assert (made.model, made.version, made.champion) == ("demo", "1", True)
    version = _version(outcome)
    assert version["metrics"] == {"score": 0.8}
    assert version["lineage"]["run"] == outcome.run
    assert version["card"] == {"intended_use": "none"}
    assert (made.folder / "model" / "m.txt").read_text() == "m"
    assert sorted(project.marks) == ["always", "behind", "beside"]
    assert project.marks[-1] == "always"


def test_registration_is_never_taken_from_an_earlier_run(project: Project) -> None:
    _project(project)
    project.run()
    outcome = project.run()
    assert project.states(outcome)["training"] == "cached"
    assert project.states(outcome)["registry"] == "ran"
    assert outcome.registered[0].version == "2"


def test_a_gate_that_says_no_stops_before_the_registry(project: Project) -> None:
    _project(project)
    outcome = project.run(least="0.9")
    assert (outcome.status, outcome.exit_code) == ("refused", 5)
    assert "0.9" in outcome.gate_refused[0].reason
    assert outcome.registered == ()
    assert not (project.root / ".mlopsgen" / "registry").exists()
    states = project.states(outcome)
    assert (states["evaluation"], states["registry"], states["behind"]) == ("ran", "refused", "refused")
    assert sorted(project.marks) == ["always", "beside"]


def test_a_gate_on_a_metric_that_nobody_wrote_is_told_at_the_gate(project: Project) -> None:
    _project(project)
    project.script("training.py", "write('metrics', 'metrics.json', {'other': 0.8}); write('model', 'm.txt', 'm')")
    outcome = project.run()
    evaluation = next(step for step in outcome.steps if step.name == "evaluation")
    assert evaluation.state == "failed"
    assert evaluation.place == ("steps", "evaluation", "gates", "score")


def test_on_gate_failure_fail_starts_nothing_more_but_exit_handlers(project: Project) -> None:
    _project(project, "fail")
    outcome = project.run(least="0.9")
    assert (outcome.status, outcome.exit_code) == ("refused", 5)
    assert project.states(outcome)["beside"] == "not started"
    assert project.marks == ["always"]


def test_on_gate_failure_register_registers_and_never_approves(project: Project) -> None:
    _project(project, "register")
    outcome = project.run(least="0.9")
    assert outcome.status == "succeeded"
    assert outcome.gate_refused
    assert _version(outcome)["status"] == "rejected"
    assert outcome.registered[0].champion is False


def test_on_gate_failure_report_says_it_and_goes_on(project: Project) -> None:
    _project(project, "report")
    outcome = project.run(least="0.9")
    assert outcome.status == "succeeded"
    assert "0.9" in outcome.gate_refused[0].reason
    assert _version(outcome)["status"] == "approved"


def test_a_version_made_just_before_the_run_was_cut_off_is_not_made_twice(project: Project) -> None:
    _project(project)
    outcome = project.run()
    (outcome.folder / "steps" / "registry" / "done.json").unlink()
    run = outcome.folder / "run.json"
    run.write_text(json.dumps({**json.loads(run.read_text()), "status": "running"}))
    again = project.run()
    assert again.run == outcome.run
    assert project.states(again)["registry"] == "resumed"
    assert [made.version for made in again.registered] == ["1"]
    assert len(list((project.root / ".mlopsgen/registry/demo/versions").iterdir())) == 1


def _starts_from(project: Project, version: str) -> None:
    project.script("more.py", "mark(str(os.listdir(flags['previous'])))")
    step = a_step("more", reads={"previous": "data.x"}, kind="train")
    previous = Input(kind="model", origin=FromRegistry("demo", version))
    project.plan(dataclasses.replace(step, inputs={"previous": previous}))


@pytest.mark.parametrize("version", ["champion", "1"])
def test_training_may_start_from_a_registered_model(project: Project, version: str) -> None:
    _project(project)
    project.run()
    _starts_from(project, version)
    assert project.run().status == "succeeded"
    assert project.marks[-1] == "['m.txt']"


def test_without_a_champion_yet_the_folder_is_empty(project: Project) -> None:
    _starts_from(project, "champion")
    assert project.run().status == "succeeded"
    assert project.marks == ["[]"]


def test_a_version_that_is_not_there_is_said_before_anything_starts(project: Project) -> None:
    _starts_from(project, "7")
    with pytest.raises(SpecError, match="no version 7 of `demo`"):
        project.run()
