"""A spec of which a target makes nothing yet does not become a bundle that does nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import Severity, SpecError
from tests.compile.test_environments import HEAD
from tests.projects import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_a_spec_that_only_deploys_is_no_empty_pipeline(tmp_path: Path, target: str) -> None:
    text = HEAD.replace("training: {run: train.py}", 'deployment: {mode: real-time, model: "churn:3"}')
    request = CompileRequest(tmp_path / "spec.yaml", text.encode(), allow=frozenset({"MG301", "MG302"}))
    with pytest.raises(SpecError) as stopped:
        compile_spec(request, target)
    (finding,) = [one for one in stopped.value.findings if one.severity is Severity.ERROR]
    assert finding.code == "MG207"
    assert finding.span is not None
    assert finding.span.line == 3
