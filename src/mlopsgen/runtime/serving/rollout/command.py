"""Rolls a version out to a real-time deployment, as its rollout.json says.

rollout --plan=FILE|URI --version=V|--registered=DIR [--only=any|newer] [--run-id=ID]

The version must be approved. The platform keeps where the rollout stands: started again after it was cut off, it goes
on from there. Of two at once one works, and the other ends with exit code 5. To roll back, roll the version before out.
--registered is what `register` wrote to its --out: a version that waits for a person is left alone.
With --only=newer a version that was registered before the live one is left alone: events come late, and twice.
Exit 4: an alarm took the version back. When the version is live it becomes the champion.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

from ...files import read_json
from ...flags import Flags, read_flags
from ...platforms import open_fleet, open_registry, open_store
from ...platforms.api import Ordered, Promoting, Registry
from ...problems import Usage
from ..lock import Claim, held
from .engine import live_version, roll
from .order import read_order

SINGLE = ("plan", "version", "registered", "only", "run-id")
ONLY = ("any", "newer")


def run(argv: Sequence[str]) -> int:
    """Brings the version, or says why not."""
    flags = read_flags("rollout", argv, single=SINGLE)
    order, version = read_order(flags.one("plan")), _version(flags)
    if version is None:
        return 0
    registry = open_registry(order.registry)
    if not isinstance(registry, Promoting):
        raise Usage(f"the champion of `{order.registry}` is not moved by this command")
    only = flags.choice("only", ONLY) if flags.maybe("only") else "any"
    owner = flags.maybe("run-id") or f"{socket.gethostname()}-{os.getpid()}"
    with held(open_store(order.state), Claim(name=order.deployment, run=owner)):
        fleet = open_fleet(order.fleet, order.native)
        live = live_version(fleet) if only == "newer" else None
        if live is not None and _came_before(registry, version, live):
            print(f"{order.deployment}: version {live} is live, and {version} came before it: nothing is done")
        else:
            roll(order, version, fleet, registry)
    return 0


def _came_before(registry: Registry, version: str, live: str) -> bool:
    if not isinstance(registry, Ordered):
        raise Usage("--only=newer: this registry does not tell which of two versions came later")
    return registry.newer(live, version)


def _version(flags: Flags) -> str | None:
    """The version that is rolled out; None where a person has to approve it first."""
    if flags.maybe("registered") is None:
        return flags.one("version")
    if flags.maybe("version") is not None:
        raise Usage("--version and --registered say the same twice")
    about = read_json(flags.folder("registered") / "version.json")
    if about["status"] != "approved":
        print(f"version {about['version']} is {about['status']}, so it is not rolled out")
        return None
    return str(about["version"])
