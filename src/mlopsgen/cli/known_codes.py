"""Every code that a finding can have here: the compiler's own and those of the installed targets."""

from __future__ import annotations

from mlopsgen import targets
from mlopsgen.cli.report import Report
from mlopsgen.codes import CODES, Code
from mlopsgen.diagnostics import SpecError


def known_codes(report: Report) -> dict[str, Code]:
    """Code → what it means, sorted; a target that cannot be loaded is reported and left out."""
    known = dict(CODES)
    for name in targets.names():
        try:
            known |= {entry.code: entry for entry in targets.load(name).codes}
        except SpecError as broken:
            report.add(broken.findings)
    return dict(sorted(known.items()))
