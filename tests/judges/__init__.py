"""Judges that `make judges` builds: other people's own code, asked over a pipe. Each folder here is one, in Go.

A machine without Go has none of them: tests that ask one are skipped, and the end of the run names the absent.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tools.judges import SOURCES, Judge

ABSENT = "has not been built: run `make judges`"


def binary(name: str) -> Path:
    """The program of a judge; without it, the test that asks is skipped."""
    judge = Judge(SOURCES / name)
    if not judge.ready():
        pytest.skip(f"the judge `{name}` {ABSENT}")
    return judge.program


def answers(name: str, questions: Sequence[object], *arguments: str) -> list[Any]:
    """What a judge says to each question: one process, a line of JSON for each and one back."""
    said = subprocess.run(
        [str(binary(name)), *arguments],
        input="".join(json.dumps(question) + "\n" for question in questions),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    assert len(lines) == len(questions), said.stderr
    return [json.loads(line) for line in lines]
