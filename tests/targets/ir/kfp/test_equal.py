"""What is emitted is what kfp's own compiler makes of the same pipeline, message for message."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mlopsgen.targets.ir.judge import kfp_itself
from tests.targets.judging.outside import of_judge

from .ours import SHAPES, compiled

THEIRS = replace(of_judge(kfp_itself()), script=Path(__file__).with_name("theirs.py"))

pytestmark = pytest.mark.slow


def test_every_shape_is_the_message_of_kfps_own_compiler(tmp_path: Path) -> None:
    for name in SHAPES:
        (tmp_path / f"{name}.yaml").write_bytes(compiled(name))
    missing = THEIRS.prepare(print)
    assert missing is None, missing
    command = [str(THEIRS.python), "-I", str(THEIRS.script), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    found = {said["shape"]: said["differences"] for said in map(json.loads, done.stdout.splitlines())}
    assert found == {name: [] for name in SHAPES}
