"""Judges a bundle that lies on disk: whether it is whole, and what its target's own judges say."""

from __future__ import annotations

from pathlib import Path

from mlopsgen import targets
from mlopsgen.bundle import check_integrity, read_manifest
from mlopsgen.diagnostics import Diagnostic, errors
from mlopsgen.records import dataclass
from mlopsgen.targets.judging import Judge, Tell, hear

INTEGRITY = "integrity"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings about a bundle, the judges that ran, and those that could not."""

    findings: tuple[Diagnostic, ...]
    ran: tuple[str, ...]
    """Names of the judges that read the bundle."""
    not_run: tuple[Judge, ...]
    """Judges that are not installed; each is a finding too."""

    @property
    def good(self) -> bool:
        """Every judge ran, and none found an error."""
        return not errors(self.findings) and not self.not_run


def verify(folder: Path, tell: Tell = lambda _: None) -> Verdict:
    """Every finding of every judge about the bundle in this folder; raises SpecError where there is none.

    `tell` gets a line before something that takes long.
    """
    manifest = read_manifest(folder)
    broken = tuple(check_integrity(folder))
    hearings = tuple(hear(judge, folder, tell) for judge in targets.load(manifest.target).judges())
    return Verdict(
        findings=(*broken, *(finding for one in hearings for finding in one.findings)),
        ran=(INTEGRITY, *(one.judge.name for one in hearings if one.ran)),
        not_run=tuple(one.judge for one in hearings if not one.ran),
    )
