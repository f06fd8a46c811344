"""A lowering that is stopped halfway says all that it has to say, not the last thing alone."""

from __future__ import annotations

import pytest

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.render.tokens import Name
from mlopsgen.targets.reporting import Reporting


class Report(Reporting):
    """Findings and nothing else."""

    def __init__(self) -> None:
        self.findings: list[Diagnostic] = []


def test_what_stops_the_work_brings_along_what_was_reported_before() -> None:
    report = Report()
    report.error("MG306", "the name is too long", ("name",), hint="a shorter one")
    with pytest.raises(SpecError) as stopped, report.finishing():
        Name("no name")
    assert [finding.code for finding in stopped.value.findings] == ["MG306", "MG402"]
