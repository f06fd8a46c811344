"""The machines of one job: which of them leads, and which one this is."""

from __future__ import annotations

import json
import os

from .problems import Failed

PORT = "29400"


def rendezvous(variable: str) -> dict[str, str]:
    """Where torchrun finds the first machine, and its own number, out of a JSON object such as CLUSTER_SPEC.

    {"cluster": {"workerpool0": ["host:port"], "workerpool1": […]}, "task": {"type": "workerpool1", "index": 0}};
    the pools count on from one to the next. A job of one machine may have no such variable.
    """
    said = os.environ.get(variable)
    if not said:
        return {}
    try:
        spec = json.loads(said)
        pools, task = spec["cluster"], spec["task"]
        order = sorted(pools)
        before = order[: order.index(task["type"])]
        rank = sum(len(pools[pool]) for pool in before) + int(task.get("index", 0))
        host, _, port = pools[order[0]][0].partition(":")
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Failed(f"{variable} does not name the machines of this job: {error!r}") from None
    found = {"MASTER_ADDR": host, "MASTER_PORT": port or PORT, "NODE_RANK": str(rank)}
    # torchrun takes its own options from variables that start with PET_.
    return {**found, **{f"PET_{name}": value for name, value in found.items()}}
