"""Models of xgboost and lightgbm, read from their own files, behind the encoding of their columns."""

from __future__ import annotations

import json
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
        return columns_of(self.raw(self.encode.transform(rows)))

    def predict(self, rows: Frame) -> Array:
        """Class numbers."""
        return self.predict_proba(rows).argmax(axis=1)


def columns_of(raw: Array) -> Array:
    """Chances with a column for each class; a booster of two classes has those of the second alone."""
    import numpy as np

    values = np.asarray(raw, dtype=float)
    return np.column_stack([1 - values, values]) if values.ndim == 1 else values


def read_booster(path: Path, encode: Any, task: str, classes: int) -> Encoded | EncodedClassifier:
    """A model from xgboost's .ubj or lightgbm's .txt."""
    booster, raw = lightgbm_file(path) if path.suffix == ".txt" else xgboost_file(path, task)
    if task == CLASSIFICATION:
        return EncodedClassifier(encode, booster, raw, tuple(range(classes)))
    return Encoded(encode, booster, raw)


def lightgbm_file(path: Path) -> tuple[Any, Callable[[Any], Array]]:
    """LightGBM's own file: the booster, and what it says."""
    import lightgbm

    booster = lightgbm.Booster(model_file=str(path))
    return booster, booster.predict


def xgboost_file(path: Path, task: str) -> tuple[Any, Callable[[Any], Array]]:
    """XGBoost's own file: the booster, and what it says as numbers or as chances.

    Its estimators know what the booster alone does not: where early stopping stopped, that a linear booster has
    no prediction in place, and that `multi:softmax` says classes, not chances.
    """
    import xgboost

    estimator = xgboost.XGBClassifier() if task == CLASSIFICATION else xgboost.XGBRegressor()
    estimator.load_model(path)
    return estimator.get_booster(), estimator.predict_proba if task == CLASSIFICATION else estimator.predict


def xgboost_objective(path: Path) -> str:
    """What the booster in XGBoost's own file was trained for, such as `binary:logistic`."""
    import xgboost

    config = json.loads(xgboost.Booster(model_file=str(path)).save_config())
    return str(config["learner"]["objective"]["name"])
