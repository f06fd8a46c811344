"""What a model is asked to tell: classes as text, or numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .contract import Contract, Positive
from .problems import Failed
from .spelling import class_of, key_of, no_class, text_of
from .tables import Frame, Series

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
        print(f"note: {int((~known).sum())} of {len(rows)} rows have no label and are left out")
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


def known_truth(truth: Iterable[str], classes: Sequence[str], rows: str) -> Any:
    """The label of some rows in the spellings of a model's classes; a class that it has never seen is refused."""
    import numpy as np

    spelled = {text: class_of(text, classes) for text in dict.fromkeys(truth)}
    new = next((text for text, known in spelled.items() if known is None), None)
    if new is not None:
        raise Failed(
            f"the {rows} rows have the class `{new}`, which the model has never seen; {no_class(new, classes)}"
        )
    return np.array([spelled[text] for text in truth], dtype=object)


def classes_of(truth: Iterable[str]) -> tuple[str, ...]:
    """All classes in a fixed order: numbers by size, words by alphabet, spellings of one number by alphabet, too."""
    names = sorted(set(truth))
    keys = {name: key_of(name) for name in names}
    return tuple(
        sorted(names, key=lambda name: keys[name][1]) if all(k == "number" for k, _ in keys.values()) else names
    )


def positive_class(positive: Positive | None, classes: Sequence[str], kind: str | None = None) -> str | None:
    """The favourable class; of two classes the last one where the contract names none, as scikit-learn does.

    None where the contract names one that is not among the classes.
    """
    if positive is None:
        return classes[-1] if len(classes) == 2 else None
    return class_of("true" if positive.at_least is not None else positive.equals, classes, kind)


def the_positive_class(positive: Positive | None, classes: Sequence[str], kind: str | None, where: str) -> str | None:
    """The favourable class, which has to be there when the contract names one."""
    favourable = positive_class(positive, classes, kind)
    if favourable is None and positive is not None:
        named = "true" if positive.at_least is not None else positive.equals
        raise Failed(f"`{text_of(named)}`, which `positive` names, is no class of {where}; {no_class(named, classes)}")
    return favourable
