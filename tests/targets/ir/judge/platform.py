"""What holds for the linters of both platforms that read IR documents, and for all their judges."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.ir.judge import folder
from mlopsgen.targets.ir.judge import linter as ir
from mlopsgen.targets.judging import Judge
from tests.targets.judging.contract import GOLDEN, LinterContract

from .seed import Seeded

LOADED = """
import sys
from mlopsgen.targets.{target}.judge import judges
judges()
print(sorted({{m.split('.')[0] for m in sys.modules}} & {{'celpy', 'lark', 'pendulum', 'kfp', 'google'}}))
"""


class PlatformLinter(LinterContract):
    """Faults of IR documents are seeded beside the platform's own."""

    target: ClassVar[str]
    judges_: ClassVar[tuple[Judge, ...]]
    names: ClassVar[list[str]]
    stranger_kinds: ClassVar[set[str]]
    cases: ClassVar[list[tuple[str, str, str, str, str | None]]]
    """A file, a text in it, what stands there instead; the finding's code, and what it offers instead."""

    reader: ClassVar = folder
    tried_elsewhere = ir.RULES
    seeded = Seeded
    share = 4

    def __init_subclass__(cls) -> None:
        cls.outside = cls.judges_[1:]
        cls.emitted = tuple(sorted(p.parent for p in (GOLDEN / cls.target).glob("*/pipeline.yaml")))

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        super().pytest_generate_tests(metafunc)
        if "hint" in metafunc.fixturenames:
            metafunc.parametrize(("file", "old", "new", "code", "hint"), self.cases)

    def test_our_linter_and_these_judge(self) -> None:
        assert [judge.name for judge in self.judges_] == self.names
        assert all(judge.available() for judge in self.judges_)

    def test_there_are_enough_strangers_of_each_kind(self) -> None:
        folders = list((self.here / "foreign").iterdir())
        assert {folder.name for folder in folders} == self.stranger_kinds
        assert all(len(list(folder.iterdir())) >= 10 for folder in folders)

    def test_nothing_heavy_is_loaded_before_a_judge_runs(self) -> None:
        command = [sys.executable, "-c", LOADED.format(target=self.target)]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"

    def test_a_finding_names_its_line(
        self, tmp_path: Path, file: str, old: str, new: str, code: str, hint: str | None
    ) -> None:
        shutil.copytree(self.here / "bundle", tmp_path, dirs_exist_ok=True)
        text = (tmp_path / file).read_text()
        assert old in text
        (tmp_path / file).write_text(text.replace(old, new, 1))
        (finding,) = (d for d in self._in_file(tmp_path, file) if d.code == code)
        assert finding.span is not None
        assert finding.span.line == text[: text.index(old)].count("\n") + 1
        assert hint is None or finding.hint == f"did you mean `{hint}`?"

    def _in_file(self, bundle: Path, file: str) -> list[Diagnostic]:
        return [d for _, d in self.lint(bundle) if d.span and d.span.file == file]
