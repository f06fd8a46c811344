"""One run or rollout of a deployment at a time, on however many machines: a file that says who is at it, since when.

Every machine of a run gives a sign of life in it, by conditional write. Who gave none for six times the heartbeat is
taken for dead, by the clocks of both machines. Who is at work and finds that another has its place stops at once.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..platforms.api import Store, Stored
from ..problems import Denied, Failed

KEY = "lock.json"
MISSES = 6
TRIES = 100
LOST = 5
"""The exit code when somebody else is at it, at the start or in the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who wants to be at it."""

    name: str
    """Of the deployment."""
    run: str
    node: int = 0
    every: float = 10.0
    """Seconds between two signs of life."""


class Busy(Failed):
    """Another run of the deployment is at work. Exit 5."""

    code = LOST


class Lock:
    """One machine's place in the file."""

    def __init__(self, store: Store, claim: Claim, stop: Callable[[str], None] | None = None) -> None:
        self.store, self.name, self.run = store, claim.name, claim.run
        self.node, self.every = str(claim.node), claim.every
        self.owner = secrets.token_hex(8)
        self.since = time.time()
        self.stop = stop or _stop
        self.ended = threading.Event()

    def take(self) -> None:
        """Takes the place; `Busy` says who has it."""
        waited: float | None = None
        deadline = time.monotonic() + MISSES * self.every + 1
        for _ in range(TRIES):
            seen, state = self._read()
            nodes: dict[str, Any] = state.get("nodes", {})
            alive = {node: about for node, about in nodes.items() if _is_alive(about)}
            ours = state.get("run") == self.run
            holder = alive.get(self.node) if ours else next(iter(alive.values()), None)
            if holder is None:
                if self._write(seen, alive if ours else {}):
                    return
                continue
            if not ours or (waited is not None and holder["beat"] != waited) or time.monotonic() > deadline:
                raise Busy(self._message(str(state["run"]), holder))
            # Perhaps it is this very machine's earlier try, which was killed: a living one gives another sign.
            if waited is None:
                print(f"{self._message(self.run, holder)}; waiting whether it still lives", flush=True)
            waited = holder["beat"]
            time.sleep(min(self.every, 1.0))
        raise Failed(f"{KEY} of `{self.name}` is changed by others all the time; try again")

    def keep(self) -> None:
        """Gives signs of life until it is told to end; stops the process when the place is lost."""
        good = time.monotonic()
        while not self.ended.wait(self.every):
            try:
                if self._beat():
                    good = time.monotonic()
            except Failed as problem:
                print(f"mlopsgen: no sign of life could be given: {problem}", file=sys.stderr, flush=True)
            if time.monotonic() - good > MISSES * self.every:
                self.stop(f"no sign of life could be given for {MISSES * self.every:g} seconds")

    def sees(self, node: int) -> bool:
        """Whether another machine of the run is at work."""
        _, state = self._read()
        about = state.get("nodes", {}).get(str(node))
        return about is not None and state.get("run") == self.run and _is_alive(about)

    def leave(self) -> None:
        """Gives the place up."""
        self.ended.set()
        with suppress(Failed):
            for _ in range(TRIES):
                seen, state = self._read()
                nodes = state.get("nodes", {})
                if nodes.get(self.node, {}).get("owner") != self.owner:
                    return
                left = {node: about for node, about in nodes.items() if node != self.node}
                if self.store.write(KEY, _body({"run": state["run"], "nodes": left}), seen):
                    return

    def _beat(self) -> bool:
        for _ in range(TRIES):
            seen, state = self._read()
            mine = state.get("nodes", {}).get(self.node, {})
            if self.ended.is_set():
                return True
            if state.get("run") != self.run or mine.get("owner") != self.owner:
                self.stop(f"another process has taken over: run {state.get('run')}")
                return False
            if self._write(seen, state["nodes"]):
                return True
        return False

    def _read(self) -> tuple[Stored, Mapping[str, Any]]:
        try:
            seen = self.store.read(KEY)
        except Denied:
            # Perhaps it is only not there yet; a write that replaces nothing tells.
            seen = Stored(None, "")
        return seen, {} if seen.body is None else json.loads(seen.body)

    def _write(self, seen: Stored, others: Mapping[str, Any]) -> bool:
        mine = {
            "owner": self.owner, "host": socket.gethostname(), "pid": os.getpid(), "space": _space(),
            "since": self.since, "beat": time.time(), "every": self.every,
        }  # fmt: skip
        return self.store.write(KEY, _body({"run": self.run, "nodes": {**others, self.node: mine}}), seen)

    def _message(self, run: str, holder: Mapping[str, Any]) -> str:
        since = datetime.fromtimestamp(holder["since"], UTC).isoformat(timespec="seconds")
        age = max(0.0, time.time() - holder["beat"])
        return (
            f"run {run} of `{self.name}` is at work: process {holder['pid']} on {holder['host']} since {since}, last"
            f" seen {age:.0f} seconds ago; without a sign of life for {MISSES * holder['every']:g} seconds it is taken"
            " for dead"
        )


@contextmanager
def held(store: Store, claim: Claim) -> Iterator[Lock]:
    """The place is kept while work is done."""
    lock = Lock(store, claim)
    lock.take()
    thread = threading.Thread(target=lock.keep, daemon=True)
    thread.start()
    try:
        yield lock
    finally:
        lock.leave()
        thread.join(5)


def _is_alive(about: Mapping[str, Any]) -> bool:
    """By its signs of life; a process that was of this machine is looked for."""
    if time.time() - about["beat"] > MISSES * about["every"]:
        return False
    if about["host"] != socket.gethostname() or not about["space"] or about["space"] != _space():
        return True
    try:
        os.kill(about["pid"], 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _space() -> str:
    """Where process numbers are counted: two containers may be of one name."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _body(state: Mapping[str, Any]) -> bytes:
    return json.dumps(state, indent=1).encode()


def _stop(reason: str) -> None:
    """Nothing more is written, not even what is just being written."""
    print(f"mlopsgen: {reason}; this process stops at once", file=sys.stderr, flush=True)
    os._exit(LOST)
