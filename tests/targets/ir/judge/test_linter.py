"""The linter of IR documents: silent about what is right, and it sees what kfp does not."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from mlopsgen.targets.ir.judge import folder, kfp_itself, linter
from tests.targets.judging.contract import LinterContract

from .faults import FAULTS
from .seed import Seeded

TARGETS = Path(__file__).parents[2]


class TestLinter(LinterContract):
    """Faults are seeded in the bundles that the linters of Kubeflow and of Vertex AI are tried with."""

    here = TARGETS / "kubeflow" / "judge"
    reader: ClassVar = folder
    rules = linter.RULES
    outside = (kfp_itself(),)
    seeded = Seeded
    own = faults = FAULTS
    emitted = (TARGETS / "vertex" / "judge" / "bundle",)
    share = 4

    def strangers(self) -> list[Path]:
        return sorted((Path(__file__).parent / "foreign").iterdir())
