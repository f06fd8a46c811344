"""Outside judges asked many bundles in one process: an interpreter that loads an SDK takes a second or two."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.targets.judge_environment import JudgeEnvironment
from mlopsgen.targets.judging import Judge

_DRIVER = """
import importlib.util, io, json, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("script", sys.argv[1])
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)
for folder in sys.argv[2:]:
    real, sys.stdout = sys.stdout, io.StringIO()
    script.main(Path(folder))
    said, sys.stdout = sys.stdout.getvalue(), real
    print(json.dumps([json.loads(line) for line in said.splitlines()]))
"""


def of_judge(judge: Judge) -> JudgeEnvironment:
    """What is behind a judge that has an environment of its own."""
    found = getattr(judge.run, "__self__", None)
    assert isinstance(found, JudgeEnvironment), judge.name
    return found


def ask(judge: JudgeEnvironment, folders: Iterable[Path]) -> list[list[dict[str, Any]]]:
    """What the script says of each folder; the test is skipped where its environment cannot be had."""
    missing = judge.prepare(lambda _: None)
    if missing is not None:
        pytest.skip(missing.message)
    command = [str(judge.python), "-I", "-c", _DRIVER, str(judge.script), *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]
