"""Saves and loads the models of the built-in trainer: a model file and `model.json` beside it.

model.json: format (skops | ubj | txt), format_version, task, framework, label, classes (text, in the
order of the model's class numbers), positive, signature [{name, type}], params, data_digest (of the training rows),
versions, files (SHA-256).
The model file is a scikit-learn pipeline (model.skops); for xgboost and lightgbm the library's own
file, with the encoding of the columns in encoder.skops.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from .answers import Answers
from .features import Feature, prepare
from .files import file_digest, read_json, write_json
from .outcomes import CLASSIFICATION
from .problems import Failed
from .scores import Array
from .tables import Frame

FORMAT_VERSION = 1
FILES = {"skops": ("model.skops",), "ubj": ("model.ubj", "encoder.skops"), "txt": ("model.txt", "encoder.skops")}
LIBRARIES = ("scikit-learn", "numpy", "scipy", "pandas", "skops", "xgboost", "lightgbm")
TRUSTED = ("sklearn", "numpy", "scipy", "xgboost", "lightgbm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Answers):
    """A trained model, ready to be asked."""

    task: str
    framework: str
    label: str
    classes: tuple[str, ...]
    positive: str | None
    features: tuple[Feature, ...]
    params: Mapping[str, Any]
    pipeline: Any
    data_digest: str | None = None
    """Of the rows that it learned from; None in models of earlier versions."""

    def names(self, rows: Frame) -> tuple[str, ...]:
        """The features that it learned from."""
        del rows
        return tuple(feature.name for feature in self.features)

    def table(self, rows: Frame) -> Frame:
        """Features as float and text columns."""
        return prepare(rows, self.features)

    def numbers(self, table: Frame) -> Array:
        """What the pipeline predicts."""
        return self.pipeline.predict(table)

    def scores(self, table: Frame) -> Array | None:
        """What the pipeline gives beside it."""
        return chances_of(self.pipeline, table, self.task, len(self.classes))

    def both(self, table: Frame) -> tuple[Array, Array | None]:
        """Predictions and scores of rows that are prepared once."""
        last, rows = prepared(self.pipeline, table)
        return last.predict(rows), chances_of(last, rows, self.task, len(self.classes))


def prepared(model: Any, rows: Any) -> tuple[Any, Any]:
    """The last step of a pipeline, and rows as the steps before leave them; else the model, and rows as they are."""
    steps: Any = getattr(model, "steps", ())
    if len(steps) < 2 or not hasattr(steps[-1][1], "predict"):
        return model, rows
    return model[-1], model[:-1].transform(rows)


def chances_of(pipeline: Any, prepared: Frame, task: str, classes: int) -> Array | None:
    """Probabilities where the estimator has them, else its decision values, one column for each class."""
    import numpy as np

    if task != CLASSIFICATION:
        return None
    if hasattr(pipeline, "predict_proba"):
        seen = [int(code) for code in pipeline.classes_]
        full = np.zeros((len(prepared), classes))
        # A fold of a cross-validation may lack a rare class.
        full[:, seen] = pipeline.predict_proba(prepared)
        return full
    if hasattr(pipeline, "decision_function"):
        values = np.asarray(pipeline.decision_function(prepared))
        spread = np.column_stack([-values, values]) if values.ndim == 1 else values
        return spread if spread.shape[1] == classes and not has_votes(pipeline, classes) else None
    return None


def has_votes(model: Any, classes: int) -> bool:
    """Whether decision values are of pairs of classes: of three classes there are as many pairs."""
    last = model[-1] if hasattr(model, "steps") else model
    return classes > 2 and getattr(last, "decision_function_shape", None) == "ovo"


def save(model: Model, folder: Path) -> None:
    """Writes the model file and model.json."""
    import skops.io

    folder.mkdir(parents=True, exist_ok=True)
    kind = {"xgboost": "ubj", "lightgbm": "txt"}.get(model.framework, "skops")
    if kind == "skops":
        skops.io.dump(model.pipeline, folder / "model.skops")
    else:
        skops.io.dump(model.pipeline[:-1], folder / "encoder.skops")
        _save_booster(model.pipeline[-1], folder, kind)
    write_json(folder / "model.json", _about(model, kind, folder))


def _save_booster(estimator: Any, folder: Path, kind: str) -> None:
    if kind == "ubj":
        estimator.save_model(folder / "model.ubj")
    else:
        estimator.booster_.save_model(folder / "model.txt")


def _about(model: Model, kind: str, folder: Path) -> dict[str, Any]:
    return {
        "format": kind,
        "format_version": FORMAT_VERSION,
        "task": model.task,
        "framework": model.framework,
        "label": model.label,
        "classes": list(model.classes),
        "positive": model.positive,
        "signature": [{"name": feature.name, "type": feature.type} for feature in model.features],
        "params": {name: _plain(value) for name, value in sorted(model.params.items())},
        "data_digest": model.data_digest,
        "versions": versions(),
        "files": {name: file_digest(folder / name) for name in FILES[kind]},
    }


def _plain(value: Any) -> Any:
    """A parameter as JSON can hold it; what is no plain value is shown as text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else str(value)


