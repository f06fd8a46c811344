"""A model that a script made, asked as the built-in trainer's own are: in the words of the data contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..answers import Answers
from ..contract import Contract
from ..outcomes import CLASSIFICATION, positive_class
from ..problems import Failed
from ..scores import Array
from ..spelling import text_of
from ..tables import Frame
from .formats import NativeModel


@dataclass(frozen=True, slots=True)
class Foreign(Answers):
    """A model, its classes by name, and the columns that reach no model."""

    native: NativeModel
    task: str
    classes: tuple[str, ...]
    positive: str | None
    apart: frozenset[str]
    numbered: dict[str, int]
    """What the model itself calls a class → its number."""
    features: tuple[Any, ...] = ()
    """Those of the built-in trainer: this model has its own columns."""

    def names(self, rows: Frame) -> tuple[str, ...]:
        """The columns that it names, else all that are no role's."""
        if self.native.columns is None:
            return tuple(str(name) for name in rows.columns if name not in self.apart)
        # LightGBM writes underscores for the blanks of a name.
        known = {str(name).replace(" ", "_"): str(name) for name in rows.columns} | {
            str(n): str(n) for n in rows.columns
        }
        absent = [name for name in self.native.columns if name not in known]
        if absent:
            raise Failed(f"the data has no column {', '.join(f'`{name}`' for name in absent)}, which the model reads")
        return tuple(known[name] for name in self.native.columns)

    def table(self, rows: Frame) -> Frame:
        """Its columns in plain types, as a script reads them."""
        return plain_table(rows[list(self.names(rows))])

    def numbers(self, table: Frame) -> Array:
        """Numbers, or the numbers of classes."""
        return self._numbers(self.native.predict(table), len(table))

    def both(self, table: Frame) -> tuple[Array, Array | None]:
        """Numbers and scores, where the model's library can tell both at once."""
        at_once = getattr(self.native, "both", None)
        if at_once is None or self.task != CLASSIFICATION:
            return self.numbers(table), self.scores(table)
        raw, chances = at_once(table)
        return self._numbers(raw, len(table)), self._of_classes(chances)

    def _numbers(self, raw: Any, count: int) -> Array:
        import numpy as np

        if self.task != CLASSIFICATION:
            return np.asarray(raw, dtype=float)
        texts = [text_of(one) for one in np.asarray(raw).reshape(count)]
        new = next((text for text in texts if text not in self.numbered), None)
        if new is not None:
            raise Failed(f"the model says `{new}`, and its classes are {', '.join(self.numbered)}; {HINT}")
        return np.array([self.numbered[text] for text in texts])

    def scores(self, table: Frame) -> Array | None:
        """One column for each class."""
        if self.task != CLASSIFICATION:
            return None
        return self._of_classes(self.native.probabilities(table))

    def _of_classes(self, chances: Array | None) -> Array | None:
        if chances is not None and chances.shape[1] != len(self.classes):
            raise Failed(
                f"the model has scores of {chances.shape[1]} classes, and {len(self.classes)} are known:"
                f" {', '.join(self.classes)}; {HINT}"
            )
        return chances


HINT = "name the classes in the order of their numbers: a list in `classes.json` beside the model"


def foreign(native: NativeModel, contract: Contract, task: str, named: tuple[str, ...] | None) -> Foreign:
    """The model with its classes in the contract's words."""
    classes, numbered = _classes(native, contract, named) if task == CLASSIFICATION else ((), {})
    positive = positive_class(contract.roles.positive, classes) if classes else None
    return Foreign(native, task, classes, positive, contract.roles.apart(), numbered)


def _classes(
    native: NativeModel, contract: Contract, named: tuple[str, ...] | None
) -> tuple[tuple[str, ...], dict[str, int]]:
    """The classes in the order of the scores, and what the model itself calls them."""
    carried = None if native.labels is None else [text_of(label) for label in native.labels]
    known = _known(contract)
    # What spells its classes was converted from an estimator, and those sort them.
    known = tuple(sorted(known)) if getattr(native, "spells", False) else known
    numbers = [str(number) for number in range(len(named or carried or known))]
    if named is not None:
        return named, _numbered(named, carried if carried and set(carried) != set(named) else numbers)
    if carried and (not known or set(carried) <= set(known) or carried != numbers):
        return tuple(carried), _numbered(carried)
    if not known:
        raise Failed(f"the model numbers its classes, and nothing says how they are called: {HINT}")
    return known, _numbered(known, numbers)


def _known(contract: Contract) -> tuple[str, ...]:
    """The label's values in the contract's order."""
    if contract.roles.positive is not None and contract.roles.positive.at_least is not None:
        return ("false", "true")
    label = next((column for column in contract.source.columns if column.name == contract.roles.label), None)
    if label is None:
        return ()
    return ("false", "true") if label.type == "boolean" else tuple(map(text_of, label.values or ()))


def _numbered(classes: Sequence[str], also: Sequence[str] = ()) -> dict[str, int]:
    return {**{name: n for n, name in enumerate(also)}, **{name: n for n, name in enumerate(classes)}}


def plain_table(rows: Frame) -> Frame:
    """A table without pandas' own nulls, as scripts and libraries read it."""
    plain = rows.copy(deep=False)
    for place, kind in enumerate(rows.dtypes):
        # Most columns are plain already, and a model is asked some thousand times.
        if str(kind) in ("float64", "int64", "bool"):
            continue
        values = rows.iloc[:, place]
        if str(kind) != "object" or values.isna().any():
            plain.isetitem(place, _plain(values))
    return plain


def _plain(values: Any) -> Any:
    """A column without pandas' own nulls: floats and words with NaN, truths as truths."""
    import numpy as np
    import pandas as pd

    kind = values.dtype
    if pd.api.types.is_bool_dtype(kind):
        return values.astype(float if values.isna().any() else bool)
    if pd.api.types.is_integer_dtype(kind):
        return values.astype("float64" if values.isna().any() else "int64")
    if pd.api.types.is_numeric_dtype(kind):
        return values.astype("float64")
    if pd.api.types.is_datetime64_any_dtype(kind):
        return values
    return values.astype(object).where(values.notna(), np.nan)
