"""A deployment that doubles numbers: its model, its script, its contract and its folders."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.cli import main
from tests.runtime.conftest import Done

SCRIPT = """
def load(folder):
    return 2.0

def predict(model, rows):
    if (rows["x"] == 13).any():
        raise ValueError("unlucky")
    return [{"prediction": model * x, "score": 0.5} for x in rows["x"]]
"""
CONTRACT = {
    "format_version": 1,
    "main": "rows",
    "sources": {"rows": {"columns": {"id": {"type": "string"}, "x": {"type": "number"}}}},
    "roles": {"id": "id"},
}


@dataclass(frozen=True)
class Deployment:
    """One deployment, and where it reads and writes."""

    root: Path
    capsys: Any

    @property
    def out(self) -> Path:
        return self.root / "out"

    def flags(self, run: str = "r1", /, **more: object) -> list[str]:
        """The command line; an underscore is a hyphen, and None leaves a flag out."""
        usual: dict[str, object] = {
            "name": "double",
            "run-id": run,
            "input": self.root / "in",
            "output": self.out,
            "model": self.root / "model",
            "predict": self.root / "predict.py",
            "contract": self.root / "contract.json",
        }
        given = usual | {name.replace("_", "-"): value for name, value in more.items()}
        return [f"--{name}={value}" for name, value in given.items() if value is not None]

    def score(self, run: str = "r1", /, **more: object) -> Done:
        code = main(["score", *self.flags(run, **more)])
        said = self.capsys.readouterr()
        return Done(code, said.out, said.err)

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.root / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def script(self, text: str) -> None:
        """Another script; what Python kept of the one before goes, in case both are of one second and size."""
        (self.root / "predict.py").write_text(text)
        shutil.rmtree(self.root / "__pycache__", ignore_errors=True)

    def contract(self, **columns: object) -> None:
        """The contract with other columns."""
        (self.root / "contract.json").write_text(json.dumps({**CONTRACT, "sources": {"rows": {"columns": columns}}}))

    def rows(self, run: str = "r1", under: str = "") -> list[dict[str, str]]:
        """What a run has written, as csv says it, part by part."""
        return [row for path in self.parts(run, under) for row in read(path)]

    def parts(self, run: str = "r1", under: str = "") -> list[Path]:
        return sorted((self.out / under / f"run={run}").glob("part-*"))

    def success(self, run: str = "r1") -> Any:
        return json.loads((self.out / f"run={run}" / "_SUCCESS").read_text())

    def ended(self, run: str = "r1") -> bool:
        return (self.out / f"run={run}" / "_SUCCESS").exists()


def read(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a csv file with a header."""
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def table(numbers: Iterable[object]) -> str:
    """csv of an id with leading zeros and a number."""
    return "id,x\n" + "".join(f"{at:05d},{x}\n" for at, x in enumerate(numbers))


@pytest.fixture
def double(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Deployment:
    (tmp_path / "model").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "model" / "weights").write_text("2")
    (tmp_path / "predict.py").write_text(SCRIPT)
    (tmp_path / "contract.json").write_text(json.dumps(CONTRACT))
    return Deployment(tmp_path, capsys)
