"""Specs that compile and do not run well here, each beside what `run` says of it."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from mlopsgen.bundle import write
from mlopsgen.compile import compile_spec
from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.source import with_spans
from mlopsgen.targets.local.execution.run import run
from tests.conftest import Golden
from tests.wrong import asked, cases, lay, printed

pytestmark = pytest.mark.slow

CASES = [pytest.param(path, id=path.stem) for path in cases("run")]
FIGURES = """
import json, sys
asked = dict(word.lstrip("-").split("=", 1) for word in sys.argv[1:])
open(asked["model"] + "/model.txt", "w").write("a model")
open(asked["metrics"] + "/metrics.json", "w").write(json.dumps({"accuracy": 0.875, "log_loss": 0.25}))
"""


@pytest.mark.parametrize("path", CASES)
def test_what_does_not_run_well_earns_its_message(
    path: Path, tmp_path: Path, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, root = path.read_bytes(), lay(tmp_path)
    (root / "src" / "figures.py").write_text(FIGURES)
    monkeypatch.chdir(root)
    made = compile_spec(asked(root, text), "local")
    bundle = root / "build" / "local"
    write(made.bundle, bundle)
    found = with_spans(_said(bundle, root), made.source)
    assert path.name[:5] in {d.code for d in found}, "the file is named after the code it shows"
    assert all(d.span is not None and d.hint for d in found)
    golden(path.with_suffix(".txt"), _anywhere(printed(found, text), root))


def _said(bundle: Path, root: Path) -> list[Diagnostic]:
    """What stops the run before it starts, or what goes wrong in it."""
    found: list[Diagnostic] = []
    try:
        run(bundle, root, {}, parallel=1, isolated=False, show=io.StringIO(), tell=found.extend)
    except SpecError as stopped:
        return [*stopped.findings]
    return found


def _anywhere(shown: str, root: Path) -> str:
    """The same on every machine, at every time."""
    shown = shown.replace(str(root), "<project>").replace(sys.executable, "<python>")
    return re.sub(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}", "<run>", shown)
