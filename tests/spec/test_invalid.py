from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlopsgen.codes import CODES
from mlopsgen.diagnostics import Severity
from mlopsgen.findings.fixes import apply_fixes
from mlopsgen.findings.text import as_text
from tests.spec.reading import HEAD, INVALID, findings_of


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_a_wrong_spec_earns_its_message(path: Path, update_golden: bool) -> None:
    text = path.read_bytes()
    findings = findings_of(text)
    assert findings
    assert path.name[:5] in {d.code for d in findings}, "the file is named after the code it shows"
    assert all(d.span is not None for d in findings)
    expected, printed = path.with_suffix(".txt"), as_text(findings, {"spec.yaml": text})
    if update_golden:
        expected.write_text(printed, encoding="utf-8")
    assert printed == expected.read_text(encoding="utf-8")


def test_every_code_of_the_language_is_shown_by_a_spec() -> None:
    shown = {path.name[:5] for path in INVALID}
    # What `lock` finds takes a registry or a store that answers: tests/lock shows those. A name is shared on a target.
    codes = {code for code in CODES if code.startswith("MG1")} - {"MG130", "MG131", "MG132", "MG133"}
    assert sorted(codes - shown) == []


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_what_is_offered_as_a_mend_mends(path: Path) -> None:
    """Every edit applied: none of the findings that offered one is said again at its place."""
    text = path.read_bytes().decode("utf-8", "replace")
    before = [d for d in findings_of(text) if d.fix and d.fix.span]
    after = findings_of(apply_fixes(text, before))
    again = {(d.code, d.spec_path, d.message) for d in after}
    assert not again & {(d.code, d.spec_path, d.message) for d in before}


def test_a_pasted_secret_is_never_printed() -> None:
    for path in INVALID:
        printed = path.with_suffix(".txt").read_text()
        assert not re.search("AKIA|s3cr3t", printed), path.name


def test_warnings_alone_do_not_stop_the_work() -> None:
    (finding,) = findings_of(HEAD + "parameters: {n: {type: integer, default: 1}}\ntraining: {run: train.py}\n")
    assert (finding.code, finding.severity) == ("MG208", Severity.WARNING)
