"""Goes on training where an earlier model stopped, and reads back what was saved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .estimators import Framework, Lot, learn
from .features import Feature
from .models import Model, load
from .outcomes import CLASSIFICATION
from .problems import Failed
from .tables import Frame

READ_BACK = 1000
"""Rows that a saved model is asked about."""


def earlier_model(folder: Path | None) -> Model | None:
    """The model to go on from; None where nothing lies there, since nothing is registered before the first run."""
    if folder is None or not folder.is_dir() or not any(folder.iterdir()):
        return None
    return load(folder)


def continue_from(earlier: Model, framework: Framework, lot: Lot) -> Any:
    """The earlier model's pipeline, trained further on new rows with its own encoding of the columns."""
    from sklearn.pipeline import Pipeline

    if framework.name.startswith("sklearn."):
        encode = earlier.pipeline[:-1]
        fitted = _further(earlier, framework, encode.transform(lot.rows), lot)
    else:
        encode = earlier.pipeline.encode
        before = "xgb_model" if framework.name == "xgboost" else "init_model"
        fitted = learn(framework, encode, encode.transform(lot.rows), lot, **{before: earlier.pipeline.booster})
    return Pipeline([("encode", encode), ("model", fitted)])


def _further(earlier: Model, framework: Framework, encoded: Any, lot: Lot) -> Any:
    """An estimator of scikit-learn that has seen some more rows; the earlier one stays as it is."""
    from copy import deepcopy

    more: dict[str, Any] = {} if lot.weights is None else {"sample_weight": lot.weights}
    if earlier.task == CLASSIFICATION:
        more["classes"] = range(len(earlier.classes))
    try:
        return deepcopy(earlier.pipeline[-1]).partial_fit(encoded, lot.target, **more)
    except (ValueError, TypeError) as error:
        raise Failed(f"{framework.name} cannot go on from the earlier model: {str(error).splitlines()[0]}") from None


def check_earlier(earlier: Model, framework: Framework, features: Sequence[Feature], classes: Sequence[str]) -> None:
    """Refuses an earlier model that does another thing than the one to be trained."""
    if earlier.framework != framework.name:
        raise Failed(f"the earlier model is of {earlier.framework}; {framework.name} cannot go on from it")
    if framework.name.startswith("sklearn.") and not hasattr(framework.estimator, "partial_fit"):
        raise Failed(f"{framework.name} cannot go on from an earlier model; leave `start_from` out")
    if tuple(features) != earlier.features:
        raise Failed("the earlier model reads other columns than this data has; train anew")
    if tuple(classes) != earlier.classes:
        raise Failed(
            f"the earlier model knows the classes {', '.join(earlier.classes)}, the data has {', '.join(classes)}"
        )


def check_saved(model: Model, folder: Path, rows: Frame) -> None:
    """Refuses a model that says something else once it is read from its files."""
    import numpy as np

    rows = rows.iloc[:READ_BACK]
    try:
        saved = load(folder)
        then, now = _output(model, rows), _output(saved, rows)
    except Failed:
        raise
    except Exception as error:  # noqa: BLE001 - a library may fail anywhere in a model that it cannot read back
        reason = (str(error).splitlines() or [""])[0]
        raise Failed(f"the model of {model.framework} cannot be read back: {type(error).__name__}: {reason}") from None
    if then.shape != now.shape or not np.allclose(then, now, rtol=1e-4, atol=1e-6, equal_nan=True):
        raise Failed(f"the saved model of {model.framework} does not say what the trained one said; take other params")


def _output(model: Model, rows: Frame) -> Any:
    """Scores where there are some, else predictions as numbers."""
    import numpy as np

    chances = model.chances(rows)
    if chances is not None:
        return chances
    labels = model.predict(rows)
    return np.array([model.classes.index(name) for name in labels], dtype=float) if model.classes else labels
