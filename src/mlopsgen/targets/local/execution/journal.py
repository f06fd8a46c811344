"""What a run has done so far, on disk: a run that was cut off goes on from here.

<runs>/<run id>/
  run.json                     which plan, which values, how it ended
  plan.json                    the plan that was run
  steps/<step>/
    done.json                  written last, whole: the step is finished
    outputs/<port>/…           moved here in one piece when the command has ended well
    out.log  err.log
    trials/<n>/…               the same again for each trial of a search
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlopsgen.records import dataclass
from mlopsgen.targets.local.execution.events import CutOff
from mlopsgen.targets.local.execution.folders import digest_folder, read_json, write_json, write_whole

UNFINISHED = ("running", "stopped")
MOST_NOTES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A finished command: what it made, and what it cost."""

    key: str
    how: str
    seconds: float
    attempts: int
    outputs: Mapping[str, str]
    """Port → digest of its folder."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The folder of one command that is run once and remembered: a step, or one trial of it."""

    folder: Path

    @property
    def out(self) -> Path:
        """What the command said on stdout."""
        return self.folder / "out.log"

    @property
    def err(self) -> Path:
        """What the command said on stderr."""
        return self.folder / "err.log"

    def notes(self) -> tuple[str, ...]:
        """The first lines of it that begin with `note:`, each once."""
        said = (line.strip() for log in (self.out, self.err) for line in _lines(log))
        return tuple(dict.fromkeys(line for line in said if line.startswith("note: ")))[:MOST_NOTES]

    @property
    def outputs(self) -> Path:
        """The folder that holds one folder for each output."""
        return self.folder / "outputs"

    def done(self) -> Done | None:
        """What was finished here before, when all of it still is as it was."""
        entries = read_json(self.folder / "done.json")
        if entries is None:
            return None
        try:
            done = Done(**entries)
        except TypeError:  # another version of mlopsgen wrote it
            return None
        whole = all(digest_folder(self.outputs / port) == digest for port, digest in done.outputs.items())
        return done if whole else None

    def attempt(self) -> Path:
        """A new folder for one attempt; what an earlier one left half done is thrown away."""
        for name in ("attempt", "outputs", "done.json"):
            left = self.folder / name
            left.unlink() if left.is_file() else shutil.rmtree(left, ignore_errors=True)
        folder = self.folder / "attempt"
        folder.mkdir(parents=True)
        return folder

    def finish(self, outputs: Path, done: Done) -> None:
        """Takes the outputs over in one move, then says so."""
        outputs.rename(self.outputs)
        write_json(self.folder / "done.json", asdict(done))
        shutil.rmtree(self.folder / "attempt", ignore_errors=True)


def _lines(log: Path) -> Iterator[str]:
    if log.is_file():
        with log.open(encoding="utf-8", errors="replace") as text:
            yield from text


@dataclass(frozen=True, slots=True)
class Run:
    """The folder of one run."""

    id: str
    folder: Path
    resumed: bool
    started: str

    def step(self, name: str) -> Unit:
        """The folder of one of its steps."""
        folder = self.folder / "steps" / name
        folder.mkdir(parents=True, exist_ok=True)
        return Unit(folder)

    def say(self, **facts: Any) -> None:
        """Adds facts to run.json."""
        write_json(self.folder / "run.json", {**(read_json(self.folder / "run.json") or {}), **facts})


@contextmanager
def open_run(runs: Path, plan: bytes, identity: Mapping[str, Any]) -> Iterator[Run]:
    """The last run, when it was cut off and was the same; else a new one. Nobody else has it meanwhile."""
    runs.mkdir(parents=True, exist_ok=True)
    for folder in _cut_off(runs, identity):
        with _held(folder) as ours:
            # Its owner may have finished it between our look and our lock.
            if ours and _is_unfinished(folder, identity):
                yield Run(folder.name, folder, True, str((read_json(folder / "run.json") or {})["started"]))
                return
    folder = _new_folder(runs)
    with _held(folder):
        run = Run(folder.name, folder, False, datetime.now(UTC).isoformat(timespec="seconds"))
        write_whole(folder / "plan.json", plan)
        run.say(run=run.id, started=run.started, status="running", **identity)
        yield run


def _cut_off(runs: Path, identity: Mapping[str, Any]) -> Iterator[Path]:
    """Unfinished runs of the same plan and values, the newest first."""
    for folder in sorted(runs.iterdir(), reverse=True):
        if _is_unfinished(folder, identity):
            yield folder


def _is_unfinished(folder: Path, identity: Mapping[str, Any]) -> bool:
    state = read_json(folder / "run.json")
    return (
        state is not None and state.get("status") in UNFINISHED and all(state.get(k) == v for k, v in identity.items())
    )


def left_alone(runs: Path, identity: Mapping[str, Any]) -> tuple[CutOff, ...]:
    """Runs of another plan or with other values that were cut off, the newest first."""
    folders = []
    for folder in sorted(runs.iterdir(), reverse=True) if runs.is_dir() else ():
        about = read_json(folder / "run.json")
        changed = tuple(key for key, value in identity.items() if about and about.get(key) != value)
        if about and about.get("status") in UNFINISHED and changed and _is_free(folder):
            folders.append(CutOff(folder, changed))
    return tuple(folders)


def _is_free(folder: Path) -> bool:
    """Whether nobody is at it at this moment."""
    with _held(folder) as ours:
        return ours


def _new_folder(runs: Path) -> Path:
    while True:
        name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(2)
        try:
            (runs / name).mkdir()
        except FileExistsError:
            continue
        return runs / name


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Holds a run's lock, which the system frees however we end; False when somebody else has it."""
    import fcntl  # not everywhere: `preflight` says so before a run gets here

    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
