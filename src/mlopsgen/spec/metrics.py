"""scikit-learn's metric names: which way each is better, for which task, and what it is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from mlopsgen.records import dataclass

Direction: TypeAlias = Literal["maximize", "minimize"]
Task: TypeAlias = Literal["classification", "regression", "ranking", "forecasting", "clustering"]


@dataclass(frozen=True, slots=True)
class Metric:
    """What is known of a metric by its name."""

    direction: Direction
    tasks: tuple[Task, ...]
    needs: Literal["label", "score"] = "label"
    """Whether predicted values do, or scores (probabilities) are needed."""
    positive: bool = False
    """Whether it looks at one class: `data.positive` says which."""


_CLASSES: tuple[Task, ...] = ("classification",)
_NUMBERS: tuple[Task, ...] = ("regression", "forecasting")

_BY_CLASS = ("f1", "precision", "recall", "jaccard")
_AVERAGES = ("macro", "micro", "weighted", "samples")
_LABELS_UP = ("accuracy", "balanced_accuracy", "matthews_corrcoef", "cohen_kappa")
_LABELS_DOWN = ("zero_one_loss", "hamming_loss")
_SCORES_UP = (
    "roc_auc_ovr",
    "roc_auc_ovo",
    "roc_auc_ovr_weighted",
    "roc_auc_ovo_weighted",
    "top_k_accuracy",
    "d2_log_loss_score",
)
_SCORES_UP_POSITIVE = ("roc_auc", "average_precision", "d2_brier_score")
_NUMBERS_UP = ("r2", "explained_variance", "d2_absolute_error_score", "d2_pinball_score", "d2_tweedie_score")
_NUMBERS_DOWN = (
    "mean_squared_error",
    "root_mean_squared_error",
    "mean_absolute_error",
    "median_absolute_error",
    "mean_squared_log_error",
    "root_mean_squared_log_error",
    "mean_absolute_percentage_error",
    "max_error",
    "mean_poisson_deviance",
    "mean_gamma_deviance",
    "mean_tweedie_deviance",
    "mean_pinball_loss",
)
_RANKING_UP = ("ndcg", "dcg", "label_ranking_average_precision")
_RANKING_DOWN = ("coverage_error", "label_ranking_loss")
_CLUSTERS_UP = (
    "adjusted_rand_score",
    "rand_score",
    "adjusted_mutual_info_score",
    "mutual_info_score",
    "normalized_mutual_info_score",
    "completeness_score",
    "homogeneity_score",
    "v_measure_score",
    "fowlkes_mallows_score",
)


def _table() -> dict[str, Metric]:
    table: dict[str, Metric] = {}
    for name in _BY_CLASS:
        table[name] = Metric("maximize", _CLASSES, positive=True)
        table |= {f"{name}_{average}": Metric("maximize", _CLASSES) for average in _AVERAGES}
    table |= dict.fromkeys(_LABELS_UP, Metric("maximize", _CLASSES))
    table |= dict.fromkeys(_LABELS_DOWN, Metric("minimize", _CLASSES))
    table |= dict.fromkeys(_SCORES_UP, Metric("maximize", _CLASSES, "score"))
    table |= dict.fromkeys(_SCORES_UP_POSITIVE, Metric("maximize", _CLASSES, "score", positive=True))
    table["log_loss"] = Metric("minimize", _CLASSES, "score")
    table |= dict.fromkeys(("brier_score", "brier_score_loss"), Metric("minimize", _CLASSES, "score", positive=True))
    table |= dict.fromkeys(_NUMBERS_UP, Metric("maximize", _NUMBERS))
    table |= dict.fromkeys(_NUMBERS_DOWN, Metric("minimize", _NUMBERS))
    table |= dict.fromkeys(_RANKING_UP, Metric("maximize", ("ranking",), "score"))
    table |= dict.fromkeys(_RANKING_DOWN, Metric("minimize", ("ranking",), "score"))
    table |= dict.fromkeys(_CLUSTERS_UP, Metric("maximize", ("clustering",)))
    # A scorer is always better when larger: scikit-learn negates what is better when smaller.
    losses = {name: metric for name, metric in table.items() if metric.direction == "minimize"}
    table |= {f"neg_{name}": Metric("maximize", m.tasks, m.needs, m.positive) for name, m in losses.items()}
    return table


METRICS: Mapping[str, Metric] = _table()


def metric(name: str) -> Metric | None:
    """What is known of a metric; `ndcg@10` is an `ndcg`."""
    return METRICS.get(name.split("@", maxsplit=1)[0])


def direction_of(name: str, declared: Mapping[str, Direction]) -> Direction | None:
    """Which way a metric is better: as the spec says, else as scikit-learn does; None when nobody says."""
    if name in declared:
        return declared[name]
    known = metric(name)
    return known.direction if known else None


def other_spelling(name: str) -> str | None:
    """scikit-learn's scorer for the name of one of its functions: `f1_score` → `f1`."""
    short = name.removesuffix("_score")
    return short if short != name and short in METRICS else None
