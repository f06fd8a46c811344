"""Replicas of a real-time deployment that come and go, by figures and by hours."""

from __future__ import annotations

import json
from pathlib import Path

from .specs import emitted
from .test_live import live, plan


def test_replicas_that_start_stop_again_and_requests_are_counted_for_each(tmp_path: Path) -> None:
    scale = {"requests_per_minute": 750, "cpu": {"out": 0.7, "in": 0.25}, "latency": "800ms"}
    (profile,) = plan(emitted(tmp_path, live(replicas={"min": 2, "max": 9}, scale_on=scale)))["native"]["scaling"][
        "profiles"
    ]
    assert profile["capacity"] == {"minimum": "2", "maximum": "9", "default": "2"}
    said = [
        (t["metricName"], t["operator"], t["threshold"], t["dividePerInstance"], rule["scaleAction"]["direction"])
        for rule in profile["rules"]
        for t in (rule["metricTrigger"],)
    ]
    assert said == [
        ("RequestsPerMinute", "GreaterThan", 750, True, "Increase"),
        ("RequestsPerMinute", "LessThan", 300, True, "Decrease"),
        ("CpuUtilizationPercentage", "GreaterThan", 70, False, "Increase"),
        ("CpuUtilizationPercentage", "LessThan", 25, False, "Decrease"),
        ("RequestLatency_P95", "GreaterThan", 800, False, "Increase"),
        ("RequestLatency_P95", "LessThan", 320, False, "Decrease"),
    ]


def test_hours_begin_and_end_on_their_days(tmp_path: Path) -> None:
    """A profile without its other half would hold until the next one begins: a weekend of one replica for ever."""
    night = {"days": ["fri", "sat"], "hours": "22:00-06:00", "timezone": "Europe/Paris", "min": 1, "max": 1}
    made = emitted(tmp_path, live(replicas={"min": 2, "max": 4}, scale_on={"cpu": 0.7}, profiles={"night": night}))
    during, after = plan(made)["native"]["scaling"]["profiles"]
    assert (during["name"], during["capacity"]["maximum"]) == ("night", "1")
    assert json.loads(after["name"]) == {"name": "Auto created default scale condition", "for": "night"}
    assert during["recurrence"]["schedule"] == {
        "timeZone": "Romance Standard Time", "days": ["Friday", "Saturday"], "hours": [22], "minutes": [0],
    }  # fmt: skip
    assert after["recurrence"]["schedule"]["days"] == ["Saturday", "Sunday"]
    assert after["capacity"]["minimum"] == "2"
