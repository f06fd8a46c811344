"""The program as a person starts it: in this process where that is the same, in one of its own where it is not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlopsgen.cli.group import run

PROGRAM = (sys.executable, "-c", "from mlopsgen.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


class Program:
    """`mlopsgen` in a folder of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.chdir(folder)

    def __call__(self, *argv: str) -> Ended:
        self._monkeypatch.setattr(sys, "argv", ["mlopsgen", *argv])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            run()
        out, err = self._capsys.readouterr()
        code = left.value.code
        assert code is None or isinstance(code, int)
        assert "Traceback" not in err
        return Ended(code or 0, out, err)


def call(
    argv: Sequence[str | bytes], folder: Path, env: Mapping[str, str] | None = None, program: Sequence[str] = PROGRAM
) -> Ended:
    """The program in a process of its own."""
    ended = subprocess.run(
        [*program, *argv],
        cwd=folder,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    said = [stream.decode(errors="surrogateescape") for stream in (ended.stdout, ended.stderr)]
    return Ended(ended.returncode, *said)
