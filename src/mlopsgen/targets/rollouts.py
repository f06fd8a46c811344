"""rollout.json: what the runtime's `rollout` reads of a real-time deployment, on whichever platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlopsgen.plan.services import Alarm, RealTime
from mlopsgen.render.job import FileJob


def rollout_file(
    path: str, service: RealTime, *, registry: str, fleet: str, state: str, native: Mapping[str, Any]
) -> FileJob:
    """The file of one deployment.

    registry, fleet and state are addresses that the runtime opens: the model's, the deployment's, and that of the
    store in which two rollouts at once keep out of each other's way. `native` is for the platform's own adapter.
    """
    rollout = service.rollout
    content = {
        "format": "mlopsgen/rollout/v1",
        "deployment": service.name,
        "registry": registry,
        "fleet": fleet,
        "state": state,
        "strategy": rollout.strategy,
        "steps": list(rollout.steps),
        "bake": rollout.bake,
        "alarms": [_alarm(one) for one in rollout.abort_on],
        "native": native,
    }
    return FileJob(path, "_shared/rollout.json.j2", {"rollout": content})


def _alarm(alarm: Alarm) -> dict[str, Any]:
    facts = {"quantile": alarm.quantile, "resource": alarm.resource}
    more = {key: value for key, value in facts.items() if value is not None}
    return {"name": alarm.name, "figure": alarm.figure, "at_most": alarm.at_most, "window": alarm.window, **more}
