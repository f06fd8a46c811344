"""Whatever a script's `predict` returned, as columns with one plain value for each record.

| returned | read as |
|---|---|
| a list, an array, a Series | the predictions; of an array with several columns, each a list |
| a table, a list of dicts, a dict of columns | its columns; one is called `prediction`, unless it is the only one |
| {"predictions": any of these} | these |

Values are what JSON can hold: a number that is not finite becomes null, a moment its ISO text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from ..tables import Frame
from .refusals import ModelFailed

Columns: TypeAlias = dict[str, list[Any]]
PREDICTION = "prediction"


def columns_of(returned: Any, count: int, source: str) -> Columns:
    """The predictions of `count` records; `source` is who returned them, for what is said of a wrong answer."""
    columns = _columns(returned, source)
    for name, values in columns.items():
        if len(values) != count:
            what = "predictions" if name == PREDICTION else f"values of `{name}`"
            raise ModelFailed(f"{source} returned {len(values)} {what} for {count} records; it owes one for each")
    return {name: [plain(value, source) for value in values] for name, values in columns.items()}


def _columns(returned: Any, source: str) -> Columns:
    if returned is None:
        raise ModelFailed(f"{source} returned nothing; return one prediction for each record")
    if isinstance(returned, Mapping):
        if set(returned) == {"predictions"}:
            return _columns(returned["predictions"], source)
        return _named({str(name): _values(values, source) for name, values in returned.items()}, source)
    if hasattr(returned, "columns") and hasattr(returned, "iloc"):
        return _named(_of_frame(returned, source), source)
    values = _values(returned, source)
    if values and all(isinstance(value, Mapping) for value in values):
        names = dict.fromkeys(str(name) for value in values for name in value)
        return _named({name: [value.get(name) for value in values] for name in names}, source)
    return {PREDICTION: values}


def _of_frame(frame: Frame, source: str) -> Columns:
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise ModelFailed(f"{source} returned a table in which two columns have one name: {', '.join(names[:8])}")
    return {name: list(frame.iloc[:, at]) for at, name in enumerate(names)}


def _named(columns: Columns, source: str) -> Columns:
    if PREDICTION in columns:
        return {PREDICTION: columns[PREDICTION], **columns}
    if len(columns) == 1:
        return {PREDICTION: next(iter(columns.values()))}
    listed = ", ".join(f"`{name}`" for name in list(columns)[:8]) or "none"
    raise ModelFailed(f"{source} returned the columns {listed}; call one of them `{PREDICTION}`")


def _values(values: Any, source: str) -> list[Any]:
    if hasattr(values, "detach"):  # a tensor of PyTorch, which may lie on another device
        values = values.detach().cpu()
    shape = getattr(values, "shape", None)
    if shape is not None and len(shape) == 2 and shape[1] == 1:
        values = values.reshape(-1)
    if shape is not None and len(shape) == 0:
        raise ModelFailed(f"{source} returned a single value; return one for each record")
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        kind = type(values).__name__
        raise ModelFailed(f"{source} returned a {kind}; return a list, an array, a table or dicts, one for each record")
    if hasattr(values, "tolist") and not hasattr(values, "iloc"):
        return list(values.tolist())
    return list(values)


def plain(value: Any, source: str) -> Any:
    """A value as JSON can hold it."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        # numpy's own float is one of Python's, too, and not quite.
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): plain(one, source) for name, one in value.items()}
    if isinstance(value, Sequence | set) and not isinstance(value, bytes):
        return [plain(one, source) for one in value]
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "tolist"):  # scalars and arrays of numpy
        return plain(value.tolist(), source)
    if type(value).__name__ == "Decimal":
        return plain(float(value), source)
    raise ModelFailed(f"{source} returned a {type(value).__name__}, which JSON cannot hold; return numbers or texts")
