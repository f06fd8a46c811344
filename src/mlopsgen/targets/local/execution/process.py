"""Child processes: each in a group of its own, so that nothing it started outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Literal, Self

from mlopsgen.records import dataclass

GRACE = 5.0
"""Seconds between asking a process to end and ending it."""
_POLL = 0.05


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    how: Literal["well", "failed", "timeout", "stopped"]
    seconds: float
    reason: str


class Stop:
    """Says to everything that runs that it must end now."""

    def __init__(self) -> None:
        self._requested = threading.Event()
        self._urgent = threading.Event()

    @property
    def requested(self) -> bool:
        """Whether the run must end."""
        return self._requested.is_set()

    @property
    def urgent(self) -> bool:
        """Whether it must end without waiting for anything."""
        return self._urgent.is_set()

    def ask(self) -> None:
        """Ends the run; asked twice, without waiting for anything."""
        if self.requested:
            self._urgent.set()
        self._requested.set()

    def wait(self, seconds: float) -> bool:
        """Waits that long; True when the run must end."""
        return self._requested.wait(seconds)


class Deadline(Stop):
    """A part of a run that must end when the run does, or at a time of its own."""

    def __init__(self, run: Stop, seconds: float | None) -> None:
        super().__init__()
        self._run = run
        self._until = float("inf") if seconds is None else time.monotonic() + seconds

    @property
    def requested(self) -> bool:
        """Whether the run, or the time, is over."""
        return self._run.requested or time.monotonic() > self._until

    @property
    def urgent(self) -> bool:
        """Whether the run must end without waiting for anything."""
        return self._run.urgent

    def wait(self, seconds: float) -> bool:
        """Waits that long, but not beyond the end of the run or of the time."""
        self._run.wait(max(0.0, min(seconds, self._until - time.monotonic())))
        return self.requested


# Reads `+pid` and `-pid`; at the end of its input, however the run died, it ends what is left.
_WATCH = """
import os, signal, sys, time
alive = set()
for line in sys.stdin:
    (alive.add if line[0] == "+" else alive.discard)(int(line[1:]))
for how in (signal.SIGTERM, signal.SIGKILL):
    for group in alive:
        try:
            os.killpg(group, how)
        except OSError:
            continue
    time.sleep(1.0 if alive and how == signal.SIGTERM else 0)
"""


class Watchdog:
    """Ends every child process even when this process is killed and can do nothing any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _WATCH], stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def mind(self, group: int) -> None:
        """From now on this group must not outlive us."""
        self._say(f"+{group}")

    def forget(self, group: int) -> None:
        """This group has ended; its number may be somebody else's soon."""
        self._say(f"-{group}")

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        # A watchdog that somebody killed must not end the run.
        with self._lock, suppress(BrokenPipeError):
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One command to run, and where what it says goes."""

    argv: Sequence[str]
    env: Mapping[str, str]
    folder: Path
    out: Path
    err: Path
    timeout: float | None


def run(call: Call, stop: Stop, watchdog: Watchdog) -> Ended:
    """Runs a command to its end, its time limit, or the end of the run."""
    began = time.monotonic()
    with call.out.open("ab") as out, call.err.open("ab") as err:
        start = err.tell()
        try:
            child = _start(call, out, err)
        except OSError as error:
            return Ended("failed", 0.0, f"`{call.argv[0]}` cannot be started: {error.strerror}")
        watchdog.mind(child.pid)
        how = _wait(child, began, call.timeout, stop)
        _end_group(child, gently=how in ("timeout", "stopped"), stop=stop)
        watchdog.forget(child.pid)
    seconds = time.monotonic() - began
    return Ended(how, seconds, _reason(how, child.returncode, call, start))


def _start(call: Call, out: IO[bytes], err: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        call.argv,
        env=dict(call.env),
        cwd=call.folder,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        start_new_session=True,
    )


def _wait(
    child: subprocess.Popen[bytes], began: float, timeout: float | None, stop: Stop
) -> Literal["well", "failed", "timeout", "stopped"]:
    while True:
        with suppress(subprocess.TimeoutExpired):
            return "failed" if child.wait(_POLL) else "well"
        if stop.requested:
            return "stopped"
        if timeout is not None and time.monotonic() - began > timeout:
            return "timeout"


def _end_group(child: subprocess.Popen[bytes], *, gently: bool, stop: Stop) -> None:
    """Ends the command and all it started; afterwards nobody writes to its folders any more."""
    if gently:
        _signal(child.pid, signal.SIGTERM)
        until = time.monotonic() + GRACE
        while child.poll() is None and time.monotonic() < until and not stop.urgent:
            time.sleep(_POLL)
    _signal(child.pid, signal.SIGKILL)
    child.wait()


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


_LINES = 12
_LENGTH = 2000


def _reason(how: str, code: int, call: Call, start: int) -> str:
    if how == "well":
        return ""
    if how == "stopped":
        return "the run was stopped"
    if how == "timeout":
        return f"it took longer than its time limit of {call.timeout:g} s"
    ended = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"{ended}\n{_last_words(call.err, start)}".strip()


def _last_words(err: Path, start: int) -> str:
    """The last lines that this attempt wrote to stderr."""
    with err.open("rb") as stream:
        stream.seek(max(start, err.stat().st_size - 4 * _LENGTH))
        text = stream.read().decode("utf-8", "replace")
    return "\n".join(text.rstrip().splitlines()[-_LINES:])[-_LENGTH:]
