"""What a model is asked to tell: classes as text, or numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .contract import Contract, Positive
from .problems import Failed
from .tables import Frame, Series, text_of

CLASSIFICATION, REGRESSION = "classification", "regression"
MANY_CLASSES = 20


def task_for(contract: Contract, rows: Frame) -> str:
    """Classification or regression, by the label's type, when nobody said which."""
    import pandas as pd

    label = label_column(contract, rows)
    if contract.roles.positive is not None or not pd.api.types.is_numeric_dtype(label):
        return CLASSIFICATION
    if pd.api.types.is_bool_dtype(label):
        return CLASSIFICATION
    # Whole numbers with few values are class numbers; many values are a count or a size.
    whole = bool((label.dropna() % 1 == 0).all())
    return CLASSIFICATION if whole and label.nunique() <= MANY_CLASSES else REGRESSION


def label_column(contract: Contract, rows: Frame) -> Series:
    """The column that the contract calls the label."""
    name = contract.roles.label
    if name is None:
        raise Failed("the contract names no label, so there is nothing to learn or to judge")
    if name not in rows.columns:
        raise Failed(f"the data has no column `{name}`, which is the label")
    return rows[name]


def with_label(contract: Contract, rows: Frame) -> Frame:
    """The rows whose label is known; how many were left out is said."""
    known = label_column(contract, rows).notna()
    if not known.all():
        print(f"{int((~known).sum())} rows without a label are left out")
    if not known.any():
        raise Failed("no row has a label")
    return rows[known]


def truth_of(contract: Contract, rows: Frame, task: str) -> Any:
    """The label as an array: text for classification, numbers otherwise."""
    import numpy as np

    label = label_column(contract, rows)
    positive = contract.roles.positive
    if task != CLASSIFICATION:
        import pandas as pd

        numbers = pd.to_numeric(label, errors="coerce").astype("float64")
        if numbers.isna().any():
            raise Failed(
                f"label `{label.name}` holds `{text_of(label[numbers.isna()].iloc[0])}`, and {task} needs numbers"
            )
        return numbers.to_numpy()
    if positive is not None and positive.at_least is not None:
        return np.array([text_of(bool(value >= positive.at_least)) for value in label], dtype=object)
    return np.array([text_of(value) for value in label], dtype=object)


def classes_of(truth: Iterable[str]) -> tuple[str, ...]:
    """All classes in a fixed order: numbers by size, words by alphabet."""
    found = set(truth)
    try:
        return tuple(sorted(found, key=float))
    except ValueError:
        return tuple(sorted(found))


def positive_class(positive: Positive | None, classes: tuple[str, ...]) -> str | None:
    """The favourable class as text; of two classes the last one where the contract names none, as scikit-learn does."""
    if positive is not None:
        return "true" if positive.at_least is not None else text_of(positive.equals)
    return classes[-1] if len(classes) == 2 else None
