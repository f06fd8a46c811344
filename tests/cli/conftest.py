from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import Program
from tests.cli.product import lay


@pytest.fixture
def mlopsgen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """The program, in an empty folder."""
    return Program(tmp_path, monkeypatch, capsys)


@pytest.fixture
def project(mlopsgen: Program) -> Program:
    """The program, in the folder of a small product."""
    lay(mlopsgen.folder)
    return mlopsgen
