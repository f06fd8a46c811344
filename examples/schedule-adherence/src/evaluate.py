"""Judges a model on the test rows: metrics, predictions and pictures.

python evaluate.py --model=DIR --test=DIR --metrics=DIR --predictions=DIR --confusion=DIR --importance=DIR
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io
from matplotlib.figure import Figure
from sklearn import metrics
from sklearn.inspection import permutation_importance

ID, LABEL, GROUP = "activity_id", "schedule_adherence", "contractor_type"
POSITIVE = "on_time"
# What a model file may hold beside the types that skops itself knows: nothing of ours, no foreign code.
TRUSTED = ("sklearn.", "numpy.")


def load(folder: Path) -> Any:
    """The model, unless its file holds types that could run code."""
    path = folder / "model.skops"
    unknown = skops.io.get_untrusted_types(file=path)
    refused = [name for name in unknown if not name.startswith(TRUSTED)]
    if refused:
        raise SystemExit(f"{path} is not loaded: it holds {', '.join(refused)}")
    return skops.io.load(path, trusted=unknown)


def predict(model: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each test row. The score grows with the chance of being on time; the loss is 1 for a mistake."""
    at = list(model.classes_).index(POSITIVE)
    # The support vector machine has no probabilities, only its distance to the border.
    score = model.predict_proba(rows)[:, at] if hasattr(model, "predict_proba") else model.decision_function(rows)
    said = pd.DataFrame({"id": rows[ID], "truth": rows[LABEL], "prediction": model.predict(rows), "score": score})
    said["loss"] = (said["truth"] != said["prediction"]).astype(int)
    # The gate `fair` groups by it.
    said[GROUP] = rows[GROUP]
    return said


def judge(said: pd.DataFrame) -> dict[str, float]:
    """All metrics; precision, recall and F1 are those of the class on_time."""
    truth, prediction = said["truth"], said["prediction"]
    values = {
        "accuracy": metrics.accuracy_score(truth, prediction),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, prediction),
        "precision": metrics.precision_score(truth, prediction, pos_label=POSITIVE, zero_division=0),
        "recall": metrics.recall_score(truth, prediction, pos_label=POSITIVE, zero_division=0),
        "f1": metrics.f1_score(truth, prediction, pos_label=POSITIVE, zero_division=0),
        "roc_auc": metrics.roc_auc_score(truth == POSITIVE, said["score"]),
    }
    return {name: float(value) for name, value in values.items()}


def draw_confusion(said: pd.DataFrame, folder: Path) -> None:
    figure = Figure(figsize=(4.5, 4), layout="constrained")
    axes = figure.add_subplot()
    metrics.ConfusionMatrixDisplay.from_predictions(
        said["truth"], said["prediction"], cmap="Blues", colorbar=False, ax=axes
    )
    axes.set_title("Schedule adherence on the test rows")
    figure.savefig(folder / "confusion.png", dpi=120)


def draw_importance(model: Any, rows: pd.DataFrame, folder: Path) -> None:
    """What a shuffled column costs: it says the same for every kind of classifier."""
    features = rows[list(model.feature_names_in_)]
    lost = permutation_importance(model, features, rows[LABEL], scoring="accuracy", n_repeats=10, random_state=0)
    order = np.argsort(lost.importances_mean)
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.barh(features.columns[order], lost.importances_mean[order], xerr=lost.importances_std[order])
    axes.set_xlabel("accuracy lost when the column is shuffled")
    axes.set_title("Feature importance")
    figure.savefig(folder / "importance.png", dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("model", "test", "metrics", "predictions", "confusion", "importance"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    asked = parser.parse_args()
    for folder in (asked.metrics, asked.predictions, asked.confusion, asked.importance):
        folder.mkdir(parents=True, exist_ok=True)

    model, rows = load(asked.model), pd.read_csv(asked.test / "data.csv")
    said = predict(model, rows)
    values = judge(said)
    (asked.metrics / "metrics.json").write_text(json.dumps(values, indent=2) + "\n")
    said.to_csv(asked.predictions / "predictions.csv", index=False, lineterminator="\n")
    draw_confusion(said, asked.confusion)
    draw_importance(model, rows, asked.importance)
    print(", ".join(f"{name} {value:.4f}" for name, value in values.items()))


if __name__ == "__main__":
    main()
