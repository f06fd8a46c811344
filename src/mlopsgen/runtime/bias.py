"""Is the model as good, and as kind, to every group? Measures of fairlearn over predictions.csv."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from typing import Any

from .contract import Positive
from .gates import Gate
from .kinds import null_mask
from .predictions import as_classes, as_numbers, favourable_class
from .problems import Failed, Usage
from .tables import Frame

ENDINGS = ("_difference", "_ratio", "_group_min", "_group_max")
OF_NUMBERS = (
    "mean_absolute_error",
    "mean_squared_error",
    "root_mean_squared_error",
    "median_absolute_error",
    "r2_score",
)
OF_ANY_CLASS = ("accuracy_score", "balanced_accuracy_score")


def measure_bias(gate: Gate, table: Frame, positive: Positive | None, known: Sequence[str] = ()) -> float:
    """One measure over the groups of a gate; `known` are classes that the rows may lack."""
    measure = _measure(gate)
    groups = _groups(gate, table)
    if len(set(groups)) < 2:
        raise Failed(f"the test rows fall into one group of `{gate.group}`, so gate `{gate.name}` compares nothing")
    truth, prediction = _outcomes(gate, table, positive, known)
    value = float(measure(truth, prediction, sensitive_features=groups))
    if math.isnan(value):
        raise Failed(f"{gate.shown} has no value: some group lacks the rows it needs (gate `{gate.name}`)")
    return value


def _measure(gate: Gate) -> Any:
    from fairlearn import metrics

    known = [name for name in metrics.__all__ if name.endswith(ENDINGS)]
    if gate.measure not in known:
        near = difflib.get_close_matches(str(gate.measure), known, n=1)
        hint = f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(known)}"
        raise Usage(f"there is no bias measure `{gate.measure}` (gate `{gate.name}`){hint}")
    return getattr(metrics, str(gate.measure))


def _groups(gate: Gate, table: Frame) -> Any:
    if gate.group not in table.columns:
        raise Failed(
            f"predictions.csv has no column `{gate.group}`, by which gate `{gate.name}` groups;"
            f" it has {', '.join(map(str, table.columns))}"
        )
    column = table[gate.group]
    if gate.group_at_least is None:
        return column.where(column != "", "(missing)").to_numpy(dtype=object)
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    words = column[numbers.isna() & ~null_mask(column, "number")]
    if len(words):
        raise Failed(
            f"column `{gate.group}` holds `{words.iloc[0]}`, no number, and gate `{gate.name}` parts it by one"
        )
    sides = (numbers >= gate.group_at_least).map({True: "from", False: "below"})
    return sides.where(numbers.notna(), "(missing)").to_numpy(dtype=object)


def _outcomes(gate: Gate, table: Frame, positive: Positive | None, known: Sequence[str]) -> tuple[Any, Any]:
    """Truth and prediction as the measure wants them: numbers, any class, or favourable yes or no."""
    measure = str(gate.measure)
    if measure.startswith(OF_NUMBERS):
        numbers = as_numbers(table)
        return numbers.truth, numbers.prediction
    said = as_classes(table, positive)
    if measure.startswith(OF_ANY_CLASS):
        return said.truth, said.prediction
    if positive is None and said.positive is None:
        raise Failed(f"gate `{gate.name}` needs to know the favourable class: name it as `positive` in the data")
    favourable = said.positive if positive is None else favourable_class(said, positive, known)
    return (said.truth == favourable).astype(int), (said.prediction == favourable).astype(int)
