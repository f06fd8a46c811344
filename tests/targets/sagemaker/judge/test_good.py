"""What is right stays without a finding: our own bundle, and definitions and stacks of strangers."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.targets.judging import judge_bundle
from mlopsgen.targets.sagemaker.judge import judges

HERE = Path(__file__).parent
FOREIGN = sorted(p for p in (HERE / "foreign").iterdir() if p.is_dir())


def said(folder: Path) -> list[str]:
    return [f"{d.code} {d.span}: {d.message}" for d in judge_bundle(judges(), folder)]


def test_our_own_bundle() -> None:
    assert said(HERE / "bundle") == []


def test_there_are_enough_strangers() -> None:
    assert len(FOREIGN) >= 10


@pytest.mark.parametrize("folder", FOREIGN, ids=lambda folder: folder.name)
def test_strangers(folder: Path) -> None:
    assert said(folder) == []
