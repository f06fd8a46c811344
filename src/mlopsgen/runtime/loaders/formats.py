"""The formats of models: how each is told from the others, and who opens it."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Protocol

from ..scores import Array
from ..tables import Frame


class NativeModel(Protocol):
    """A model as its own library has it."""

    @property
    def task(self) -> str | None:
        """What it was opened for, or what it says that it does: classification or regression; None: it is silent."""

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The columns that it reads, in order; None where it does not say."""

    @property
    def labels(self) -> tuple[object, ...] | None:
        """Its classes in the order of its scores; None where it numbers them, or predicts numbers."""

    def predict(self, table: Frame) -> Array:
        """Numbers; of a classifier, its labels or the numbers of classes."""

    def probabilities(self, table: Frame) -> Array | None:
        """One column for each class; None where it has no scores."""


class Format(Enum):
    """What a file may be."""

    SKOPS = "skops"
    PICKLE = "a pickle"
    ONNX = "ONNX"
    XGBOOST = "a model of XGBoost"
    LIGHTGBM = "a model of LightGBM"
    MLFLOW = "a model of MLflow"

    @property
    def words(self) -> str:
        """What it is called in messages."""
        return self.value

    @classmethod
    def of(cls, path: Path) -> Format | None:
        """The format of a file by its ending, and by its beginning where others share the ending."""
        match path.suffix.lower():
            case ".skops":
                return cls.SKOPS
            case ".joblib" | ".pkl" | ".pickle":
                return cls.PICKLE
            case ".onnx":
                return cls.ONNX
            case ".ubj" | ".xgb" | ".bst":
                return cls.XGBOOST
            case ".json":
                return cls.XGBOOST if b'"learner"' in _start_of(path) else None
            case ".txt" | ".lgb":
                return cls.LIGHTGBM if _beginning_of(path).startswith(b"tree\n") else None
            case _:
                return None

    def opened(self, path: Path, task: str | None) -> NativeModel:
        """The model, by its own library; without a task it says itself what it does, where it can."""
        match self:
            case Format.SKOPS | Format.PICKLE:
                from . import estimator

                return estimator.of_skops(path) if self is Format.SKOPS else estimator.of_pickle(path)
            case Format.ONNX:
                from . import onnx

                return onnx.OnnxFile(path, task)
            case Format.XGBOOST | Format.LIGHTGBM:
                from . import boosters

                return boosters.BoosterFile.of(path, task, xgboost=self is Format.XGBOOST)
            case Format.MLFLOW:
                from . import mlflow

                return mlflow.opened(path, task)


def _beginning_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _start_of(path: Path) -> bytes:
    """The text of a JSON file as far as a model of XGBoost needs to be told: its key stands first."""
    with path.open("rb") as file:
        return file.read(64)
