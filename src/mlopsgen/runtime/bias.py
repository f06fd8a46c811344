"""Is the model as good, and as kind, to every group? Measures of fairlearn over predictions.csv."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
OF_FAVOURABLE = ("equalized_odds", "equal_opportunity", "true_positive", "false_negative", "recall", "roc_auc")
"""Measures with rates among the rows whose truth is favourable; fairlearn takes the rate of none for 0."""
OF_OTHERS = ("equalized_odds", "false_positive", "true_negative", "roc_auc")
"""The same among all other rows."""


@dataclass(frozen=True, slots=True)
class GroupMeasure:
    """A measure over groups, or why it has no value; and which groups were too small to count."""

    value: float | None
    lacks: str = ""
    left_out: str = ""


def measure_bias(gate: Gate, table: Frame, positive: Positive | None, known: Sequence[str] = ()) -> GroupMeasure:
    """One measure over the groups of a gate; `known` are classes that the rows may lack."""
    measure = _measure(gate)
    groups = _groups(gate, table)
    small = dict(_small(gate, groups))
    kept = ~groups.isin(list(small))
    left_out = ", ".join(f"`{name}` ({count} rows)" for name, count in small.items())
    groups, table = groups[kept].to_numpy(dtype=object), table[kept]
    if len(set(groups)) < 2:
        without = f" without {left_out}" if small else ""
        raise Failed(
            f"the test rows fall into one group of `{gate.group}`{without}, so gate `{gate.name}` compares nothing"
        )
    truth, prediction = _outcomes(gate, table, positive, known)
    lacks = next(_lacks(gate, truth, groups), "")
    value = math.nan if lacks else float(measure(truth, prediction, sensitive_features=groups))
    if math.isnan(value):
        return GroupMeasure(None, lacks or "some group lacks the rows it needs", left_out)
    return GroupMeasure(value, "", left_out)


def _small(gate: Gate, groups: Any) -> Iterator[tuple[str, int]]:
    """Groups of fewer rows than the gate asks for."""
    for name, count in groups.value_counts().sort_index().items():
        if count < (gate.group_min_rows or 1):
            yield str(name), int(count)


def _lacks(gate: Gate, truth: Any, groups: Any) -> Iterator[str]:
    """Groups in which a rate would be one of no rows at all."""
    for names, value, what in ((OF_FAVOURABLE, 1, "favourable"), (OF_OTHERS, 0, "anything but favourable")):
        if str(gate.measure).startswith(names):
            for name in sorted(set(groups)):
                mine = truth[groups == name]
                if not (mine == value).any():
                    yield f"of the {len(mine)} rows of group `{name}` none is {what} in truth"


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
        return column.where(column != "", "(missing)")
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    words = column[numbers.isna() & ~null_mask(column, "number")]
    if len(words):
        raise Failed(
            f"column `{gate.group}` holds `{words.iloc[0]}`, no number, and gate `{gate.name}` parts it by one"
        )
    sides = (numbers >= gate.group_at_least).map({True: "from", False: "below"})
    return sides.where(numbers.notna(), "(missing)")


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
