"""Trains one of six classifiers; a grid search over five folds finds its settings.

python train.py --train=DIR --model=DIR --metrics=DIR --classifier=forest [--folds=5] [--seed=42]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pandas as pd
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

LABEL = "schedule_adherence"
CATEGORIES = ["project_type", "activity_type", "contractor_type"]
NUMBERS = [
    *("start_month", "project_schedule", "float_days", "crew_size", "activity_hours", "weather_days"),
    *("material_delay", "design_changes"),
]
SCORES = {"accuracy": "accuracy", "balanced_accuracy": "balanced_accuracy", "roc_auc": "roc_auc"}


def candidates(seed: int) -> dict[str, tuple[Any, dict[str, list[Any]]]]:
    """Each classifier, and the grid that is searched for it."""
    return {
        "logistic": (LogisticRegression(max_iter=2000), {"C": [0.01, 0.1, 1, 10]}),
        "tree": (DecisionTreeClassifier(random_state=seed), {"max_depth": [3, 5, 8], "min_samples_leaf": [1, 5, 20]}),
        "forest": (
            RandomForestClassifier(random_state=seed),
            {"n_estimators": [100, 200], "max_depth": [None, 10], "min_samples_leaf": [1, 3]},
        ),
        "gboost": (
            GradientBoostingClassifier(random_state=seed),
            {"n_estimators": [100, 200], "max_depth": [2, 3], "learning_rate": [0.05, 0.1]},
        ),
        "knn": (KNeighborsClassifier(), {"n_neighbors": [5, 11, 21], "weights": ["uniform", "distance"]}),
        "svc": (SVC(random_state=seed), {"C": [0.1, 1, 10], "kernel": ["linear", "rbf"]}),
    }


def build(classifier: Any) -> Pipeline:
    """The classifier behind scaled numbers and one-hot categories."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    encode = ColumnTransformer(
        [("numbers", numbers, NUMBERS), ("categories", OneHotEncoder(handle_unknown="ignore"), CATEGORIES)]
    )
    return Pipeline([("encode", encode), ("classifier", classifier)])


def search(rows: pd.DataFrame, name: str, folds: int, seed: int) -> GridSearchCV:
    """Tries every point of the classifier's grid on the same folds."""
    classifier, grid = candidates(seed)[name]
    found = GridSearchCV(
        build(classifier),
        {f"classifier__{param}": values for param, values in grid.items()},
        scoring=SCORES,
        refit="accuracy",
        cv=StratifiedKFold(folds, shuffle=True, random_state=seed),
    )
    return found.fit(rows[NUMBERS + CATEGORIES], rows[LABEL])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--metrics", type=Path, required=True)
    parser.add_argument("--classifier", choices=sorted(candidates(0)), required=True)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=42)
    asked = parser.parse_args()

    found = search(pd.read_csv(asked.train / "data.csv"), asked.classifier, asked.folds, asked.seed)
    metrics = {name: float(found.cv_results_[f"mean_test_{name}"][found.best_index_]) for name in SCORES}
    settings = {name.removeprefix("classifier__"): value for name, value in found.best_params_.items()}
    for folder in (asked.model, asked.metrics):
        folder.mkdir(parents=True, exist_ok=True)
    skops.io.dump(found.best_estimator_, asked.model / "model.skops")
    (asked.model / "settings.json").write_text(
        json.dumps({"classifier": asked.classifier, **settings}, indent=2) + "\n"
    )
    (asked.metrics / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    print(f"{asked.classifier}: accuracy {metrics['accuracy']:.4f} over {asked.folds} folds with {settings}")


if __name__ == "__main__":
    main()
