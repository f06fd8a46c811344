"""JudgeEnvironment judges asked many bundles in one process: an interpreter that loads an SDK takes a second or two."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from mlopsgen.targets.judge_environment import JudgeEnvironment
from mlopsgen.targets.judging import Judge
from tests.targets.judging.faults import Fault
from tests.targets.judging.mutation import broken_by
from tests.targets.judging.seeded import Seeded

_DRIVER = """
import importlib.util, io, json, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("script", sys.argv[1])
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)
for folder in sys.argv[2:]:
    real, sys.stdout = sys.stdout, io.StringIO()
    try:
        script.main(Path(folder))
        broken = []
    except Exception as error:
        # Whoever breaks off has not judged: that is of no code.
        broken = [{"code": "", "message": f"broke off: {error!r}"}]
    said, sys.stdout = sys.stdout.getvalue(), real
    print(json.dumps([*map(json.loads, said.splitlines()), *broken]))
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


def seen_outside(judge: JudgeEnvironment, bundle: Path, faults: Iterable[Fault], *, seeded: type[Seeded]) -> set[str]:
    """The faults that a judge with an environment of its own reports by a right code, by their names."""
    good = seeded.read(bundle)
    broken = {fault: mutant for fault in faults if (mutant := broken_by(fault, good)) is not None}
    with TemporaryDirectory() as place:
        folders = [Path(place) / str(number) for number in range(len(broken) + 1)]
        for folder, mutant in zip(folders, (good, *broken.values()), strict=True):
            mutant.write_mutant(folder, good=good, bundle=bundle)
        before, *after = ({(f["code"], f["message"]) for f in findings} for findings in ask(judge, folders))
    return {
        fault.name
        for fault, findings in zip(broken, after, strict=True)
        if fault.codes & {code for code, _ in findings - before}
    }
