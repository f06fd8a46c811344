"""Examples as somebody holds them who compiles, runs and submits them: fresh copies, without what runs left there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from mlopsgen.bundle import write
from mlopsgen.compile import CompileRequest, compile_spec
from tests.projects import spec_of

from .executor.bundle import Emitted

Emit: TypeAlias = Callable[..., Emitted]
NOTHING: Mapping[str, str] = {}
LEFT_THERE = shutil.ignore_patterns(".*", "build", "__pycache__", "tests")


@pytest.fixture
def emitted(tmp_path: Path) -> Emit:
    """The bundle of an example, on disk; words of the spec can be changed first."""

    def compiled(example: str, changes: Mapping[str, str] = NOTHING) -> Emitted:
        project = tmp_path / example
        shutil.copytree(spec_of(example).parent, project, ignore=LEFT_THERE)
        spec = project / "spec.yaml"
        text = spec.read_text()
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        spec.write_text(text)
        folder = project / "build/azureml"
        write(compile_spec(CompileRequest(spec, spec.read_bytes()), "azureml").bundle, folder)
        return Emitted(folder, project)

    return compiled
