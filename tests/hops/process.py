"""What a process is started with in the end: by a shell that really runs, and behind the launcher."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlopsgen.runtime.flags import read_flags
from mlopsgen.runtime.step import REPEATED, SINGLE, _command, _joined
from mlopsgen.runtime.trial import _params, _typed

_RECORDER = """#!/bin/sh
printf '%s\\0' "$#" "${0##*/}" "$@"
exec env -0
"""
NAMES = ("python", "tool")


@dataclass(frozen=True, slots=True)
class Started:
    """The words and the variables of a process."""

    argv: Sequence[str]
    variables: Mapping[str, str]


def recorders(folder: Path) -> Path:
    """A folder of commands that say how they were started, and do nothing."""
    folder.mkdir(exist_ok=True)
    for name in NAMES:
        path = folder / name
        path.write_text(_RECORDER)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return folder


def by_shell(shell: str, command: str, variables: Mapping[str, str], found_in: Path) -> Started:
    """How a command's first process is started, by the shell itself."""
    here = {"PATH": f"{found_in}:/usr/bin:/bin", "HOME": os.environ.get("TMPDIR", "/tmp"), "LANG": "C.UTF-8"}
    words = (shell, "-c", command)
    done = subprocess.run(words, env={**here, **variables}, cwd=found_in, capture_output=True, check=False)
    assert done.returncode == 0, (command, done.stderr)
    count, *said = done.stdout.decode().split("\0")
    argv, environment = said[: int(count) + 1], said[int(count) + 1 : -1]
    assert all("=" in one for one in environment), f"more than one process: {done.stdout!r}"
    return Started(argv, dict(one.split("=", 1) for one in environment))


def behind_launcher(started: Started) -> Started:
    """The step's own process: the launcher's flags read by the launcher itself, its variables handed on."""
    argv = list(started.argv)
    if argv[:3] != ["python", "-m", "mlopsgen_runtime"]:
        return started
    command, rest = argv[3], argv[4:]
    if command == "trial":
        given = read_flags("trial", rest, single=("under", "number", "metric", "report"), repeated=("param",))
        typed = dict(_params(given))
        return behind_launcher(Started([_typed(word, typed) for word in given.rest], started.variables))
    if command != "step":
        return started
    # What keeps a trial's params in a file says nothing of the command, and there is no such folder here.
    flags = [word for word in rest if not word.startswith("--params-to=")]
    inner = _command(read_flags("step", _joined(flags), single=SINGLE, repeated=REPEATED))
    return behind_env(Started(inner, started.variables))


def behind_env(started: Started) -> Started:
    """What `env NAME=VALUE … COMMAND` starts (POSIX, env)."""
    argv, variables = list(started.argv), dict(started.variables)
    if argv[:1] != ["env"]:
        return started
    argv = argv[1:]
    while argv[0] == "-u":
        variables.pop(argv[1], None)
        argv = argv[2:]
    while "=" in argv[0]:
        name, _, value = argv.pop(0).partition("=")
        variables[name] = value
    return Started(argv, variables)
