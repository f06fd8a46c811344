"""Writes and reads `predictions.csv`: id, truth, prediction, score, loss, and the columns gates group by.

`score` is the positive class's score, with several classes and no positive one the predicted class's,
with numbers the prediction. With more than two classes each has a column `score:<class>` as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .contract import Contract, Positive
from .files import read_json
from .kinds import declared_type
from .outcomes import positive_class
from .problems import Failed
from .scores import Array, Said, losses
from .spelling import NUMBERS, class_of, in_one_spelling, no_class, text_of, usual
from .tables import Frame

COLUMNS = ("id", "truth", "prediction", "score", "loss")
EACH = "score:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is known of the label beside the rows: its type, its favourable class, classes that the rows may lack."""

    kind: str | None = None
    positive: Positive | None = None
    classes: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    """The declared types of all columns, by which groups are told apart."""


def label_of(contract: Contract | None, model: Path | None) -> Label:
    """The label as the data contract and the model of the built-in trainer know it."""
    about = model / "model.json" if model is not None else None
    learned = read_json(about).get("classes", ()) if about is not None and about.exists() else ()
    if contract is None:
        return Label(classes=tuple(map(str, learned)))
    columns, name = contract.source.columns, contract.roles.label
    listed = next((column.values for column in columns if column.name == name), None)
    return Label(
        kind=None if name is None else declared_type(columns, name),
        positive=contract.roles.positive,
        classes=tuple(dict.fromkeys([*map(str, learned), *map(text_of, listed or ())])),
        columns={column.name: column.type for column in columns},
    )


def write_predictions(folder: Path, said: Said, ids: Array, groups: Mapping[str, Any]) -> None:
    """One row for each test row, in the order of the test data."""
    import pandas as pd

    table: dict[str, Any] = {
        "id": ["" if value is None or value != value else text_of(value) for value in ids],  # noqa: PLR0124
        "truth": said.truth,
        "prediction": said.prediction,
        "score": _score(said),
        "loss": losses(said),
    }
    if said.chances is not None and len(said.classes) > 2:
        table |= {f"{EACH}{name}": said.chances[:, at] for at, name in enumerate(said.classes)}
    for name, values in groups.items():
        if name not in table:
            table[name] = list(values)
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(table).to_csv(folder / "predictions.csv", index=False, lineterminator="\n")


def _score(said: Said) -> Any:
    import numpy as np

    if not said.classes:
        return said.prediction
    if said.chances is None:
        return np.full(len(said.truth), np.nan)
    if said.positive in said.classes:
        return said.chance
    at = [said.classes.index(name) for name in said.prediction]
    return said.chances[np.arange(len(at)), at]


def read_predictions(folder: Path, label: Label) -> Frame:
    """All of predictions.csv as text, every class in one spelling, groups by value."""
    import pandas as pd

    path = folder / "predictions.csv"
    if not path.exists():
        raise Failed(f"{path} is missing; a gate that compares or groups needs it")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    absent = [name for name in ("truth", "prediction") if name not in table.columns]
    if absent:
        raise Failed(f"{path} has no column {' and no '.join(absent)}")
    if table.empty:
        raise Failed(f"{path} has no rows")
    return _in_one_spelling(table, label)


def _in_one_spelling(table: Frame, label: Label) -> Frame:
    scored = [name for name in table.columns if name.startswith(EACH)]
    classes_scored = [name.removeprefix(EACH) for name in scored]
    truth, prediction, classes = in_one_spelling([table["truth"], table["prediction"], classes_scored], label.kind)
    table = table.assign(truth=truth, prediction=prediction)
    for name, kind in label.columns.items():
        if kind in (*NUMBERS, "boolean") and name in table.columns and name not in COLUMNS:
            table[name] = table[name].map(usual)
    return table.rename(columns={old: f"{EACH}{new}" for old, new in zip(scored, classes, strict=True)})


def favourable_class(said: Said, positive: Positive, known: Sequence[str]) -> str:
    """The favourable class, which the rows may lack but somebody has to know: the rows, the model or the contract."""
    named = "true" if positive.at_least is not None else positive.equals
    favourable = said.positive or class_of(named, known)
    if favourable is None:
        there = no_class(named, [*said.classes, *known])
        raise Failed(f"`{text_of(named)}`, which `positive` names, is no class of predictions.csv; {there}")
    return str(favourable)


def as_classes(table: Frame, positive: Positive | None) -> Said:
    """The predictions as classes, with scores where the file has them."""
    from .outcomes import classes_of

    truth, prediction = (_texts(table[name], positive) for name in ("truth", "prediction"))
    scored = [name.removeprefix(EACH) for name in table.columns if name.startswith(EACH)]
    classes = tuple(scored) if scored else classes_of([*truth, *prediction])
    said = Said(truth=truth, prediction=prediction, classes=classes, positive=positive_class(positive, classes))
    return replace(said, chances=_chances(table, said, bool(scored)))


def _texts(values: Any, positive: Positive | None) -> Array:
    """Classes as text; numbers become true or false where the positive class is a threshold."""
    if positive is not None and positive.at_least is not None and not values.isin(["true", "false"]).all():
        numbers = _numbers(values)
        return (numbers >= positive.at_least).map({True: "true", False: "false"}).to_numpy(dtype=object)
    return values.to_numpy(dtype=object)


def _chances(table: Frame, said: Said, each: bool) -> Array | None:
    import numpy as np

    if each:
        return np.column_stack([table[f"{EACH}{name}"].astype(float) for name in said.classes])
    if "score" not in table.columns or len(said.classes) != 2 or said.positive not in said.classes:
        return None
    if (table["score"] == "").any():
        return None
    score = table["score"].astype(float).to_numpy()
    other = 1 - score if ((score >= 0) & (score <= 1)).all() else -score
    pair = {said.positive: score}
    return np.column_stack([pair.get(name, other) for name in said.classes])


def as_numbers(table: Frame) -> Said:
    """The predictions as numbers."""
    truth, prediction = (_numbers(table[name]).to_numpy() for name in ("truth", "prediction"))
    return Said(truth=truth, prediction=prediction)


def _numbers(values: Any) -> Any:
    try:
        return values.astype(float)
    except ValueError as error:
        raise Failed(f"predictions.csv holds no numbers: {error}") from None
