"""An object with `predict`, as scikit-learn has them: from skops, or from a pickle."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..models import has_votes, prepared, read_skops
from ..outcomes import CLASSIFICATION, REGRESSION
from ..problems import Failed
from ..scores import Array
from ..tables import Frame


@dataclass(frozen=True, slots=True)
class Estimator:
    """Scikit-learn's own, or one that behaves like it."""

    native: Any

    @property
    def task(self) -> str:
        """Classes make a classifier."""
        return REGRESSION if self.labels is None else CLASSIFICATION

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The columns that it was trained with, where it was trained with a table."""
        names = getattr(self.native, "feature_names_in_", None)
        # Estimators of LightGBM make names up for what has none.
        return None if names is None or str(names[0]) == "Column_0" else tuple(map(str, names))

    @property
    def labels(self) -> tuple[object, ...] | None:
        """The classes that it was trained with."""
        classes = getattr(self.native, "classes_", None)
        return None if classes is None else tuple(classes)

    def predict(self, table: Frame) -> Array:
        """Labels, or numbers."""
        return self.native.predict(self._read(table))

    def probabilities(self, table: Frame) -> Array | None:
        """Probabilities, else decision values."""
        return self._scored(self.native, self._read(table))

    def both(self, table: Frame) -> tuple[Array, Array | None]:
        """Both, of rows that a pipeline prepares once."""
        last, rows = prepared(self.native, self._read(table))
        return last.predict(rows), self._scored(last, rows)

    def _scored(self, model: Any, rows: Any) -> Array | None:
        import numpy as np

        if hasattr(model, "predict_proba"):
            return np.asarray(model.predict_proba(rows), dtype=float)
        if self.labels is None or not hasattr(model, "decision_function"):
            return None
        values = np.asarray(model.decision_function(rows), dtype=float)
        values = np.column_stack([-values, values]) if values.ndim == 1 else values
        return None if has_votes(model, len(self.labels)) or values.shape[1] != len(self.labels) else values

    def _read(self, table: Frame) -> Any:
        """A table for what was trained with one; for what was trained with an array, the array."""
        return table if self.columns is not None or not hasattr(self.native, "n_features_in_") else table.to_numpy()


def of_skops(path: Path) -> Estimator:
    """A file of skops, whose types are all of numeric libraries."""
    return _estimator(read_skops(path), path)


def of_pickle(path: Path) -> Estimator:
    """A pickle, which runs what it likes: the step that loads it has the rights of the step that wrote it."""
    import joblib

    print(f"note: {path.name} is a pickle, which runs code when it is loaded; a .skops file does not", file=sys.stderr)
    return _estimator(joblib.load(path), path)


def _estimator(native: Any, path: Path) -> Estimator:
    if not callable(getattr(native, "predict", None)):
        raise Failed(f"{path} holds a {type(native).__name__}, which has no `predict`; save the whole trained model")
    return Estimator(native)
