"""On a terminal a run asks for what it needs; elsewhere that is wrong usage."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SPEC = """\
apiVersion: mlopsgen/v1
name: asks
parameters:
  share: {type: number, minimum: 0, description: How much of it}
  day: {type: string, values: [mon, tue]}
steps:
  tell:
    run: tell.py
    params: {share: "${parameters.share}", day: "${parameters.day}"}
    outputs: {said: report}
"""
TELL = """\
import sys
words = dict(word[2:].split("=", 1) for word in sys.argv[1:])
open(words["said"] + "/said.txt", "w").write(words["share"] + " " + words["day"])
"""
WORDS = [str(Path(sysconfig.get_path("scripts")) / "mlopsgen"), "run"]

SECONDS = 60
"""A silence of this length is a failure, not a wait."""


@pytest.fixture
def asks(tmp_path: Path) -> Path:
    (tmp_path / "spec.yaml").write_text(SPEC)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "tell.py").write_text(TELL)
    return tmp_path


def _on_a_terminal(folder: Path, answers: Sequence[bytes]) -> tuple[int, str]:
    """Runs the program on a terminal of its own, and types an answer whenever it waits behind a colon."""
    ours, theirs = pty.openpty()
    left = list(answers)
    process = subprocess.Popen(WORDS, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        said = b""
        while chunk := _read(ours):
            said += chunk
            if said.endswith(b": "):
                assert left, said
                os.write(ours, left.pop(0) + b"\n")
        return process.wait(timeout=SECONDS), said.decode()
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _read(terminal: int) -> bytes:
    if not select.select([terminal], [], [], SECONDS)[0]:
        return b""  # it waits for something that nobody asked of us
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed
        return b""


def test_it_asks_and_asks_again_until_the_answer_is_of_the_type(asks: Path) -> None:
    code, said = _on_a_terminal(asks, (b"sun", b"tue", b"much", b"0.5"))
    assert code == 0, said
    assert "share (How much of it), number: " in said
    assert "'much' is not a valid float" in said
    assert "day, string, one of mon, tue: " in said
    (made,) = asks.glob(".mlopsgen/runs/*/steps/tell/outputs/said/said.txt")
    assert made.read_text() == "0.5 tue"


def test_without_a_terminal_it_says_what_is_missing(asks: Path) -> None:
    ended = subprocess.run(WORDS, cwd=asks, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "--param day=…, --param share=…" in ended.stderr
    assert not list(asks.glob(".mlopsgen/runs/*"))
