"""Runs the command of a step as a child process: output streams through, signals are handed on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import IO

from .commands import COMMANDS
from .problems import Failed, Usage

# SageMaker shows 1,024 bytes of a failure, others more: this fits everywhere.
REASON_LIMIT = 1024


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child process ended, and the last lines it wrote to stderr."""

    code: int
    last_words: str


TIMED_OUT = 124
"""The exit code of a command that took too long, as `timeout` has it."""
LAST_WORDS = 10
"""Seconds that a command has to end by itself when its time is over."""


def run_child(argv: Sequence[str], secrets: Mapping[str, str] | None = None, limit: float | None = None) -> Ended:
    """Runs a command to its end, for `limit` seconds at most; SIGTERM and SIGINT reach it.

    Its stderr is shown live and remembered.
    """
    tail: deque[str] = deque(maxlen=20)
    with _signals_handed_on() as forward:
        try:
            child = subprocess.Popen(
                as_command(argv),
                env={**os.environ, **(secrets or {})},
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise Failed(f"`{argv[0]}` cannot be started: {error.strerror}") from None
        forward.to(child)
        assert child.stderr is not None
        reader = threading.Thread(target=_stream, args=(child.stderr, tail), daemon=True)
        reader.start()
        late = _is_late(child, limit)
        code = child.wait()
        # A grandchild may keep the pipe open for ever; what it still says is not the reason.
        reader.join(timeout=5)
    if late:
        said = f"it took longer than its time limit of {limit:g} s"
        print(f"mlopsgen: {said}", file=sys.stderr)
        return Ended(TIMED_OUT, said)
    return Ended(code if code >= 0 else 128 - code, "".join(tail)[-REASON_LIMIT:].strip())


def _is_late(child: subprocess.Popen[str], limit: float | None) -> bool:
    """Waits for the command's end, and ends it when its time is over."""
    try:
        child.wait(limit)
    except subprocess.TimeoutExpired:
        child.terminate()
        try:
            child.wait(LAST_WORDS)
        except subprocess.TimeoutExpired:
            child.kill()
        return True
    return False


def as_command(argv: Sequence[str]) -> list[str]:
    """The argv to start: `python` and the names of our own commands mean the interpreter that runs now."""
    if not argv:
        raise Usage("no command stands after ` -- `")
    if argv[0] in ("python", "python3"):
        return [sys.executable, *argv[1:]]
    if argv[0] in COMMANDS:
        return [sys.executable, "-m", str(__package__), *argv]
    return list(argv)


def _stream(pipe: IO[str], tail: deque[str]) -> None:
    with pipe:
        for line in pipe:
            sys.stderr.write(line)
            sys.stderr.flush()
            tail.append(line)


class _Forwarder:
    """Hands signals to the child, also those that came before it was there."""

    def __init__(self) -> None:
        self.child: subprocess.Popen[str] | None = None
        self.early: list[int] = []

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        if self.child is None:
            self.early.append(number)
        elif self.child.poll() is None:
            self.child.send_signal(number)

    def to(self, child: subprocess.Popen[str]) -> None:
        self.child = child
        for number in self.early:
            child.send_signal(number)


@contextmanager
def _signals_handed_on() -> Iterator[_Forwarder]:
    forward = _Forwarder()
    if threading.current_thread() is not threading.main_thread():
        yield forward
        return
    # On a terminal Ctrl-C reaches the child by itself; handing it on would be a second one.
    numbers = [signal.SIGTERM] if sys.stdin and sys.stdin.isatty() else [signal.SIGTERM, signal.SIGINT]
    before = {number: signal.signal(number, forward) for number in numbers}
    try:
        yield forward
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
