"""A model in ONNX: one array of all columns, or an input for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..outcomes import CLASSIFICATION, REGRESSION
from ..problems import Failed
from ..scores import Array
from ..tables import Frame

_TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
    "tensor(string)": "str",
}


class OnnxFile:
    """What ONNX Runtime makes of a file."""

    def __init__(self, path: Path, task: str | None) -> None:
        import onnxruntime

        self.session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        self.inputs = self.session.get_inputs()
        self.spells = self.session.get_outputs()[0].type == "tensor(string)"
        self.task = task or _done_by(self.session.get_outputs())

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The names of its inputs, where there is one for each column."""
        return None if len(self.inputs) == 1 else tuple(one.name for one in self.inputs)

    @property
    def labels(self) -> tuple[object, ...] | None:
        """It does not say: what it answers does."""
        return None

    def predict(self, table: Frame) -> Array:
        """Numbers, or what it calls the classes."""
        import numpy as np

        first, *rest = self._run(table)
        if self.task != CLASSIFICATION:
            return np.asarray(first, dtype=float).reshape(len(table))
        if not rest and np.asarray(first).dtype.kind == "f":
            return _scores(first).argmax(axis=1)
        return np.asarray(first).reshape(len(table))

    def probabilities(self, table: Frame) -> Array | None:
        """The second output, or the only one where it holds numbers with a decimal point."""
        import numpy as np

        if self.task != CLASSIFICATION:
            return None
        first, *rest = self._run(table)
        if rest:
            return _scores(rest[0])
        return _scores(first) if np.asarray(first).dtype.kind == "f" else None

    def _run(self, table: Frame) -> list[Any]:
        return list(self.session.run(None, self._read(table)))

    def _read(self, table: Frame) -> dict[str, Any]:
        import numpy as np

        if self.columns is None:
            (only,) = self.inputs
            wide = only.shape[-1]
            if isinstance(wide, int) and wide != table.shape[1]:
                raise Failed(
                    f"the ONNX model reads {wide} columns, and the rows have {table.shape[1]} beside the label:"
                    f" {', '.join(map(str, table.columns))}; name the others under `ignore` in `data`"
                )
            return {only.name: np.asarray(table.to_numpy(), dtype=_type(only))}
        return {
            one.name: np.asarray(table[one.name].to_numpy(), dtype=_type(one)).reshape(-1, 1) for one in self.inputs
        }


def _done_by(outputs: Sequence[Any]) -> str:
    """Labels, labels and scores, or scores of several classes in a row: else it says one number."""
    first, *rest = outputs
    wide = first.shape[-1] if len(first.shape) > 1 else 1
    several = isinstance(wide, int) and wide > 1
    real = first.type in ("tensor(float)", "tensor(double)", "tensor(float16)")
    return CLASSIFICATION if rest or several or not real else REGRESSION


def _type(one: Any) -> str:
    if one.type not in _TYPES:
        raise Failed(f"the ONNX model's input `{one.name}` is a {one.type}, which rows of a table are not")
    return _TYPES[one.type]


def _scores(answers: Any) -> Array:
    """A column for each class; converters of scikit-learn write a list of {class: probability}."""
    import numpy as np

    if isinstance(answers, list) and answers and isinstance(answers[0], dict):
        answers = [[row[name] for name in sorted(row)] for row in answers]
    values = np.asarray(answers, dtype=float)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    return np.column_stack([1 - values, values]) if values.ndim == 1 else values
