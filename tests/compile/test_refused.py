"""Specs that a target does not take as they are, each beside the message it earns."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.diagnostics import Severity
from tests.conftest import Golden
from tests.wrong import TARGETS, cases, lay, printed, said

CASES = [pytest.param(name, path, id=f"{name}-{path.stem}") for name in TARGETS for path in cases(name)]


@pytest.mark.parametrize(("target", "path"), CASES)
def test_what_a_target_does_not_take_earns_its_message(target: str, path: Path, tmp_path: Path, golden: Golden) -> None:
    text = path.read_bytes()
    found = said(lay(tmp_path), text, target)
    assert path.name[:5] in {d.code for d in found}, "the file is named after the code it shows"
    assert all(d.span is not None for d in found)
    weighty = [d for d in found if d.severity is not Severity.NOTE and d.code[:3] != "MG1"]
    assert all(d.hint or d.fix for d in weighty), "a finding says what to do"
    golden(path.with_suffix(".txt"), printed(found, text))
