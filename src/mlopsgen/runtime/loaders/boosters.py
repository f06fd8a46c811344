"""The files that XGBoost and LightGBM write themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..boosters import columns_of, lightgbm_file, xgboost_file, xgboost_objective
from ..outcomes import CLASSIFICATION, REGRESSION
from ..scores import Array
from ..tables import Frame


@dataclass(frozen=True, slots=True)
class BoosterFile:
    """A booster: it numbers its classes."""

    task: str
    columns: tuple[str, ...] | None
    raw: Callable[[Frame], Array]
    labels: tuple[object, ...] | None = None

    @classmethod
    def of(cls, path: Path, task: str | None, *, xgboost: bool) -> BoosterFile:
        """The booster in a file; without a task, its objective tells."""
        if xgboost:
            task = task or _done_by(xgboost_objective(path))
            booster, raw = xgboost_file(path, task)
            names = booster.feature_names
        else:
            booster, raw = lightgbm_file(path)
            task = task or _done_by(booster.dump_model(num_iteration=1).get("objective", ""))
            named = booster.feature_name()
            names = None if named[0] == "Column_0" else named
        return cls(task, tuple(names) if names else None, raw)

    def predict(self, table: Frame) -> Array:
        """Numbers, or the numbers of classes."""
        if self.task != CLASSIFICATION:
            return self.raw(self._read(table))
        return columns_of(self.raw(self._read(table))).argmax(axis=1)

    def probabilities(self, table: Frame) -> Array | None:
        """Probabilities."""
        return columns_of(self.raw(self._read(table))) if self.task == CLASSIFICATION else None

    def _read(self, table: Frame) -> Frame:
        return table if self.columns else table.to_numpy(dtype=float)


def _done_by(objective: str) -> str:
    """The task of an objective: `binary:logistic` is XGBoost's spelling, `multiclass num_class:3` LightGBM's."""
    return CLASSIFICATION if objective.startswith(("binary", "multi")) else REGRESSION
