"""What the launcher does around a command where a platform has nothing of its own for it."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .files import write_json
from .flags import truth
from .launch import Ended
from .problems import Failed, Usage

RANKS = ("RANK", "OMPI_COMM_WORLD_RANK")
"""The variables in which torch and MPI count the processes of one step from 0."""
CHIEFS = ("chief", "master")
"""What TensorFlow calls the first of a cluster that has more than workers."""


def skipped(when: Sequence[str], needs: Sequence[str]) -> str | None:
    """Why the command does not run at all: `when` is false, or a file that it needs was not written."""
    if not all(truth("when", text or "true") for text in when):
        return "`when` is false"
    missing = next((path for path in needs if not Path(path).exists()), None)
    return None if missing is None else f"there is no {missing}"


def settled(
    command: Sequence[str], optional: Sequence[str], required: Sequence[str], whole: Sequence[str]
) -> list[str]:
    """The command's own flags, as they have to be: absent ones left out, missing ones refused, 3.0 read as 3.

    `optional` and `required` are `NAME` or `NAME=TEXT`: TEXT is what a platform without empty values says instead.
    """
    absent = {name: text for name, _, text in (entry.partition("=") for entry in optional)}
    for name, _, text in (entry.partition("=") for entry in required):
        if f"--{name}={text}" in command:
            raise Failed(f"`{name}` has no value: a run has to give it one")
    return [_whole(word, whole) for word in command if not _is_absent(word, absent)]


def _is_absent(word: str, absent: Mapping[str, str]) -> bool:
    """Whether a flag says that it has no value; services write one number in several ways."""
    name, equals, value = word.removeprefix("--").partition("=")
    if not equals or not word.startswith("--") or name not in absent:
        return False
    try:
        return value == absent[name] or float(value) == float(absent[name])
    except ValueError:
        return False


def meant(command: Sequence[str], instead: Sequence[str]) -> list[str]:
    """The command with what stands for a value replaced by it; `instead` is `NAME=TEXT=VALUE`."""
    values = {}
    for entry in instead:
        name, equals, rest = entry.partition("=")
        text, more, value = rest.partition("=")
        if not (name and equals and text and more):
            raise Usage(f"--instead takes NAME=TEXT=VALUE, not `{entry}`")
        values[f"--{name}={text}"] = f"--{name}={value}"
    return [values.get(word, word) for word in command]


def _whole(word: str, names: Sequence[str]) -> str:
    name, equals, value = word.partition("=")
    if not equals or name.removeprefix("--") not in names:
        return word
    try:
        return f"{name}={int(value) if value.lstrip('-').isdecimal() else round(float(value))}"
    except (ValueError, OverflowError):
        raise Failed(f"{name} must be a whole number, not `{value}`") from None


def tried(run: Callable[[], Ended], attempts: int, wait: int, fresh: Sequence[str]) -> Ended:
    """Runs a command, and again while it fails: `attempts` more times, each after twice the wait, in empty folders."""
    ended = run()
    for attempt in range(attempts):
        if ended.code == 0:
            break
        print(f"failed with exit code {ended.code}; attempt {attempt + 2} of {attempts + 1}", flush=True)
        time.sleep(wait * 2**attempt)
        for folder in map(Path, fresh):
            _empty(folder)
        ended = run()
    return ended


def _empty(folder: Path) -> None:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def keep(folders: Sequence[str]) -> None:
    """Leaves an empty file in folders that hold nothing, for platforms that lose those."""
    for folder in map(Path, folders):
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            (folder / ".keep").touch()


def note(asked: str, command: Sequence[str]) -> None:
    """`FILE=NAME,NAME…`: what these flags of the command say, as a JSON object of text."""
    path, equals, names = asked.rpartition("=")
    if not equals or not path or not names:
        raise Usage(f"--note takes FILE=NAME,NAME…, not `{asked}`")
    said = dict(word.removeprefix("--").partition("=")[::2] for word in command if word.startswith("--"))
    missing = [name for name in names.split(",") if name not in said]
    if missing:
        raise Usage(f"--note names flags that the command has not: {', '.join(missing)}")
    write_json(Path(path), {name: said[name] for name in names.split(",")})


def log_to_mlflow(metrics: Mapping[str, float]) -> None:
    """Records metrics with the MLflow run that the platform has opened for this step; the first process alone."""
    if not _is_first_process():
        return
    from .platforms.mlflow import calm

    calm()
    import mlflow

    mlflow.log_metrics(dict(metrics))


def _is_first_process() -> bool:
    """Whether this is the process that speaks for all; TensorFlow counts none and says each its task instead."""
    if any(os.environ.get(name, "0") != "0" for name in RANKS):
        return False
    config = json.loads(os.environ.get("TF_CONFIG") or "{}")
    task = config.get("task", {})
    chiefs = any(config.get("cluster", {}).get(kind) for kind in CHIEFS)
    return task.get("type", "worker") in (CHIEFS if chiefs else ("worker",)) and task.get("index", 0) == 0


def read_object(name: str, text: str) -> Mapping[str, object]:
    """A flag's value that is a JSON object."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Usage(f"--{name} takes a JSON object, not `{text[:40]}`")
    return found
