"""Our linter of SageMaker bundles: silent about what is right, and it sees what botocore and cfn-lint do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.sagemaker.judge import botocore_judge, cfn, folder, linter
from mlopsgen.targets.sagemaker.judge.template import definitions_of
from tests.targets.judging.contract import GOLDEN, LinterContract

from .faults import FAULTS
from .seed import Seeded


class TestLinter(LinterContract):
    here = Path(__file__).parent
    reader: ClassVar = folder
    rules = linter.RULES
    others: ClassVar = {"botocore": botocore_judge.judge, "cfn-lint": cfn.judge}
    seeded = Seeded
    own = faults = FAULTS
    kinds = LinterContract.kinds | {"limits"}
    hidden: ClassVar = {
        "reads-a-branch-from-outside": "a condition that is asked before anything runs ends the run otherwise",
    }
    emitted = tuple(sorted(p.parent for p in (GOLDEN / "sagemaker").glob("*/pipeline.json")))

    def strangers(self) -> list[Path]:
        return sorted(p for p in (self.here / "foreign").iterdir() if p.is_dir())

    def findings(self, folder: Any) -> Iterator[Diagnostic]:
        yield from super().findings(folder)
        for definition in definitions_of(folder):
            yield from botocore_judge.judge_definition(definition, botocore_judge.service())
