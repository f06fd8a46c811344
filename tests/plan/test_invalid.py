"""Specs whose steps do not fit together, each beside the message it earns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wrong import cases, lay, printed, said

CASES = [pytest.param(path, id=path.stem) for path in cases("plan")]


@pytest.mark.parametrize("path", CASES)
def test_a_wrong_plan_earns_its_message(path: Path, tmp_path: Path, update_golden: bool) -> None:
    text = path.read_bytes()
    findings = said(lay(tmp_path), text)
    assert path.name[:5] in {d.code for d in findings}, "the file is named after the code it shows"
    assert all(d.span is not None for d in findings)
    assert all(d.hint or d.fix for d in findings), "a finding says what to do"
    expected, shown = path.with_suffix(".txt"), printed(findings, text)
    if update_golden:
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")
