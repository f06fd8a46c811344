"""The machines of one job: which of them leads, and which one this is."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

from .problems import Failed

PORT = "29400"
PATIENCE = 600.0
"""Seconds until the first machine has to have an address: machines of a job do not start together."""


def rendezvous(place: str) -> dict[str, str]:
    """Where torchrun finds the first machine, and its own number: out of a variable, or a file where it is a path."""
    variables = _of_file(Path(place)) if "/" in place else _of_variable(place)
    # torchrun takes its own options from variables that start with PET_.
    own = {
        f"PET_{name}": value for name, value in variables.items() if name in ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK")
    }
    return {**variables, **own}


def _of_variable(variable: str) -> dict[str, str]:
    """A JSON object such as CLUSTER_SPEC; a job of one machine may have no such variable.

    {"cluster": {"workerpool0": ["host:port"], "workerpool1": […]}, "task": {"type": "workerpool1", "index": 0}};
    the pools count on from one to the next.
    """
    text = os.environ.get(variable)
    if not text:
        return {}
    try:
        spec = json.loads(text)
        pools, task = spec["cluster"], spec["task"]
        order = sorted(pools)
        before = order[: order.index(task["type"])]
        rank = sum(len(pools[pool]) for pool in before) + int(task.get("index", 0))
        host, _, port = pools[order[0]][0].partition(":")
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Failed(f"{variable} does not name the machines of this job: {error!r}") from None
    return {"MASTER_ADDR": host, "MASTER_PORT": port or PORT, "NODE_RANK": str(rank)}


def _of_file(file: Path) -> dict[str, str]:
    """SageMaker's resourceconfig.json: {"hosts": […], "current_host": "…", "network_interface_name": "eth0"}."""
    try:
        config = json.loads(file.read_bytes())
        hosts: list[str] = config["hosts"]
        rank = hosts.index(config["current_host"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise Failed(f"{file} does not name the machines of this job: {error!r}") from None
    variables = {"MASTER_ADDR": hosts[0], "MASTER_PORT": PORT, "NODE_RANK": str(rank)}
    if interface := config.get("network_interface_name"):
        variables |= {"NCCL_SOCKET_IFNAME": interface, "GLOO_SOCKET_IFNAME": interface}
    _wait_for(hosts[0])
    return variables


def _wait_for(host: str) -> None:
    """Waits until the first machine's name has an address, which it gets when it has started."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.getaddrinfo(host, None)
        except OSError as error:
            if time.monotonic() >= end:
                reason = f"{host}, the first machine of this job, has no address after {PATIENCE:g} seconds"
                raise Failed(f"{reason}: {error}") from None
            time.sleep(1)
        else:
            return
