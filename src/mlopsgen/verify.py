"""Judges a bundle that lies on disk: whether it is whole, and what its target's own judges say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlopsgen import targets
from mlopsgen.bundle import check_integrity, read_manifest
from mlopsgen.diagnostics import Diagnostic, errors
from mlopsgen.records import dataclass
from mlopsgen.targets.judging import Judge, judge_bundle

INTEGRITY = "integrity"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, by whom, and who could not be asked."""

    findings: tuple[Diagnostic, ...]
    ran: tuple[str, ...]
    """Names of the judges that read the bundle."""
    not_run: tuple[Judge, ...]
    """Judges that are not installed; each is a finding too."""

    @property
    def good(self) -> bool:
        """Every judge ran, and none found an error."""
        return not errors(self.findings) and not self.not_run


def verify(folder: Path) -> Verdict:
    """Every finding of every judge about the bundle in this folder; raises SpecError where there is none."""
    manifest = read_manifest(folder)
    broken = tuple(check_integrity(folder))
    judges = targets.load(manifest.target).judges()
    missing = tuple(judge for judge in judges if not judge.available())
    return Verdict(
        findings=(*broken, *(found for judge in judges for found in _asked(judge, folder))),
        ran=(INTEGRITY, *(judge.name for judge in judges if judge not in missing)),
        not_run=missing,
    )


def _asked(judge: Judge, folder: Path) -> Iterator[Diagnostic]:
    try:
        yield from judge_bundle([judge], folder)
    except Exception as broken:  # noqa: BLE001 — a judge that breaks has not judged: that is a finding, not our end
        message = f"the judge `{judge.name}` broke off: {type(broken).__name__}: {broken}"
        yield Diagnostic("MG441", message, hint=f"install it again: `{judge.install}`")
