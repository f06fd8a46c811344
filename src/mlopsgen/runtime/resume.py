"""Goes on training where an earlier model stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .estimators import Framework
from .features import Feature
from .models import Model
from .outcomes import CLASSIFICATION
from .problems import Failed
from .scores import Array
from .tables import Frame


def continue_from(earlier: Model, framework: Framework, rows: Frame, target: Array) -> Any:
    """The earlier model's pipeline, trained further on new rows with its own encoding of the columns."""
    from sklearn.pipeline import Pipeline

    match framework.name:
        case "xgboost":
            encode, more = earlier.pipeline.encode, {"xgb_model": earlier.pipeline.booster}
            fitted = framework.estimator.fit(encode.transform(rows), target, **more)
        case "lightgbm":
            encode, more = earlier.pipeline.encode, {"init_model": earlier.pipeline.booster}
            fitted = framework.estimator.fit(encode.transform(rows), target, **more)
        case _:
            encode, more = earlier.pipeline[:-1], {}
            if earlier.task == CLASSIFICATION:
                more = {"classes": range(len(earlier.classes))}
            fitted = earlier.pipeline[-1].partial_fit(encode.transform(rows), target, **more)
    return Pipeline([("encode", encode), ("model", fitted)])


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
