"""A model that is asked: by requests, over files, of a stream. Whoever asks, records are read and answered alike.

scorer = open_scorer(Path("/opt/ml/model"), contract=read_contract(path))
scorer.predict(pd.DataFrame([{"age": 41, "plan": "pro"}])).records()
[{"prediction": "stays", "score": 0.83}]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..answers import Answers
from ..contract import Checks, Contract, Roles, Source
from ..files import digest_of
from ..kinds import as_type, declared_type, inferred_type
from ..loaders import load, load_of_any_task
from ..loaders.foreign import Foreign, plain_table
from ..outcomes import CLASSIFICATION, REGRESSION
from ..problems import Failed
from ..tables import Frame
from .outputs import PREDICTION, Columns, columns_of
from .refusals import ModelFailed
from .script import line_of, open_script
from .signature import Checked, Signature, raise_for, signature_of

SCORE, PROBABILITIES, SCORES = "score", "probabilities", "scores"
EACH = "score:"
"""Stands before a class where each has a column of its own, as in predictions.csv."""


class Predictor(Protocol):
    """A loaded model, or the script that asks one."""

    def predict(self, table: Frame) -> Columns:
        """Columns of one plain value for each record, `prediction` among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """What a model says of some records, in their order."""

    columns: Columns
    ids: list[Any] | None = None
    """What they are known by, as it was written."""

    def __len__(self) -> int:
        return len(self.columns[PREDICTION])

    def records(self) -> list[dict[str, Any]]:
        """A record for each: `id` where they have one, `prediction`, and what the model says beside it."""
        columns = self._with_ids()
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def flat(self) -> Columns:
        """Columns of a file: each class's score in one of its own."""
        flat: Columns = {}
        for name, values in self._with_ids().items():
            first = next((value for value in values if value is not None), None)
            if name in (PROBABILITIES, SCORES) and isinstance(first, dict):
                flat |= {f"{EACH}{one}": [value and value.get(one) for value in values] for one in first}
            else:
                flat[name] = values
        return flat

    def _with_ids(self) -> Columns:
        return self.columns if self.ids is None else {"id": self.ids, **self.columns}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """A model, its signature and its version."""

    predictor: Predictor
    signature: Signature
    version: str
    classes: tuple[str, ...] = ()
    platform: str = "script"

    def check(self, rows: Frame, *, decimal: str = ".", spare: Sequence[str] = ()) -> Checked:
        """Records in the model's types, and every problem with them; `spare` are columns that others want."""
        return self.signature.check(rows, decimal=decimal, spare=spare)

    def predict(self, rows: Frame, *, decimal: str = ".", spare: Sequence[str] = ()) -> Predictions:
        """A prediction for each record; BadRecords with every problem where one has any."""
        if not len(rows):
            return Predictions(columns={PREDICTION: []})
        checked = self.check(rows, decimal=decimal, spare=spare)
        raise_for(checked.problems)
        return self.predict_checked(checked.table, self.signature.ids(rows))

    def predict_checked(self, table: Frame, ids: list[Any] | None = None) -> Predictions:
        """A prediction for each record of a table that has been checked."""
        columns = self.predictor.predict(table)
        if ids is not None:
            columns.pop("id", None)
        return Predictions(columns=columns, ids=ids)


@dataclass(frozen=True, slots=True)
class Known:
    """A model in a format that the runtime reads."""

    model: Answers
    values: Mapping[str, Any]
    """Class → the label's value: what is `1` in the data is no text in an answer."""

    def predict(self, table: Frame) -> Columns:
        """Its predictions, and scores where it has them."""
        try:
            numbers, scores = self.model.both(self.model.table(table))
            answers = self.model.answer(numbers)
        except Exception as error:
            raise ModelFailed(f"the model failed: {line_of(error)}") from error
        columns: Columns = {PREDICTION: [self.values.get(value, value) for value in answers]}
        if scores is not None:
            columns |= self._scores(scores)
        return columns_of(columns, len(table), "the model")

    def _scores(self, scores: Any) -> Columns:
        import numpy as np

        model, columns = self.model, dict[str, list[Any]]()
        if model.positive in model.classes:
            columns[SCORE] = list(scores[:, model.classes.index(str(model.positive))])
        if len(model.classes) > 2:
            shares = bool(((scores >= 0) & (scores <= 1)).all() and np.allclose(scores.sum(axis=1), 1, atol=1e-4))
            named = [dict(zip(model.classes, row, strict=True)) for row in scores.tolist()]
            columns[PROBABILITIES if shares else SCORES] = named
        return columns


