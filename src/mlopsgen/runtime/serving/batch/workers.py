"""The processes of one machine: each loads the model and takes the next part that nobody has."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from ...problems import Failed
from .calls import Loaded, die_with_parent
from .parts import Part
from .plan import Plan
from .scoring import scoring
from .settings import Settings


def work(settings: Settings, plan: Plan, loaded: Loaded, parts: Sequence[Part]) -> None:
    """Scores these parts; of those that fail, the first one's reason is told."""
    workers = min(settings.crew.workers, len(parts))
    if workers > 1:
        _together(settings, plan, loaded, parts, workers)
    elif parts:
        with scoring(settings, plan, loaded) as one:
            for part in parts:
                print(one.score(part), flush=True)


@dataclass(slots=True)
class Queue:
    """Parts that nobody has taken yet; none are handed out once one has failed."""

    left: Iterator[Part]
    failed: list[tuple[int, str]] = field(default_factory=list)
    lock: Any = field(default_factory=Lock)

    def take(self) -> Part | None:
        """The next part."""
        with self.lock:
            return None if self.failed else next(self.left, None)

    def fail(self, number: int, reason: str) -> None:
        """Nobody takes another."""
        with self.lock:
            self.failed.append((number, reason))


def _together(settings: Settings, plan: Plan, loaded: Loaded, parts: Sequence[Part], workers: int) -> None:
    context = multiprocessing.get_context("spawn")
    queue = Queue(iter(parts))
    started: list[tuple[Any, Any]] = []
    try:
        for _ in range(workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=_score, args=(theirs, settings, plan, loaded))
            process.start()
            theirs.close()
            started.append((process, ours))
        with ThreadPoolExecutor(workers) as threads:
            for ended in [threads.submit(_hand_out, queue, process, pipe) for process, pipe in started]:
                ended.result()
    finally:
        for process, pipe in started:
            pipe.close()
            process.kill()
            process.join()
    if queue.failed:
        raise Failed(min(queue.failed)[1])


def _hand_out(queue: Queue, process: Any, pipe: Any) -> None:
    """Gives one process its parts, one after the other."""
    while (part := queue.take()) is not None:
        try:
            pipe.send(part)
            good, text = pipe.recv()
        except (EOFError, OSError):
            process.join(5)
            queue.fail(part.number, _ended(process.exitcode, part))
            return
        if not good:
            queue.fail(part.number, text)
            return
        print(text, flush=True)


def _ended(code: int | None, part: Part) -> str:
    how = f"exit code {code}"
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            how = f"signal {signal.Signals(-code).name}"
    return (
        f"the process that scored part {part.number + 1} ended with {how}; if it is a record that does it,"
        " --call-timeout (`mini_batch: {timeout: …}`) has it found"
    )


def _score(pipe: Any, settings: Settings, plan: Plan, loaded: Loaded) -> None:
    """One process, until nobody hands it parts any more."""
    die_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    part = None
    try:
        part = pipe.recv()
        with scoring(settings, plan, loaded) as one:
            while True:
                pipe.send((True, one.score(part)))
                part = pipe.recv()
    except EOFError:
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side says it
        text = str(error) if isinstance(error, Failed) else f"{type(error).__name__}: {error}"
        with contextlib.suppress(OSError):
            pipe.send((False, text))
