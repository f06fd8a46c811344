"""A folder that MLflow wrote: the model inside by its own library, and by MLflow where that is not known here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..problems import Failed
from ..scores import Array
from ..tables import Frame
from .formats import Format, NativeModel

_INSIDE = {"sklearn": "pickled_model", "xgboost": "data", "lightgbm": "data", "onnx": "data"}
"""Flavour → the key that names its file."""


@dataclass(frozen=True, slots=True)
class Pyfunc:
    """Any flavour, asked through MLflow: it has no scores."""

    native: Any
    columns: tuple[str, ...] | None
    task: str | None = None
    labels: tuple[object, ...] | None = None

    def predict(self, table: Frame) -> Array:
        """What its `predict` says, one for each row."""
        import numpy as np

        answers = np.asarray(self.native.predict(table))
        if answers.ndim == 2 and answers.shape[1] == 1:
            answers = answers[:, 0]
        if answers.ndim != 1:
            raise Failed("the MLflow model answers with several columns; write the evaluation: `run: evaluate.py`")
        return answers

    def probabilities(self, table: Frame) -> Array | None:
        """None: MLflow has no word for them."""
        del table
        return None


def opened(path: Path, task: str | None) -> NativeModel:
    """The model that an MLmodel describes."""
    import yaml

    about = yaml.safe_load(path.read_text(encoding="utf-8"))
    flavours = about.get("flavors", {}) if isinstance(about, dict) else {}
    for flavour, key in _INSIDE.items():
        name = flavours.get(flavour, {}).get(key)
        inside = path.parent / name if isinstance(name, str) else None
        if inside is not None and inside.is_file() and (kind := Format.of(inside)):
            return kind.opened(inside, task)
    return _pyfunc(path.parent, about, task)


def _pyfunc(folder: Path, about: dict[str, Any], task: str | None) -> NativeModel:
    import mlflow.pyfunc

    inputs = json.loads((about.get("signature") or {}).get("inputs") or "[]")
    columns = tuple(one["name"] for one in inputs if "name" in one)
    return Pyfunc(mlflow.pyfunc.load_model(str(folder)), columns or None, task)