class _Plain:
    """A script, asked with records in plain types and without what no model may see."""

    def __init__(self, script: Predictor) -> None:
        self.script = script

    def predict(self, table: Frame) -> Columns:
        return self.script.predict(plain_table(table.reset_index(drop=True)))


def open_scorer(
    folder: Path,
    script: Path | None = None,
    *,
    contract: Contract | None = None,
    task: str | None = None,
    version: str | None = None,
) -> Scorer:
    """The model of a folder, read by the user's script, or by the runtime where it knows the format."""
    if not folder.is_dir():
        raise Failed(f"{folder} is no folder, so there is no model to ask")
    named = version or digest_of(folder).replace(":", "-")[:19]
    if script is not None:
        signature = signature_of(contract, None, {})
        return Scorer(predictor=_Plain(open_script(script, folder)), signature=signature, version=named)
    known = contract or Contract(
        main="data", sources={"data": Source(name="data")}, roles=Roles(), checks=Checks(), split=None
    )
    known_task = task or task_of(contract)
    model = (
        load(folder, known, known_task, INSTEAD) if known_task else load_of_any_task(folder, known, _untold, INSTEAD)
    )
    return Scorer(
        predictor=Known(model, _values(model, known)),
        signature=_signature(model, contract),
        version=named,
        classes=model.classes,
        platform=getattr(model, "framework", "") or "model",
    )


def _untold() -> str:
    raise Failed("whether the model tells classes or numbers is not known: write --task=classification, or regression")


INSTEAD = "for anything else write a script with `load` and `predict`: `serve: {run: predict.py}`"


def task_of(contract: Contract | None) -> str | None:
    """What the label's type says that a model tells; None where the model itself has to say."""
    if contract is None or contract.roles.label is None:
        return None
    if contract.roles.positive is not None:
        return CLASSIFICATION
    column = next((one for one in contract.source.columns if one.name == contract.roles.label), None)
    if column is None:
        return None
    if column.values is not None or column.type in ("string", "category", "boolean"):
        return CLASSIFICATION
    return REGRESSION if column.type == "number" else None


def _signature(model: Answers, contract: Contract | None) -> Signature:
    if not isinstance(model, Foreign):
        features = {feature.name: feature.type for feature in model.features}
        return signature_of(contract, tuple(features), features)
    names = model.native.columns
    if names is None:
        return signature_of(contract, None, {})
    # LightGBM writes underscores for the blanks of a name.
    declared = () if contract is None else contract.source.columns
    spelled = {column.name.replace(" ", "_"): column.name for column in declared}
    there = {column.name for column in declared}
    return signature_of(contract, tuple(n if n in there else spelled.get(n, n) for n in names), {})


def _values(model: Answers, contract: Contract) -> dict[str, Any]:
    """Class → the value that it is in the data."""
    import pandas as pd

    names = pd.Series(list(model.classes), dtype=object)
    thresholds = contract.roles.positive is not None and contract.roles.positive.at_least is not None
    kind = declared_type(contract.source.columns, contract.roles.label or "") if not thresholds else "boolean"
    kind = kind or inferred_type(names)
    typed = as_type(names, kind)
    if not len(names) or typed.bad.any() or kind not in ("boolean", "integer", "number"):
        return {name: name for name in model.classes}
    return {
        name: value.item() if hasattr(value, "item") else value for name, value in zip(names, typed.values, strict=True)
    }
