"""Our linter of Azure ML bundles: silent about what is right, and it sees what azure-ai-ml does not."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import ClassVar

import pytest

from mlopsgen.targets.azureml.judge import folder, judges, linter
from tests.targets.judging.contract import GOLDEN, LinterContract

from .faults import FAULTS
from .seed import Seeded

KINDS = {"arm", "components", "compute", "data", "environments", "pipelines", "schedules"}


class TestLinter(LinterContract):
    here = Path(__file__).parent
    reader: ClassVar = folder
    rules = linter.RULES
    junk = 300
    outside = judges()[:1]
    seeded = Seeded
    own = faults = FAULTS
    kinds = LinterContract.kinds | {"limits"}
    missed: ClassVar = {
        "component-without-a-version": "a component that a pipeline names by its file is registered by what it holds",
    }
    hidden: ClassVar = {
        "compute-that-nobody-makes": "a cluster of quite another name may be in the workspace already, and a second "
        "pipeline of the bundle still uses the one that is made",
    }
    emitted = tuple(sorted(p.parent for p in (GOLDEN / "azureml").glob("*/pipeline.yml")))

    def strangers(self) -> list[Path]:
        return [self.here / "foreign" / kind for kind in sorted(KINDS)]

    def test_emitted_bundles_are_right(self, number: int, tmp_path: Path) -> None:
        good = Seeded.read(self.emitted[number])
        good.write_mutant(tmp_path, good=good, bundle=self.emitted[number])
        assert self.said(tmp_path) == []


def test_there_are_enough_strangers() -> None:
    for kind in KINDS:
        files = [p for p in (TestLinter.here / "foreign" / kind).iterdir() if p.suffix in (".yml", ".json")]
        assert len([p for p in files if p.name != "job.yml"]) >= 10, kind


@pytest.mark.parametrize(
    "text", ["", "\x00", "- a\n- b\n", "a: &x [*x]\n", "{" * 200, "a: !!python/name:os.system x\n"]
)
@pytest.mark.parametrize("file", ["pipeline.yml", "components/prepare.yml", "infrastructure.json"])
def test_files_that_are_none(tmp_path: Path, file: str, text: str) -> None:
    shutil.copytree(TestLinter.here / "bundle", tmp_path, dirs_exist_ok=True)
    (tmp_path / file).write_text(text)
    assert [finding.code for finding in linter.judge(tmp_path)]
