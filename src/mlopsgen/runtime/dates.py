"""Moments as people write them: one format for a column, never a guess for each value.

ISO 8601, and days whose month is a word, say themselves what they mean. `12/01/2024` does not: such a column is
refused until its rule in the data contract has a `format`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

ISO_DATE = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?"
WITH_WORDS = tuple(
    f"{day}{time}"
    for day in ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y", "%a, %d %b %Y")
    for time in ("", " %H:%M", " %H:%M:%S", " %H:%M:%S %Z", " %H:%M:%S %z")
)
"""Formats in which nothing can be mistaken, tried where the column is not of ISO 8601."""
_ORDERED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)(.*)")
_TIMES = {
    "": r"",
    " %H:%M": r" \d{1,2}:\d\d",
    " %H:%M:%S": r" \d{1,2}:\d\d:\d\d",
    " %H:%M:%S.%f": r" \d{1,2}:\d\d:\d\d\.\d+",
    " %I:%M %p": r" \d{1,2}:\d\d [AaPp][Mm]",
    " %I:%M:%S %p": r" \d{1,2}:\d\d:\d\d [AaPp][Mm]",
}


def as_dates(values: Any, written: str | None = None) -> Any:
    """A column of moments in UTC; not a time where a value is none in the column's one format."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(values):
        return pd.to_datetime(values, utc=True)
    # A number is no moment until somebody says since when, and in what, it counts.
    texts = values.map(lambda value: value.strip() if isinstance(value, str) else _iso(value), na_action="ignore")
    if written is not None:
        return pd.to_datetime(texts, errors="coerce", utc=True, format=written)
    dates = pd.to_datetime(texts, errors="coerce", utc=True, format="ISO8601")
    if dates.notna().any() or not texts.notna().any():
        return dates
    example = texts.dropna().iloc[:1]
    fits = [f for f in WITH_WORDS if pd.to_datetime(example, errors="coerce", utc=True, format=f).notna().all()]
    return pd.to_datetime(texts, errors="coerce", utc=True, format=fits[0]) if fits else dates


def _iso(value: Any) -> str | None:
    return value.isoformat() if hasattr(value, "isoformat") else None


def format_hint(values: Iterable[object]) -> str:
    """What settles values that are no date without a `format`, as the end of a sentence; empty where that is not it."""
    matches = [match for value in values if (match := _ORDERED.fullmatch(str(value).strip()))]
    if not matches:
        return ""
    first, second = (max(int(match[group]) for match in matches) for group in (1, 3))
    orders = [("%d", "%m")] if first > 12 else [("%m", "%d")] if second > 12 else [("%d", "%m"), ("%m", "%d")]
    if first > 12 and second > 12:
        return "; the day stands first in some and second in others: write one way in the file"
    year = "%Y" if len(matches[0][4]) == 4 else "%y"
    time = next((time for time, pattern in _TIMES.items() if re.fullmatch(pattern, matches[0][5])), "")
    formats = (f'`format: "{matches[0][2].join((*order, year))}{time}"`' for order in orders)
    return f"; only its rule can say which is the day and which the month: give the column {' or '.join(formats)}"
