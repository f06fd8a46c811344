"""What the program does around its commands, so that a process costs little and loses nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import ROOT

pytestmark = pytest.mark.slow

MAIN = "import sys; from mlopsgen.cli import main; sys.argv = ['mlopsgen', *sys.argv[1:]]; "


def ended(script: str, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", MAIN + script, *argv], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_what_libraries_want_done_at_the_end_is_done(tmp_path: Path) -> None:
    note = tmp_path / "note"
    done = ended(f"import atexit, pathlib; atexit.register(pathlib.Path({str(note)!r}).touch); main()", "--version")
    assert (done.returncode, note.exists()) == (0, True)


def test_a_thread_that_still_works_is_waited_for(tmp_path: Path) -> None:
    note = tmp_path / "note"
    late = f"import threading, pathlib; threading.Timer(0.3, pathlib.Path({str(note)!r}).touch).start(); main()"
    assert ended(late, "--version").returncode == 0
    assert note.exists()


@pytest.mark.parametrize(("argv", "code"), [(("explain", "MG104"), 0), (("explain", "MG000"), 2), (("nonsense",), 2)])
def test_all_that_was_said_arrives(argv: tuple[str, ...], code: int) -> None:
    done = ended("main()", *argv)
    assert done.returncode == code
    assert (done.stdout if code == 0 else done.stderr).endswith("\n")
