"""What is right stays without a finding: our own bundle, those that were emitted, and files of strangers."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.targets.azureml.judge import linter

from .mutation import write
from .seed import Seeded

HERE = Path(__file__).parent
FOREIGN = sorted(p for p in (HERE / "foreign").iterdir() if p.is_dir())
EMITTED = sorted(p.parent for p in (HERE.parents[2] / "golden" / "azureml").glob("*/pipeline.yml"))


def said(folder: Path) -> list[str]:
    return [f"{d.code} {d.span}: {d.message}" for d in linter.judge(folder)]


def test_our_own_bundle() -> None:
    assert said(HERE / "bundle") == []


@pytest.mark.parametrize("folder", EMITTED, ids=lambda folder: folder.name)
def test_emitted_bundles(folder: Path, tmp_path: Path) -> None:
    good = Seeded.read(folder)
    write(good, good, tmp_path)
    assert said(tmp_path) == []


@pytest.mark.parametrize("folder", FOREIGN, ids=lambda folder: folder.name)
def test_strangers(folder: Path) -> None:
    assert said(folder) == []


def test_there_are_enough_strangers() -> None:
    kinds = {"arm", "components", "compute", "data", "environments", "pipelines", "schedules"}
    assert {folder.name for folder in FOREIGN} == kinds
    for folder in FOREIGN:
        files = [p for p in folder.iterdir() if p.suffix in (".yml", ".json") and p.name != "job.yml"]
        assert len(files) >= 10, folder.name
