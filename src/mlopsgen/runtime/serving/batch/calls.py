"""Asks the model in mini-batches, and finds the record on which it breaks.

A call that fails is made again as often as was said. If it fails then too, its records are asked about in halves, until
the ones that break it stand alone: those are bad records, and all others are scored.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import multiprocessing
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ...problems import Failed
from ...tables import Frame
from ..outputs import Columns
from ..refusals import BadRecords, ModelFailed
from ..scorer import Scorer, open_scorer
from .settings import Calls, Source

TRACES = 3
"""So many failures of a script are shown with their traceback, by each process."""
STARTING = 600
"""Seconds in which a model is loaded."""


class Caller(Protocol):
    """Whoever asks the model."""

    def __call__(self, table: Frame) -> Columns:
        """Columns with one value for each record; `Failed` where the call came to nothing."""
        ...

    def close(self) -> None:
        """Frees what it holds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a process needs to load the model."""

    source: Source
    folder: Path
    version: str

    def scorer(self) -> Scorer:
        """The model, loaded."""
        source = self.source
        return open_scorer(self.folder, source.script(), contract=source.rules(), version=self.version)


@dataclass(slots=True)
class Direct:
    """Asks in this process."""

    scorer: Scorer
    failures: int = 0

    def __call__(self, table: Frame) -> Columns:
        try:
            with self._quiet():
                return self.scorer.predict_checked(table).flat()
        except Failed:
            self.failures += 1
            raise

    def close(self) -> None:
        """Holds nothing."""

    def _quiet(self) -> AbstractContextManager[Any]:
        """A script that fails for thousands of records says why a few times."""
        return contextlib.redirect_stderr(io.StringIO()) if self.failures >= TRACES else contextlib.nullcontext()


class Guarded:
    """Asks in a process of its own, which is ended when an answer takes too long; the next call starts another."""

    def __init__(self, loaded: Loaded, timeout: float) -> None:
        self.loaded, self.timeout = loaded, timeout
        self.process: Any = None
        self.pipe: Any = None

    def __call__(self, table: Frame) -> Columns:
        self._start()
        try:
            self.pipe.send(table)
            # It says when it has the records: to take them over is no part of the call.
            if not self.pipe.poll(STARTING) or self.pipe.recv() is not None or not self.pipe.poll(self.timeout):
                raise ModelFailed(f"the call took longer than {self.timeout:g} seconds")
            good, answer = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join(5)
            code = self.process.exitcode
            self.close()
            raise ModelFailed(f"the process that asks the model ended with exit code {code}") from None
        except ModelFailed:
            self.close()
            raise
        if not good:
            raise answer
        return answer  # type: ignore[no-any-return]

    def close(self) -> None:
        """Ends the process."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.pipe.close()
            self.process = self.pipe = None

    def _start(self) -> None:
        if self.process is not None:
            return
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_answer, args=(theirs, self.loaded), daemon=False)
        self.process.start()
        theirs.close()
        try:
            if not self.pipe.poll(STARTING):
                raise Failed(f"the model was not loaded within {STARTING} seconds")
            good, answer = self.pipe.recv()
        except (EOFError, OSError):
            self.close()
            raise Failed("the process that asks the model ended while it loaded it") from None
        if not good:
            raise answer


def _answer(pipe: Any, loaded: Loaded) -> None:
    """The other process: loads the model, then answers one table after the other, until nobody asks any more."""
    die_with_parent()
    try:
        direct = Direct(loaded.scorer())
    except BaseException as error:  # noqa: BLE001 - whatever it is, the other side says it
        pipe.send((False, _sendable(error)))
        return
    pipe.send((True, None))
    while True:
        try:
            table = pipe.recv()
            pipe.send(None)
        except (EOFError, OSError):
            return
        try:
            pipe.send((True, direct(table)))
        except Failed as error:
            pipe.send((False, error if isinstance(error, BadRecords) else ModelFailed(str(error))))


def die_with_parent() -> None:
    """Asks Linux to end this process with the one that started it, even if that is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _sendable(error: BaseException) -> Failed:
    return Failed(str(error) if isinstance(error, Failed) else f"{type(error).__name__}: {error}")


@contextmanager
def caller(loaded: Loaded, scorer: Scorer, timeout: float | None) -> Iterator[Caller]:
    """Who asks: this process, or where calls have a limit one that can be ended."""
    one: Caller = Direct(scorer) if timeout is None else Guarded(loaded, timeout)
    try:
        yield one
    finally:
        one.close()


@dataclass(slots=True)
class Answers:
    """What is said of the records of a table, and of which nothing can be said."""

    call: Caller
    table: Frame
    retries: int
    pieces: list[tuple[list[int], Columns]] = field(default_factory=list)
    bad: dict[int, str] = field(default_factory=dict)

    def ask(self, places: Sequence[int]) -> None:
        """One mini-batch: the records at these places."""
        problem: Failed | None = None
        for _ in range(self.retries + 1):
            problem = self._failure(places)
            # Records that a script itself names are not better the next time.
            if not isinstance(problem, ModelFailed):
                break
        if problem is None or (isinstance(problem, BadRecords) and self._without_named(places, problem)):
            return
        if len(places) == 1:
            self.bad[places[0]] = str(problem)
        else:
            self._halve(places)

    def _failure(self, places: Sequence[int]) -> Failed | None:
        """Makes a call; why it came to nothing."""
        try:
            self.pieces.append((list(places), self.call(self.table.iloc[list(places)])))
        except (BadRecords, ModelFailed) as problem:
            return problem
        return None

    def _halve(self, places: Sequence[int]) -> None:
        """Halves are asked about once; a record that stands alone as often as any call: it may be the weather."""
        middle = len(places) // 2
        for half in (places[:middle], places[middle:]):
            if len(half) == 1:
                self.ask(half)
            elif self._failure(half) is not None:
                self._halve(half)

    def _without_named(self, places: Sequence[int], problem: BadRecords) -> bool:
        """Asks about the records that a script has not named; False where it named none."""
        named = {one.row: one.message for one in problem.problems if one.row is not None and one.row < len(places)}
        self.bad.update({places[row]: message for row, message in named.items()})
        left = [place for row, place in enumerate(places) if row not in named]
        if named and left:
            self.ask(left)
        return bool(named)


def batches(sizes: Sequence[int], places: Sequence[int], calls: Calls) -> Iterator[list[int]]:
    """Places in mini-batches: of a number of records, or of bytes as they are written, at least one record each."""
    batch: list[int] = []
    total = 0
    for place in places:
        if batch and (total + sizes[place] > calls.size if calls.by_bytes else len(batch) >= calls.size):
            yield batch
            batch, total = [], 0
        batch.append(place)
        total += sizes[place]
    if batch:
        yield batch
