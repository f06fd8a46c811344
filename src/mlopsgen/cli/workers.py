"""Processes that each compile and write some of the specs; what they find is told to the one that started them."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import mlopsgen.compile  # noqa: F401 — imported before they fork, so that none of them imports it again
from mlopsgen.cli.batch import Batch, Outcome, Step

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, SpawnContext


def _context() -> ForkContext | SpawnContext:
    """A fork has everything imported already; elsewhere than on Linux libraries of the system do not bear it."""
    return multiprocessing.get_context("fork") if sys.platform == "linux" else multiprocessing.get_context("spawn")


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
        while True:
            try:
                answer = self._pipe.recv()
            except EOFError:
                raise ChildProcessError("a process that compiled specs was ended from outside") from None
            if isinstance(answer, Exception):
                raise answer
            yield answer

    def end(self) -> None:
        """Ends the process, whatever it is at: a bundle is written whole or not at all."""
        self._pipe.close()
        self._process.terminate()
        self._process.join()


@contextmanager
def workers(batches: Sequence[Batch]) -> Iterator[list[Worker]]:
    """A process for each batch; none is left when this is left."""
    started: list[Worker] = []
    try:
        for batch in batches:
            worker = Worker(batch)
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
            for outcome in batch.take(step):
                pipe.send(outcome)
        except Exception as bug:  # noqa: BLE001 — raised again where there is somebody to read it
            bug.add_note(traceback.format_exc())
            pipe.send(bug)
