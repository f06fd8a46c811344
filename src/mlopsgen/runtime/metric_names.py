"""The names of metrics: short ones that people write, and those that the built-in trainer and evaluator write.

The compiler reads this as well, so nothing here imports a library.
"""

from __future__ import annotations

from collections.abc import Mapping

SHORT: Mapping[str, str] = {
    "acc": "accuracy",
    "accuracy_score": "accuracy",
    "ap": "average_precision",
    "aucpr": "average_precision",
    "auprc": "average_precision",
    "average_precision_score": "average_precision",
    "pr_auc": "average_precision",
    "auc": "roc_auc",
    "auroc": "roc_auc",
    "roc_auc_score": "roc_auc",
    "rocauc": "roc_auc",
    "bacc": "balanced_accuracy",
    "balanced_accuracy_score": "balanced_accuracy",
    "brier": "brier_score_loss",
    "brier_score": "brier_score_loss",
    "cohen_kappa": "cohen_kappa_score",
    "kappa": "cohen_kappa_score",
    "f1_score": "f1",
    "precision_score": "precision",
    "recall_score": "recall",
    "binary_logloss": "log_loss",
    "logloss": "log_loss",
    "mlogloss": "log_loss",
    "multi_logloss": "log_loss",
    "mcc": "matthews_corrcoef",
    "explained_variance_score": "explained_variance",
    "r2_score": "r2",
    "l1": "mean_absolute_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "l2": "mean_squared_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_log_error",
    "medae": "median_absolute_error",
    "rmse": "root_mean_squared_error",
    "rmsle": "root_mean_squared_log_error",
    "mase": "mean_absolute_scaled_error",
    "mrr": "mean_reciprocal_rank",
    "ndcg@10": "ndcg_at_10",
}
"""What people, XGBoost and LightGBM call a metric → what scikit-learn does."""

AVERAGES = ("macro", "micro", "weighted")
OF_CLASSES = (
    *("accuracy", "balanced_accuracy", "matthews_corrcoef", "cohen_kappa_score"),
    *(f"{name}_{average}" for name in ("f1", "precision", "recall") for average in AVERAGES),
)
OF_ONE_CLASS = ("f1", "precision", "recall")
OF_A_SCORE = ("roc_auc", "average_precision")
OF_A_PROBABILITY = ("brier_score_loss",)
OF_PROBABILITIES = ("log_loss",)
OF_MANY_CLASSES = ("roc_auc_ovr", "roc_auc_ovr_weighted", "roc_auc_ovo", "roc_auc_ovo_weighted")
OF_NUMBERS = (
    *("r2", "root_mean_squared_error", "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error"),
    *("median_absolute_error", "max_error", "explained_variance"),
    *("mean_squared_log_error", "root_mean_squared_log_error"),
)
OF_LISTS = ("ndcg", "ndcg_at_10", "mean_reciprocal_rank")
OF_TIME = ("mean_absolute_scaled_error",)

CLASSIFICATION = (
    *(*OF_CLASSES, *OF_ONE_CLASS, *OF_A_SCORE, *OF_PROBABILITIES),
    *(*OF_A_PROBABILITY, *OF_MANY_CLASSES),
)
WRITTEN: Mapping[str, tuple[str, ...]] = {
    "classification": CLASSIFICATION,
    "regression": OF_NUMBERS,
    "ranking": (*OF_LISTS, *OF_NUMBERS),
    "forecasting": (*OF_NUMBERS, *OF_TIME),
}
"""What the built-in evaluator may write for a task; which of them depends on the label and on the model."""


def full_name(name: str) -> str:
    """A metric by the name that the built-in commands write."""
    return SHORT.get(name, name)


def trained_as(task: str) -> str:
    """What is trained for an evaluation's task: lists and forecasts are judged by predicted numbers."""
    return task if task == "classification" else "regression"
