"""Processes that each compile and write some of the specs; what they find is told to the one that started them."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import mlopsgen.compile  # noqa: F401 — imported before they fork, so that none of them imports it again
from mlopsgen.cli.batch import Batch, Job, Outcome, Step

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, SpawnContext


def _context() -> ForkContext | SpawnContext:
    """A fork has everything imported already; elsewhere than on Linux libraries of the system do not bear it."""
    return multiprocessing.get_context("fork") if sys.platform == "linux" else multiprocessing.get_context("spawn")


class Shared:
    """Specs of which several processes take the next one whenever they are done with one: none waits for another."""

    def __init__(self, specs: Sequence[Path]) -> None:
        self._specs = specs
        self._taken = _context().Value("i", 0)

    def __iter__(self) -> Iterator[Path]:
        while True:
            with self._taken.get_lock():
                number = self._taken.value
                self._taken.value += 1
            if number >= len(self._specs):
                return
            yield self._specs[number]


class Worker:
    """A process with a batch of its own."""

    def __init__(self, batch: Batch) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = _context().Process(target=_serve, args=(theirs, batch), daemon=True)
        self._process.start()
        theirs.close()

    def take(self, step: Step) -> Iterator[Outcome]:
        """Has the process begin a step."""
        self._pipe.send(step)
        return self._outcomes()

    def _outcomes(self) -> Iterator[Outcome]:
        try:
            answer = self._pipe.recv()
        except EOFError:
            raise ChildProcessError("a process that compiled specs was ended from outside") from None
        if isinstance(answer, Exception):
            raise answer
        yield from answer

    def end(self) -> None:
        """Ends the process, whatever it is at: a bundle is written whole or not at all."""
        self._pipe.close()
        self._process.terminate()
        self._process.join()


@contextmanager
def workers(job: Job, specs: Sequence[Path], number: int) -> Iterator[list[Worker]]:
    """Processes that share the specs; none is left when this is left."""
    started: list[Worker] = []
    shared = Shared(specs)
    try:
        for _ in range(number):
            worker = Worker(Batch(job, shared))
            started.append(worker)
        yield started
    finally:
        for worker in started:
            worker.end()


def _serve(pipe: Connection, batch: Batch) -> None:
    """Takes the steps that are sent until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group: who started us ends us
    while True:
        try:
            step = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(list(batch.take(step)))
        except Exception as bug:  # noqa: BLE001 — raised again where there is somebody to read it
            bug.add_note(traceback.format_exc())
            pipe.send(bug)
