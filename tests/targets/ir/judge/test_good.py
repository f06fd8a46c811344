"""What is right stays without a finding: IR documents of strangers, of many shapes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlopsgen.targets.ir.judge.folder import read_folder
from mlopsgen.targets.ir.judge.linter import lint

FOREIGN = sorted((Path(__file__).parent / "foreign").iterdir())


def test_there_are_enough_strangers() -> None:
    assert len(FOREIGN) >= 10


@pytest.mark.parametrize("file", FOREIGN, ids=lambda file: file.stem)
def test_strangers(file: Path, tmp_path: Path) -> None:
    shutil.copy(file, tmp_path)
    assert [f"{d.code} {d.span}: {d.message}" for d in lint(read_folder(tmp_path))] == []
