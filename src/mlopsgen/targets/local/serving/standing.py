"""Where a deployment stands on this machine: `<registry>/<model>/deployments/<name>.json`, and who serves it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.targets.local.execution.folders import read_json, write_json
from mlopsgen.targets.local.execution.registry import Model, Request, approvals

FOLDER = "deployments"
NOTHING = Request()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """What the file says."""

    live: str | None = None
    coming: str | None = None
    step: int = -1
    since: float = 0.0
    seen: Request = NOTHING
    """The last request that came to its end, good or bad."""
    last: str = ""
    """What came of it, for people."""


class Place:
    """The file of one deployment."""

    def __init__(self, model: Model, deployment: str) -> None:
        self.model = model
        self.file = model.folder / FOLDER / f"{deployment}.json"
        self.request = model.folder / FOLDER / f"{deployment}.asked.json"

    def read(self) -> Stands:
        """Where it stands; the champion is live where no rollout has been before."""
        content = read_json(self.file)
        if content is None:
            return Stands(live=self._there(self.model.champion()))
        seen = Request(*content["seen"])
        stands = Stands(**{**content, "seen": seen})
        return replace(stands, live=self._there(stands.live), coming=self._there(stands.coming))

    def write(self, **changed: Any) -> None:
        """Replaces some of it; it is on the disk when this returns."""
        now = asdict(replace(self.read(), **changed))
        write_json(self.file, {**now, "seen": [now["seen"]["at"], now["seen"]["version"]]})

    def _there(self, version: str | None) -> str | None:
        """A version whose files somebody has deleted answers no more."""
        return version if version is not None and self.model.files(version) is not None else None

    def is_held(self) -> bool:
        """Whether somebody serves the deployment."""
        try:
            with self.file.with_suffix(".lock").open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @contextmanager
    def held(self, address: str) -> Iterator[None]:
        """Nobody else serves the deployment meanwhile; the system frees the place even when a process is killed."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.with_suffix(".lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise SpecError([_taken(self.file.stem, lock.read())]) from None
            lock.truncate(0)
            now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            lock.write(json.dumps({"process": os.getpid(), "address": address, "since": now}))
            lock.flush()
            yield


def newest(place: Place, *, by_hand: bool) -> Request | None:
    """The version that was asked for last: by its approval, unless a person starts each rollout, or by name."""
    one = read_json(place.request)
    requests = [Request(float(one["at"]), int(one["version"]))] if one else []
    if not by_hand:
        requests += approvals(place.model)
    there = (r for r in requests if place.model.files(str(r.version)) is not None)
    return max(there, default=None)


def _taken(deployment: str, holder: str) -> Diagnostic:
    try:
        about = json.loads(holder)
        who = f"process {about['process']} serves it at {about['address']} since {about['since']}"
        hint = f"ask {about['address']}, or stop it: `kill {about['process']}`"
    except (ValueError, KeyError, TypeError):
        who, hint = "another process serves it", "stop the other one"
    return Diagnostic("MG612", f"`{deployment}` is served already: {who}", hint=hint)
