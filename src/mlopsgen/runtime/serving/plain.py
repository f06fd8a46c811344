"""Values that are of their column's type as they came, which most are: nothing has to be read or told of them.

What this knows is what `kinds.as_type` says of such values (a test holds the two together); it knows it in a
twentieth of the time, and a request of one record is mostly that time. Anything in doubt is left to `as_type`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..contract import Value
from ..kinds import EXACT, NULL_WORDS
from ..tables import Series

_LIMIT = 1.0e308


def plain_series(
    values: Sequence[Any], kind: str | None, allowed: tuple[Value, ...] | None, index: Any
) -> Series | None:
    """The values in their column's type, None where one of them is in doubt."""
    import pandas as pd

    types = {type(value) for value in values}
    match kind:
        case "number" if types <= {int, float} and allowed is None:
            if all(-_LIMIT < value < _LIMIT and (type(value) is float or abs(value) <= EXACT) for value in values):
                return pd.Series(values, index=index, dtype="float64")
        case "integer" if types == {int} and allowed is None:
            if all(abs(value) <= EXACT for value in values):
                return pd.Series(values, index=index, dtype="Int64")
        case "boolean" if types == {bool} and allowed is None:
            return pd.Series(values, index=index, dtype="boolean")
        case "string" | "category" if types == {str}:
            if all(value.strip().lower() not in NULL_WORDS and value in (allowed or (value,)) for value in values):
                return pd.Series(values, index=index, dtype=object)
    return None
