"""Replicas that come and go: the properties of an autoscale setting (Microsoft.Insights/autoscaleSettings, 2022-10-01).

It belongs to one deployment, so a rollout makes one for each version, in the place of `{deployment}`. Each profile
repeats all rules, and no figure makes instances start that does not make them stop again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.plan.services import Hours, RealTime, Scaling
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.timezones import windows_name

RESOURCE = "{deployment}"
NAMESPACE = "microsoft.machinelearningservices/workspaces/onlineendpoints/deployments"
MOST_PROFILES = 20
"""Of one setting (azure-monitor/autoscale/autoscale-understanding-settings)."""
_DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
_METRICS = {
    "requests_per_minute": ("RequestsPerMinute", 1),
    "cpu": ("CpuUtilizationPercentage", 100),
    "memory": ("CpuMemoryUtilizationPercentage", 100),
    "latency": ("RequestLatency_P95", 1000),
}
"""Figure → the metric, and how many of its units one of ours is."""
_BACK = 0.4
"""Where a spec does not say: below this part of the bound an instance stops, and the rest stay below the bound."""


def scaling(context: Context, service: RealTime) -> Mapping[str, Any] | None:
    """The setting of a deployment; None where the number of its instances never changes."""
    _check(context, service)
    rules = [rule for one in service.scaling if one.figure in _METRICS for rule in _rules(service, one)]
    if not rules and not service.hours:
        return None
    usual = _bounds(service.low, service.high)
    profiles = [profile for hours in service.hours for profile in _profiles(hours, usual, rules)]
    if not profiles:
        profiles = [{"name": "usual", "capacity": usual, "rules": rules}]
    return {"profiles": profiles, "notifications": []}


def _bounds(low: int, high: int) -> dict[str, str]:
    return {"minimum": str(low), "maximum": str(high), "default": str(low)}


def _rules(service: RealTime, one: Scaling) -> Iterator[dict[str, Any]]:
    back = one.back if one.back is not None else one.out * _BACK
    for direction, operator, bound in (("Increase", "GreaterThan", one.out), ("Decrease", "LessThan", back)):
        metric, unit = _METRICS[one.figure]
        yield {
            "metricTrigger": {
                "metricName": metric,
                "metricNamespace": NAMESPACE,
                "metricResourceUri": RESOURCE,
                "timeGrain": "PT1M",
                "statistic": "Average",
                "timeWindow": "PT5M",
                "timeAggregation": "Average",
                "operator": operator,
                "threshold": round(bound * unit, 6),
                # Requests are counted of the whole deployment; a spec speaks of one replica.
                "dividePerInstance": one.figure == "requests_per_minute",
            },
            "scaleAction": {
                "direction": direction,
                "type": "ChangeCount",
                "value": "1",
                "cooldown": f"PT{-(-service.cooldown // 60)}M",
            },
        }


def _profiles(hours: Hours, usual: Mapping[str, str], rules: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A profile of certain hours, and the usual one after it: a recurrence has a start alone.

    The name of the second is how Azure knows which one it ends (autoscale-multiprofile).
    """
    zone = windows_name(hours.timezone) or "UTC"
    end, next_day = ("00:00", True) if hours.end == "24:00" else (hours.end, hours.end <= hours.start)
    after = json.dumps({"name": "Auto created default scale condition", "for": hours.name}, separators=(",", ":"))
    days = [_DAYS[day] for day in hours.days]
    yield {
        "name": hours.name,
        "capacity": _bounds(hours.low, hours.high),
        "rules": rules if hours.low < hours.high else [],
        "recurrence": _recurrence(zone, days, hours.start),
    }
    yield {
        "name": after,
        "capacity": usual,
        "rules": rules,
        "recurrence": _recurrence(zone, [_day_after(day) for day in days] if next_day else days, end),
    }


def _day_after(day: str) -> str:
    days = list(_DAYS.values())
    return days[(days.index(day) + 1) % 7]


def _recurrence(zone: str, days: list[str], at: str) -> dict[str, Any]:
    hour, _, minute = at.partition(":")
    when = {"timeZone": zone, "days": days, "hours": [int(hour)], "minutes": [int(minute)]}
    return {"frequency": "Week", "schedule": when}


def _check(context: Context, service: RealTime) -> None:
    for one in service.scaling:
        if one.figure not in _METRICS:
            message = f"Azure Monitor has no figure `{one.figure}` of one deployment"
            context.error("MG301", message, one.origin, hint=f"one of {', '.join(f'`{name}`' for name in _METRICS)}")
    for hours in service.hours:
        if hours.low < 1:
            message = "a deployment of Azure ML has at least one instance, at night, too"
            context.error("MG301", message, (*hours.origin, "min"), hint="`min: 1`")
        if windows_name(hours.timezone) is None:
            message = f"Azure knows no time zone like `{hours.timezone}`"
            context.error("MG311", message, (*hours.origin, "timezone"), hint="that of a larger city of the country")
    if 2 * len(service.hours) > MOST_PROFILES:
        message = f"an autoscale setting has {MOST_PROFILES} profiles at most, two for each of these"
        context.error("MG306", message, (*service.origin, "profiles"), hint=f"at most {MOST_PROFILES // 2} of them")
