"""Models of xgboost and lightgbm, read from their own files, behind the encoding of their columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .outcomes import CLASSIFICATION
from .scores import Array
from .tables import Frame


@dataclass(frozen=True, slots=True)
class Encoded:
    """Encodes rows, then asks a booster that predicts numbers."""

    encode: Any
    booster: Any
    raw: Callable[[Array], Array]

    def predict(self, rows: Frame) -> Array:
        """Numbers."""
        return self.raw(self.encode.transform(rows))


@dataclass(frozen=True, slots=True)
class EncodedClassifier:
    """Encodes rows, then asks a booster that gives chances."""

    encode: Any
    booster: Any
    raw: Callable[[Array], Array]
    classes_: tuple[int, ...]

    def predict_proba(self, rows: Frame) -> Array:
        """One column for each class."""
        import numpy as np

        raw = np.asarray(self.raw(self.encode.transform(rows)), dtype=float)
        return np.column_stack([1 - raw, raw]) if raw.ndim == 1 else raw

    def predict(self, rows: Frame) -> Array:
        """Class numbers."""
        return self.predict_proba(rows).argmax(axis=1)


def read_booster(path: Path, encode: Any, task: str, classes: int) -> Encoded | EncodedClassifier:
    """A model from xgboost's .ubj or lightgbm's .txt."""
    booster, raw = _lightgbm(path) if path.suffix == ".txt" else _xgboost(path)
    if task == CLASSIFICATION:
        return EncodedClassifier(encode, booster, raw, tuple(range(classes)))
    return Encoded(encode, booster, raw)


def _lightgbm(path: Path) -> tuple[Any, Callable[[Array], Array]]:
    import lightgbm

    booster = lightgbm.Booster(model_file=str(path))
    return booster, booster.predict


def _xgboost(path: Path) -> tuple[Any, Callable[[Array], Array]]:
    import xgboost

    booster = xgboost.Booster(model_file=str(path))
    return booster, booster.inplace_predict
