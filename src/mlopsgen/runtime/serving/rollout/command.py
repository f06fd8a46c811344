"""Rolls a version out to a real-time deployment, as its rollout.json says.

rollout --plan=FILE|URI --version=V|--registered=DIR [--run-id=ID]

The version must be approved. The platform keeps where the rollout stands: started again after it was cut off, it goes
on from there. Of two at once one works, and the other ends with exit code 5. To roll back, roll the version before out.
--registered is what `register` wrote to its --out: a version that waits for a person is left alone.
Exit 4: an alarm took the version back. When the version is live it becomes the champion.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

from ...files import read_json
from ...flags import Flags, read_flags
from ...platforms import open_fleet, open_registry, open_store
from ...platforms.api import Promoting
from ...problems import Usage
from ..lock import Claim, held
from .engine import roll
from .order import read_order

SINGLE = ("plan", "version", "registered", "run-id")


def run(argv: Sequence[str]) -> int:
    """Brings the version, or says why not."""
    flags = read_flags("rollout", argv, single=SINGLE)
    order, version = read_order(flags.one("plan")), _version(flags)
    if version is None:
        return 0
    registry = open_registry(order.registry)
    if not isinstance(registry, Promoting):
        raise Usage(f"the champion of `{order.registry}` is not moved by this command")
    owner = flags.maybe("run-id") or f"{socket.gethostname()}-{os.getpid()}"
    with held(open_store(order.state), Claim(name=order.deployment, run=owner)):
        roll(order, version, open_fleet(order.fleet, order.native), registry)
    return 0


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
