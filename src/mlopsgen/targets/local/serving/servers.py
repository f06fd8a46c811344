"""The servers behind the router: child processes, each with the model of one version."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from mlopsgen.runtime.problems import Failed
from mlopsgen.targets.local.execution.process import Watchdog

_ANSWERS = re.compile(r" answers at http://127\.0\.0\.1:(\d+) ")
PATIENCE = 600.0
"""Seconds that a model may take to load."""
GRACE = 30.0
"""Seconds that a server may take to end what is in work."""


class Stopped(BaseException):
    """`mlopsgen serve` is told to end: what is begun is left as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How a server starts."""

    argv: Sequence[str]
    env: Mapping[str, str]
    folder: Path


@dataclass(slots=True)
class Child:
    """One server, from its start to its end."""

    version: str
    command: Command
    watchdog: Watchdog
    show: TextIO
    stop: threading.Event
    port: int = 0
    words: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    _process: subprocess.Popen[str] | None = None
    _ready: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Returns when it answers; `Failed` says why it does not."""
        self._process = subprocess.Popen(
            self.command.argv,
            env=dict(self.command.env),
            cwd=self.command.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C is for the router: it ends the servers when all is answered.
            start_new_session=True,
        )
        self.watchdog.mind(self._process.pid)
        threading.Thread(target=self._listen, daemon=True).start()
        until = time.monotonic() + PATIENCE
        while not self.stop.is_set() and time.monotonic() < until:
            if self._ready.wait(0.1):
                break
        if not self.port:
            self.end()
            if self.stop.is_set():
                raise Stopped
            raise Failed(next(reversed(self.words), "") or f"it was not ready within {PATIENCE:g} seconds")

    @property
    def ended(self) -> str | None:
        """How it ended, None while it runs."""
        code = None if self._process is None else self._process.poll()
        return None if code is None else f"its server ended with exit code {code}"

    def end(self) -> None:
        """Lets it answer what is in work; afterwards nothing of it is left."""
        process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.watchdog.forget(process.pid)

    def _listen(self) -> None:
        assert self._process is not None and self._process.stdout is not None  # noqa: PT018 - one fact
        for line in self._process.stdout:
            if not self.port and (match := _ANSWERS.search(line)):
                self.port = int(match[1])
                self._ready.set()
            elif line.strip():
                self.words.append(line.strip())
                print(f"version {self.version}: {line.rstrip()}", file=self.show, flush=True)
        self._ready.set()
