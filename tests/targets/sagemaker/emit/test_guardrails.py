"""Rollouts as SageMaker's guardrails go through them, and the alarms that take one back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.targets.sagemaker.emit.lives import (
    ALL_AT_ONCE,
    CANARY,
    ERRORS,
    ORIGIN,
    SCALED,
    WATCHED,
    WEEKEND,
    live,
    served,
    serving,
)
from tests.targets.sagemaker.emit.plans import findings


def test_a_canary_is_watched_from_the_first_machine_to_the_last() -> None:
    found = serving(served(live(rollout=WATCHED, low=2, high=2)))
    config = found["Endpoint"]["Properties"]["DeploymentConfig"]
    policy = config["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"] == {
        "Type": "CANARY",
        "WaitIntervalInSeconds": 600,
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
    }
    assert policy["TerminationWaitInSeconds"] == 600
    assert policy["MaximumExecutionTimeoutInSeconds"] >= 1200 + 600
    named = [one["AlarmName"] for one in config["AutoRollbackConfiguration"]["Alarms"]]
    assert named == [found[key]["Properties"]["AlarmName"] for key in found["Endpoint"]["DependsOn"]]


def test_alarms_count_as_cloudwatch_counts() -> None:
    found = serving(served(live(rollout=WATCHED, low=2, high=2)))
    errors, slow, busy = (found[key]["Properties"] for key in ("ErrorsAlarm", "SlowAlarm", "BusyAlarm"))
    assert slow["Threshold"] == 200_000
    assert (slow["ExtendedStatistic"], slow["Namespace"]) == ("p95", "AWS/SageMaker")
    assert busy["Threshold"] == 320
    assert busy["Namespace"] == "/aws/sagemaker/Endpoints"
    assert {one["TreatMissingData"] for one in (errors, slow, busy)} == {"notBreaching"}
    assert [one["Id"] for one in errors["Metrics"] if one["ReturnData"]] == ["share"]
    # The endpoint waits for its alarms: they name it by its letters. What they count is of the new machines.
    dimensions = {one["Name"]: one["Value"] for one in slow["Dimensions"]}
    assert dimensions["EndpointName"] == "churn-live"
    assert dimensions["EndpointConfigName"] == {"Fn::GetAtt": ["EndpointConfig", "EndpointConfigName"]}


def test_an_alarm_can_speak_before_its_bake_is_over() -> None:
    short = replace(CANARY, bake=300, abort_on=(replace(ERRORS, window=600),))
    alarm = serving(served(live(rollout=short, low=2, high=2)))["ErrorsAlarm"]["Properties"]
    assert alarm["EvaluationPeriods"] * 60 < 300


@pytest.mark.parametrize(
    ("strategy", "steps", "kind"),
    [
        ("canary", (0.1, 1.0), "CANARY"),
        ("canary", (0.25, 0.5, 0.75, 1.0), "LINEAR"),
        ("linear", (0.3, 0.6, 0.9, 1.0), "LINEAR"),
        ("linear", (0.5, 1.0), "CANARY"),
        ("canary", (0.1, 0.5, 1.0), None),
        ("canary", (0.6, 1.0), None),
        ("linear", (0.05, 0.1, 1.0), None),
    ],
)
def test_steps_are_those_of_the_guardrails_or_refused(strategy: Any, steps: Any, kind: str | None) -> None:
    service = live(rollout=replace(CANARY, strategy=strategy, steps=steps), low=10, high=10)
    if kind is None:
        (refused,) = [f for f in findings(served(service)) if f.code == "MG301"]
        assert refused.spec_path == (*ORIGIN, "rollout", "steps")
    else:
        policy = serving(served(service))["Endpoint"]["Properties"]["DeploymentConfig"]["BlueGreenUpdatePolicy"]
        assert policy["TrafficRoutingConfiguration"]["Type"] == kind


def test_a_canary_is_never_unwatched_and_never_watched_too_shortly_or_too_long() -> None:
    def refused(**more: Any) -> list[str]:
        return [f.message for f in findings(served(live(low=2, high=2, **more))) if f.severity == "error"]

    assert "no alarm watches" in refused(rollout=replace(CANARY, abort_on=()))[0]
    assert "whole minutes" in refused(rollout=replace(CANARY, bake=60))[0]
    assert "at most 60 minutes" in refused(rollout=replace(CANARY, bake=7200))[0]


@pytest.mark.parametrize("more", [{}, {**SCALED, "hours": (replace(WEEKEND, low=1),)}], ids=["always", "at weekends"])
def test_one_machine_is_not_shared_and_its_canary_still_goes_back(more: dict[str, Any]) -> None:
    """A canary of more than half of the machines is refused by the service, in the middle of a rollout."""
    service = live(rollout=CANARY, **more)
    (warned,) = [f for f in findings(served(service)) if f.severity == "warning"]
    assert "one replica" in warned.message
    config = serving(served(service))["Endpoint"]["Properties"]["DeploymentConfig"]
    assert config["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["Type"] == "ALL_AT_ONCE"
    assert config["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] == 600
    assert config["AutoRollbackConfiguration"]["Alarms"]


def test_blue_green_keeps_the_old_machines_for_the_bake() -> None:
    rollout = replace(ALL_AT_ONCE, strategy="blue-green", bake=900)
    config = serving(served(live(rollout=rollout)))["Endpoint"]["Properties"]["DeploymentConfig"]
    assert config["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["Type"] == "ALL_AT_ONCE"
    assert config["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] == 900
