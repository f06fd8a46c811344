"""What a row is known by, however its table grows or is sorted.

That is its group or id where the contract names such a column, and else all that the row holds; columns may
change places. Rows that are alike are one and the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from .problems import Failed
from .scores import Array
from .spelling import text_of
from .tables import Frame, Series

BETWEEN = "\x1f"
WHOLE = 2**64


def row_keys(rows: Frame, name: str | None) -> list[str]:
    """One text a row: the value of the column `name`, or where there is none the row as a whole."""
    if name is None:
        return _contents(rows)
    if name not in rows.columns:
        raise Failed(f"the data has no column `{name}`, which says which rows belong together")
    keys = _texts(rows[name])
    if "" not in keys:
        return keys
    return [key or content for key, content in zip(keys, _contents(rows), strict=True)]


def _contents(rows: Frame) -> list[str]:
    columns = [_texts(rows[name]) for name in sorted(rows.columns, key=str)]
    return list(map(BETWEEN.join, zip(*columns, strict=True)))


def _texts(values: Series) -> list[str]:
    """Values as text, the same for csv, parquet and JSON; a missing one is empty."""
    import pandas as pd

    if pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values):
        absent = values.isna()
        return ["" if lacks else text_of(value) for value, lacks in zip(values, absent, strict=True)]
    codes, known = pd.factorize(values)
    texts = [*map(text_of, known), ""]
    return [texts[code] for code in codes]


def digests(keys: Sequence[str], seed: int) -> list[int]:
    """A number of 64 bits for each key, which the seed turns into another."""
    secret = str(seed).encode()
    return [
        int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8, key=secret).digest())
        for key in keys
    ]


def places(keys: Sequence[str], seed: int) -> Array:
    """Where each key lies between 0 and 1, for ever."""
    import numpy as np

    return np.array(digests(keys, seed), dtype=np.uint64) / float(WHOLE)
