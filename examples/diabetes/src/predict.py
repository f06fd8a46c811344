"""Predicts the progression of patients who come with their laboratory values, in whole points.

A record has the columns of both tables. The study saw progressions from 25 to 346 points: what lies outside is cut
off there, and says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io

LOW, HIGH = 25, 346


def load(model_dir: str) -> Any:
    """The pipeline that the trainer wrote: its file holds no code, only types that it lists."""
    path = Path(model_dir) / "model.skops"
    return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))


def predict(model: Any, records: pd.DataFrame) -> pd.DataFrame:
    """Points, and whether they lie outside of what the study saw."""
    points = model.predict(records[list(model.feature_names_in_)])
    return pd.DataFrame(
        {"prediction": np.clip(np.rint(points), LOW, HIGH).astype(int), "outside": (points < LOW) | (points > HIGH)},
        index=records.index,
    )