def versions() -> dict[str, str]:
    """The versions of Python and of the libraries that are installed here."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def load(folder: Path) -> Model:
    """Loads a model; files that were changed, or hold types of unknown libraries, are refused."""
    if not (folder / "model.json").exists():
        raise Failed(f"{folder} holds no model.json of the built-in trainer, so training cannot go on from it")
    about = read_json(folder / "model.json")
    kind = about.get("format")
    if kind not in FILES or about.get("format_version") != FORMAT_VERSION:
        raise Failed(
            f"{folder / 'model.json'} is of format `{kind}` {about.get('format_version')}, which is not known here"
        )
    for name in FILES[kind]:
        if not (folder / name).exists():
            raise Failed(f"{folder} holds no {name}, which its model.json names")
        if about.get("files", {}).get(name) != file_digest(folder / name):
            raise Failed(f"{folder / name} is not the file its model.json was written for; it is not loaded")
    _warn_of_versions(about.get("versions", {}))
    return Model(
        task=about["task"],
        framework=about["framework"],
        label=about["label"],
        classes=tuple(about["classes"]),
        positive=about["positive"],
        features=tuple(Feature(entry["name"], entry["type"]) for entry in about["signature"]),
        params=about["params"],
        pipeline=_pipeline(folder, kind, about["task"], len(about["classes"])),
    )


def _warn_of_versions(then: Mapping[str, str]) -> None:
    now = versions()
    for name in ("scikit-learn", "xgboost", "lightgbm"):
        old, new = then.get(name), now.get(name)
        if old and new and old.split(".")[:2] != new.split(".")[:2]:
            print(f"note: the model was trained with {name} {old}, here is {new}", file=sys.stderr)


def _pipeline(folder: Path, kind: str, task: str, classes: int) -> Any:
    if kind == "skops":
        return read_skops(folder / "model.skops")
    from .boosters import read_booster

    return read_booster(folder / FILES[kind][0], read_skops(folder / "encoder.skops"), task, classes)


def read_skops(path: Path) -> Any:
    """Loads a skops file whose types are all classes of the numeric libraries; anything else is refused."""
    import skops.io

    try:
        asked = skops.io.get_untrusted_types(file=path)
    except Exception as error:  # noqa: BLE001 - a broken file may fail anywhere inside skops
        raise Failed(f"{path} is not a skops file: {error}") from None
    refused = [name for name in asked if not is_trusted(name)]
    if refused:
        shown = ", ".join(f"`{name}`" for name in sorted(refused)[:3])
        raise Failed(f"{path} is not loaded: it holds {shown}, which may run code")
    return skops.io.load(path, trusted=asked)


def is_trusted(name: str) -> bool:
    """Whether a name is a class of a numeric library; their functions are not, since some run text as code."""
    module, _, attribute = name.rpartition(".")
    if module.partition(".")[0] not in TRUSTED:
        return False
    try:
        return isinstance(getattr(import_module(module), attribute), type)
    except (ImportError, AttributeError):
        return False
