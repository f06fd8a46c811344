"""What is right stays without a finding: requests and Terraform of strangers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlopsgen.targets.vertex.judge.linter import judge

FOREIGN = Path(__file__).parent / "foreign"
FILES = sorted(path for path in FOREIGN.rglob("*") if path.is_file())


def test_there_are_enough_strangers_of_each_kind() -> None:
    assert {folder.name for folder in FOREIGN.iterdir()} == {"requests", "terraform"}
    assert all(len(list(folder.iterdir())) >= 10 for folder in FOREIGN.iterdir())


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.name.split('.')[0]}")
def test_strangers(file: Path, tmp_path: Path) -> None:
    shutil.copy(file, tmp_path)
    assert [f"{d.code} {d.span}: {d.message}" for d in judge(tmp_path)] == []
