"""Small real data, and a way to run a runtime command as an image would."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from mlopsgen.runtime.cli import main

Run: TypeAlias = Callable[..., "Done"]


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@dataclass
class Place:
    """A folder with data and a contract in it."""

    root: Path
    contract: dict[str, Any] = field(default_factory=dict)

    def __truediv__(self, name: str) -> Path:
        return self.root / name

    def write_contract(self, **more: Any) -> Path:
        """contract.json with some parts replaced."""
        path = self.root / "contract.json"
        path.write_text(json.dumps({**self.contract, **more}))
        return path

    def json(self, name: str) -> Any:
        return json.loads((self.root / name).read_text())


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*argv: object) -> Done:
        code = main([str(word) for word in argv])
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return call


@pytest.fixture
def wine(tmp_path: Path) -> Place:
    """scikit-learn's wines: three classes, an id with leading zeros, a category."""
    from sklearn.datasets import load_wine

    frame = load_wine(as_frame=True).frame.drop(columns="od280/od315_of_diluted_wines")
    frame.insert(0, "id", [f"{number:04d}" for number in range(len(frame))])
    frame["colour"] = ["red" if number % 3 else "white" for number in range(len(frame))]
    (tmp_path / "source").mkdir()
    frame.to_csv(tmp_path / "source" / "wine.csv", index=False)
    numbers = [name for name in frame.columns if name not in ("id", "target", "colour")]
    columns: dict[str, Any] = {name: {"type": "number", "minimum": 0} for name in numbers}
    columns |= {"id": {"type": "string"}, "colour": {"type": "category"}}
    columns |= {"target": {"type": "category", "values": ["0", "1", "2"]}}
    contract = {
        "format_version": 1,
        "main": "source",
        "sources": {"source": {"format": "csv", "columns": columns}},
        "roles": {"label": "target", "id": "id"},
        "checks": {"max_null_rate": 0.1, "min_rows": 100, "unique": ["id"]},
        "split": {"test": 0.2, "validation": 0.1, "seed": 1},
    }
    place = Place(tmp_path, contract)
    place.write_contract()
    return place


@pytest.fixture
def diabetes(tmp_path: Path) -> Place:
    """scikit-learn's diabetes data: a number to predict, no column declared."""
    from sklearn.datasets import load_diabetes

    (tmp_path / "source").mkdir()
    load_diabetes(as_frame=True).frame.to_csv(tmp_path / "source" / "diabetes.csv", index=False)
    contract = {
        "format_version": 1,
        "main": "source",
        "sources": {"source": {"format": "csv"}},
        "roles": {"label": "target"},
        "split": {"test": 0.25},
    }
    place = Place(tmp_path, contract)
    place.write_contract()
    return place


@pytest.fixture
def cancer(tmp_path: Path) -> Place:
    """scikit-learn's breast cancer data: two classes, with a made-up age to group by."""
    from sklearn.datasets import load_breast_cancer

    frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 1, 4, 5, -1]]
    frame["target"] = frame["target"].map({0: "malignant", 1: "benign"})
    frame["age"] = [20 + number * 7 % 60 for number in range(len(frame))]
    (tmp_path / "source").mkdir()
    frame.to_csv(tmp_path / "source" / "cancer.csv", index=False)
    contract = {
        "format_version": 1,
        "main": "source",
        "sources": {"source": {"format": "csv"}},
        "roles": {"label": "target", "positive": {"equals": "benign"}, "ignore": ["age"]},
        "split": {"test": 0.3, "seed": 3},
    }
    place = Place(tmp_path, contract)
    place.write_contract()
    return place
