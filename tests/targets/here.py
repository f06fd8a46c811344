"""What `mlopsgen run` makes of an example, which every target's outcome is held against: run once, and shared."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

from mlopsgen.bundle import write
from mlopsgen.bundle.swap import alone
from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.local import target

_NOT_COPIED = shutil.ignore_patterns("build", ".mlopsgen", "__pycache__")


@dataclass(frozen=True, slots=True)
class Here:
    """A project that ran on this machine."""

    project: Path

    def metrics(self) -> Any:
        """What its evaluation measured."""
        return json.loads(self._one("evaluation/outputs/metrics/metrics.json").read_text())

    def draws(self) -> Iterator[dict[str, Any]]:
        """What its search tried, in order."""
        for path in sorted(self.project.glob(".mlopsgen/runs/*/steps/training/trials/*/params.json")):
            yield json.loads(path.read_text())

    def _one(self, path: str) -> Path:
        (found,) = self.project.glob(f".mlopsgen/runs/*/steps/{path}")
        return found


@dataclass(frozen=True, slots=True)
class Shared:
    """The runs of one test session, whichever of its processes asked for them first."""

    folder: Path

    def run(self, project: Path, **given: str) -> Here:
        """The outcome of a project's spec with these parameters."""
        said = json.dumps([(project / "spec.yaml").read_text(), given], sort_keys=True)
        place = self.folder / sha256(said.encode()).hexdigest()[:16]
        self.folder.mkdir(parents=True, exist_ok=True)
        with alone(place):
            if not (place / "done").exists():
                _run(project, place, given)
                (place / "done").touch()
        return Here(place / "project")


def _run(project: Path, place: Path, given: dict[str, str]) -> None:
    shutil.rmtree(place, ignore_errors=True)
    copy = place / "project"
    shutil.copytree(project, copy, ignore=_NOT_COPIED)
    spec = copy / "spec.yaml"
    write(compile_spec(CompileRequest(spec, spec.read_bytes()), "local").bundle, place / "bundle")
    wrong: list[Diagnostic] = []
    ran = target.run(place / "bundle", copy, given, parallel=2, isolated=False, show=StringIO(), tell=wrong.extend)
    assert ran.exit_code == 0, wrong
