"""A run whose parameters lie outside their bounds starts nothing at all."""

from __future__ import annotations

from tests.targets.sagemaker.emit.plans import PARAMETERS, definition, every, plan, prepare, train


def test_every_step_stands_behind_the_bounds() -> None:
    bounds, *_ = definition()["Steps"]
    assert bounds["Name"] == "parameter-bounds"
    assert [s["Name"] for s in bounds["Arguments"]["ElseSteps"]] == ["parameters-out-of-bounds"]
    assert {"prepare", "training", "evaluation"} <= {s["Name"] for s in bounds["Arguments"]["IfSteps"]}


def test_without_bounds_steps_stand_alone() -> None:
    names = [s["Name"] for s in definition(plan(prepare(), train(), parameters=PARAMETERS[1:]))["Steps"]]
    assert names[:2] == ["prepare", "training"]


def test_nothing_waits_for_a_condition_by_name() -> None:
    """CreatePipeline refuses a condition in `DependsOn` (aws/sagemaker-python-sdk#3565)."""
    steps = every(definition()["Steps"])
    conditions = {s["Name"] for s in steps if s["Type"] == "Condition"}
    assert conditions == {"parameter-bounds", "evaluation-gate"}
    assert not conditions & {name for s in steps for name in s.get("DependsOn", ())}
