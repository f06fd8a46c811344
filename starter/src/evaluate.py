"""Judges a model on rows that it has not seen: metrics, predictions and a picture of its mistakes.

python evaluate.py --model=DIR --test=DIR --metrics=DIR --predictions=DIR --confusion=DIR
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pandas as pd
import skops.io
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score, f1_score

LABEL = "species"  # as in train.py


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for port in ("model", "test", "metrics", "predictions", "confusion"):
        parser.add_argument(f"--{port}", type=Path, required=True)
    asked = parser.parse_args()
    for folder in (asked.metrics, asked.predictions, asked.confusion):
        folder.mkdir(parents=True, exist_ok=True)

    model = skops.io.load(asked.model / "model.skops")
    rows = pd.read_csv(asked.test / "data.csv")
    truth, prediction = rows[LABEL], model.predict(rows.drop(columns=LABEL))

    metrics = {
        "accuracy": float(accuracy_score(truth, prediction)),
        "f1_macro": float(f1_score(truth, prediction, average="macro")),
    }
    (asked.metrics / "metrics.json").write_text(json.dumps(metrics) + "\n")
    said = pd.DataFrame({"id": rows.index, "truth": truth, "prediction": prediction})
    said.to_csv(asked.predictions / "predictions.csv", index=False)

    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.add_subplot()
    ConfusionMatrixDisplay.from_predictions(truth, prediction, cmap="Blues", colorbar=False, ax=axes)
    figure.savefig(asked.confusion / "confusion.png", dpi=120)
    print(", ".join(f"{name} {value:.3f}" for name, value in metrics.items()))


if __name__ == "__main__":
    main()
