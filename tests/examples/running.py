"""Examples, copied out of the repository and run by the program that a user types."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.projects import ROOT

PROGRAM = Path(sysconfig.get_path("scripts")) / "mlopsgen"


@dataclass(frozen=True, slots=True)
class Said:
    """How a run ended: its exit code, the summary on stdout, the progress on stderr."""

    code: int
    summary: str
    progress: str


@dataclass(frozen=True, slots=True)
class Project:
    """A copy of an example, with what runs leave beside its spec."""

    folder: Path

    def run(self, **params: object) -> Said:
        """`mlopsgen run --param …`, to its end."""
        ended = subprocess.run(_words(params), cwd=self.folder, capture_output=True, text=True, check=False)
        return Said(ended.returncode, ended.stdout, ended.stderr)

    def start(self, **params: object) -> subprocess.Popen[bytes]:
        """The same, without waiting for its end."""
        return subprocess.Popen(
            _words(params), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
        )

    def score(self) -> int:
        """`mlopsgen score`, to its end."""
        return subprocess.run([PROGRAM, "score"], cwd=self.folder, check=False).returncode

    def runs(self) -> list[Path]:
        """The folders of all runs, the oldest first."""
        return sorted((self.folder / ".mlopsgen" / "runs").glob("*"))

    def versions(self) -> list[Mapping[str, Any]]:
        """What the registry says of each version of the example's model."""
        found = sorted((self.folder / ".mlopsgen" / "registry").glob("*/versions/*/version.json"))
        return [read(path) for path in found]

    def version(self, number: int) -> Path:
        """The folder of a version."""
        (found,) = (self.folder / ".mlopsgen" / "registry").glob(f"*/versions/{number}")
        return found

    def champion(self) -> int | None:
        """The version in use."""
        found = list((self.folder / ".mlopsgen" / "registry").glob("*/champion.json"))
        return int(read(found[0])["version"]) if found else None


def _words(params: Mapping[str, object]) -> list[str]:
    return [str(PROGRAM), "run", *(f"--param={name}={value}" for name, value in params.items())]


def a_copy(example: str, folder: Path) -> Project:
    """The example, without what was left in it by runs of its own."""
    there = folder / example
    shutil.copytree(
        ROOT / "examples" / example, there, ignore=shutil.ignore_patterns("build", ".mlopsgen", "__pycache__")
    )
    return Project(there)


def read(path: Path) -> Any:
    """What a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def output(run: Path, step: str, port: str, file: str) -> Any:
    """A JSON file that a step of a run wrote."""
    return read(run / "steps" / step / "outputs" / port / file)
