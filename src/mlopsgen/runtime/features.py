"""Turns a table into what models learn from: numbers and categories, the same way each time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .contract import Contract
from .kinds import as_type, declared_type, inferred_type
from .problems import Failed
from .spelling import in_yaml
from .tables import Frame

NO_VALUE = "(missing)"
DATE_PARTS = ("year", "month", "day", "weekday", "hour", "days")
MOST_CATEGORIES = 100
FEWEST_NUMBERED = 50
"""Rows from which on different whole numbers say something."""
ID_NAME = re.compile(r"(^|[_ .-])(?i:id|key|no|nr|number|index)$|[a-z]I[Dd]$")


@dataclass(frozen=True, slots=True)
class Feature:
    """One column a model reads, in the contract's types."""

    name: str
    type: str

    @property
    def is_category(self) -> bool:
        """Whether it becomes one-hot columns."""
        return self.type in ("string", "category")


def features_of(contract: Contract, rows: Frame) -> tuple[Feature, ...]:
    """The columns to learn from: all but label, id, time, weight and ignored ones, and texts that hardly repeat."""
    apart = contract.roles.apart()
    features = []
    for name in rows.columns:
        if name in apart:
            continue
        kind = declared_type(contract.source.columns, name) or inferred_type(rows[name])
        if kind == "string" and _hardly_repeats(rows[name]):
            print(f"note: column `{name}` is not used: {rows[name].nunique()} different texts in {len(rows)} rows")
            continue
        if kind == "integer" and _numbers_rows(str(name), rows[name]):
            hint = f"if it is an id, write `id: {in_yaml(str(name))}`"
            print(f"note: column `{name}` has another whole number in every row: {hint}")
        features.append(Feature(str(name), kind))
    if not features:
        raise Failed("no column is left to learn from")
    return tuple(features)


def _hardly_repeats(values: Any) -> bool:
    different = values.nunique()
    return bool(different > MOST_CATEGORIES and different > 0.5 * len(values))


def _numbers_rows(name: str, values: Any) -> bool:
    """Whether whole numbers only tell rows apart: by their name, or as they leave hardly one out."""
    known = values.dropna()
    if len(known) < FEWEST_NUMBERED or not known.is_unique:
        return False
    return bool(ID_NAME.search(name)) or int(known.max()) - int(known.min()) < 2 * len(known)


def prepare(rows: Frame, features: Sequence[Feature]) -> Frame:
    """The features of some rows as float and text columns; a value that does not fit counts as missing."""
    import pandas as pd

    absent = [feature.name for feature in features if feature.name not in rows.columns]
    if absent:
        raise Failed(f"the data has no column {', '.join(f'`{name}`' for name in absent)}, which the model reads")
    columns: dict[str, Any] = {}
    # A wide table is one of numbers, and takes minutes column by column.
    floats = [f.name for f in features if f.type == "number" and rows[f.name].dtype == "float64"]
    ready = rows[floats].replace([float("inf"), float("-inf")], float("nan"))
    for feature in features:
        if feature.name in ready:
            columns[feature.name] = ready[feature.name]
            continue
        values = as_type(rows[feature.name], feature.type).values
        if feature.is_category:
            columns[feature.name] = values.astype(object).where(values.notna(), NO_VALUE)
        elif feature.type == "datetime":
            columns |= _date_parts(feature.name, values)
        else:
            columns[feature.name] = values.astype("Float64").astype("float64")
    return pd.DataFrame(columns, index=rows.index)


def _date_parts(name: str, dates: Any) -> dict[str, Any]:
    import pandas as pd

    part = dates.dt
    days = (dates - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)
    values = (part.year, part.month, part.day, part.day_of_week, part.hour, days)
    return {f"{name}.{word}": value.astype("float64") for word, value in zip(DATE_PARTS, values, strict=True)}


def numbers_of(features: Sequence[Feature]) -> list[str]:
    """The names of the float columns that `prepare` gives."""
    names = []
    for feature in features:
        if feature.type == "datetime":
            names += [f"{feature.name}.{part}" for part in DATE_PARTS]
        elif not feature.is_category:
            names.append(feature.name)
    return names


def encoder(features: Sequence[Feature], *, scale: bool) -> Any:
    """Fills numbers with their median (and scales them), spells categories one-hot; unknown ones are ignored."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    fill = SimpleImputer(strategy="median", keep_empty_features=True)
    one_hot = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MOST_CATEGORIES, sparse_output=False)
    parts = [
        ("numbers", make_pipeline(fill, StandardScaler()) if scale else fill, numbers_of(features)),
        ("categories", one_hot, [feature.name for feature in features if feature.is_category]),
    ]
    return ColumnTransformer([part for part in parts if part[2]], verbose_feature_names_out=False)
