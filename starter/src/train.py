"""Trains a logistic regression on scaled numbers.

python train.py --train=DIR --model=DIR --metrics=DIR --strength=1.0
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pandas as pd
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

LABEL = "species"  # the column to predict: that of the sample data, until yours are there


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--metrics", type=Path, required=True)
    parser.add_argument("--strength", type=float, default=1.0, help="the smaller, the simpler the model")
    asked = parser.parse_args()

    rows = pd.read_csv(asked.train / "data.csv")
    features, label = rows.drop(columns=LABEL), rows[LABEL]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=asked.strength, max_iter=1000))
    accuracy = float(cross_val_score(model, features, label, cv=5).mean())
    model.fit(features, label)

    for folder in (asked.model, asked.metrics):
        folder.mkdir(parents=True, exist_ok=True)
    skops.io.dump(model, asked.model / "model.skops")
    (asked.metrics / "metrics.json").write_text(json.dumps({"accuracy": accuracy}) + "\n")
    print(f"accuracy {accuracy:.3f} over five folds of {len(rows)} rows")


if __name__ == "__main__":
    main()
