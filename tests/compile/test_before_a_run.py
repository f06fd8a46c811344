"""Specs that compile and cannot be run here, each beside what `run` says before it starts anything."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mlopsgen.bundle import write
from mlopsgen.compile import compile_spec
from mlopsgen.diagnostics import SpecError
from mlopsgen.source import place
from mlopsgen.targets.local.preflight import preflight
from tests.conftest import Golden
from tests.wrong import asked, cases, lay, printed

CASES = [pytest.param(path, id=path.stem) for path in cases("run")]


@pytest.mark.parametrize("path", CASES)
def test_what_cannot_run_here_earns_its_message(path: Path, tmp_path: Path, golden: Golden) -> None:
    text, root = path.read_bytes(), lay(tmp_path)
    made = compile_spec(asked(root, text), "local")
    bundle = root / "build" / "local"
    write(made.bundle, bundle)
    nothing_set = {"PATH": os.environ["PATH"]}
    with pytest.raises(SpecError) as stopped:
        preflight(bundle, root, {}, sys.executable, nothing_set)
    found = place(stopped.value.found, made.source)
    assert path.name[:5] in {d.code for d in found}, "the file is named after the code it shows"
    assert all(d.span is not None and d.hint for d in found)
    golden(path.with_suffix(".txt"), _anywhere(printed(found, text), root))


def _anywhere(shown: str, root: Path) -> str:
    """The same on every machine."""
    return shown.replace(str(root), "<project>").replace(sys.executable, "<python>")
