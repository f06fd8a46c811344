"""Metrics under scikit-learn's names, all computed from the same record of what a model said."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from .measured import Measured

Array: TypeAlias = Any
"""A numpy array; numpy is imported only by the commands that need it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a model said about some rows, beside what is true."""

    truth: Array
    prediction: Array
    classes: tuple[str, ...] | tuple[int, ...] = ()
    """All classes, as text or as their numbers; empty for numbers."""
    positive: str | int | None = None
    chances: Array | None = None
    """One column for each class: probabilities, or other scores that grow with them."""
    groups: Array | None = None
    """Ranking: which list a row belongs to."""

    def take(self, rows: Array) -> Said:
        """The same for some of the rows, each as often as it is named."""
        return Said(
            truth=self.truth[rows],
            prediction=self.prediction[rows],
            classes=self.classes,
            positive=self.positive,
            chances=None if self.chances is None else self.chances[rows],
            groups=None if self.groups is None else self.groups[rows],
        )

    def coded(self) -> Said:
        """The same with class numbers instead of text, which scikit-learn handles ten times as fast."""
        if not self.classes:
            return self
        import numpy as np

        code: dict[object, int] = {name: number for number, name in enumerate(self.classes)}
        return replace(
            self,
            truth=np.array([code[name] for name in self.truth]),
            prediction=np.array([code[name] for name in self.prediction]),
            classes=tuple(range(len(code))),
            positive=code.get(self.positive),
        )

    def _place(self, name: object) -> int:
        return list(self.classes).index(name)

    def places(self) -> Array:
        """The number of each row's true class."""
        import numpy as np

        if self.truth.dtype != object:
            return self.truth
        return np.array([self._place(name) for name in self.truth])

    @property
    def favourable(self) -> Array:
        """Whether the truth is the positive class."""
        return self.truth == self.positive

    @property
    def chance(self) -> Array:
        """The score of the positive class."""
        assert self.chances is not None
        return self.chances[:, self._place(self.positive)]

    @property
    def are_probabilities(self) -> bool:
        """Whether the scores are probabilities, so that log loss and Brier score mean something."""
        import numpy as np

        if self.chances is None:
            return False
        inside = bool((self.chances >= 0).all() and (self.chances <= 1).all())
        return inside and bool(np.allclose(self.chances.sum(axis=1), 1, atol=1e-3))


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: which way is better, what it needs, how it is computed."""

    maximize: bool
    needs: str  # classes | positive | scores | chance | probabilities | number
    value: Callable[[Said], float]
    by_row: Callable[[Said], Array] | None = None
    """For a metric that is a mean over rows: the rows' own values."""


def _averaged(name: str, average: str) -> Callable[[Said], float]:
    from functools import partial

    return partial(_prf, name=name, average=average)


def _prf(answers: Said, *, name: str, average: str) -> float:
    from sklearn import metrics

    score = getattr(metrics, f"{name}_score")
    if average == "binary":
        return float(score(answers.favourable, answers.prediction == answers.positive, zero_division=0))
    return float(score(answers.truth, answers.prediction, average=average, zero_division=0))


def _of_sklearn(function: str) -> Callable[[Said], float]:
    def value(answers: Said) -> float:
        from sklearn import metrics

        return float(getattr(metrics, function)(answers.truth, answers.prediction))

    return value


def _of_chance(function: str) -> Callable[[Said], float]:
    def value(answers: Said) -> float:
        from sklearn import metrics

        favourable = answers.favourable
        # Where every row, or none, is favourable, scikit-learn has 0 or 1 for some of these curves.
        if favourable.all() or not favourable.any():
            return math.nan
        return float(getattr(metrics, function)(favourable, answers.chance))

    return value


def _auc(comparison: str, average: str) -> Callable[[Said], float]:
    def value(answers: Said) -> float:
        from sklearn.metrics import roc_auc_score

        labels = range(len(answers.classes))
        how = {"multi_class": comparison, "average": average, "labels": labels}
        return float(roc_auc_score(answers.places(), answers.chances, **how))

    return value


def log_losses(answers: Said) -> Array:
    """Each row's log loss."""
    import numpy as np

    assert answers.chances is not None
    at = answers.places()
    return -np.log(np.clip(answers.chances[np.arange(len(at)), at], np.finfo(float).eps, 1.0))


def _mean_of(by_row: Callable[[Said], Array]) -> Callable[[Said], float]:
    return lambda answers: float(by_row(answers).mean())


def _hits(answers: Said) -> Array:
    return (answers.truth == answers.prediction).astype(float)


def _brier(answers: Said) -> Array:
    return (answers.favourable.astype(float) - answers.chance) ** 2


def _squared(answers: Said) -> Array:
    return (answers.truth - answers.prediction) ** 2


def _absolute(answers: Said) -> Array:
    return abs(answers.truth - answers.prediction)


def _relative(answers: Said) -> Array:
    """A share of the truth; of a truth of 0 there is none, where scikit-learn divides by 2e-16."""
    import numpy as np

    return abs(answers.truth - answers.prediction) / np.where(answers.truth == 0, np.nan, abs(answers.truth))


OF_SHARES = "mean_absolute_percentage_error"


def _mean(maximize: bool, needs: str, by_row: Callable[[Said], Array]) -> Metric:
    return Metric(maximize, needs, _mean_of(by_row), by_row)


def _table() -> Iterator[tuple[str, Metric]]:
    yield "accuracy", _mean(True, "classes", _hits)
    yield "balanced_accuracy", Metric(True, "classes", _of_sklearn("balanced_accuracy_score"))
    yield "matthews_corrcoef", Metric(True, "classes", _of_sklearn("matthews_corrcoef"))
    yield "cohen_kappa_score", Metric(True, "classes", _of_sklearn("cohen_kappa_score"))
    for name in ("f1", "precision", "recall"):
        yield name, Metric(True, "positive", _averaged(name, "binary"))
        for average in ("macro", "micro", "weighted"):
            yield f"{name}_{average}", Metric(True, "classes", _averaged(name, average))
    yield "roc_auc", Metric(True, "chance", _of_chance("roc_auc_score"))
    yield "average_precision", Metric(True, "chance", _of_chance("average_precision_score"))
    yield "brier_score_loss", _mean(False, "probability", _brier)
    yield "log_loss", _mean(False, "probabilities", log_losses)
    for comparison in ("ovr", "ovo"):
        yield f"roc_auc_{comparison}", Metric(True, "many", _auc(comparison, "macro"))
        yield f"roc_auc_{comparison}_weighted", Metric(True, "many", _auc(comparison, "weighted"))
    yield "mean_squared_error", _mean(False, "number", _squared)
    yield "mean_absolute_error", _mean(False, "number", _absolute)
    yield OF_SHARES, _mean(False, "number", _relative)
    yield "root_mean_squared_error", Metric(False, "number", lambda answers: float(_squared(answers).mean() ** 0.5))
    yield "median_absolute_error", Metric(False, "number", _of_sklearn("median_absolute_error"))
    yield "max_error", Metric(False, "number", _of_sklearn("max_error"))
    yield "r2", Metric(True, "number", _of_sklearn("r2_score"))
    yield "explained_variance", Metric(True, "number", _of_sklearn("explained_variance_score"))
    for name in ("mean_squared_log_error", "root_mean_squared_log_error"):
        yield name, Metric(False, "not negative", _of_sklearn(name))


METRICS: Mapping[str, Metric] = dict(_table())


def applies(metric: Metric, answers: Said) -> bool:
    """Whether a metric can be computed from what is known."""
    scored = answers.chances is not None
    match metric.needs:
        case "classes":
            return bool(answers.classes)
        case "positive":
            return answers.positive in answers.classes
        case "chance":
            return scored and answers.positive in answers.classes
        case "probability":
            return answers.positive in answers.classes and answers.are_probabilities
        case "probabilities":
            return answers.are_probabilities
        case "many":
            return scored and len(answers.classes) > 2 and answers.are_probabilities
        case "number":
            return not answers.classes
        case _:
            return not answers.classes and bool((answers.truth >= 0).all() and (answers.prediction >= 0).all())


def value_of(metric: Metric, answers: Said) -> float:
    """One metric; not a number where the rows do not allow it, such as an AUC over one class."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return metric.value(answers)
        except ValueError:
            return math.nan


def measure(answers: Said) -> Measured:
    """Every metric that applies: its value, or why these rows have none."""
    values = {name: value_of(metric, answers) for name, metric in METRICS.items() if applies(metric, answers)}
    finite = {name: value for name, value in values.items() if math.isfinite(value)}
    return Measured(finite, {name: why_no_value(name, answers) for name in values if name not in finite})


def all_metrics(answers: Said) -> dict[str, float]:
    """Every metric that applies and has a value."""
    return dict(measure(answers).values)


def why_no_value(name: str, answers: Said) -> str:
    """The reason, as the rest of a sentence that begins with the metric."""
    if name == OF_SHARES and (zeros := int((answers.truth == 0).sum())):
        share = f"{zeros} of {len(answers.truth)} rows ({zeros / len(answers.truth):.1%})"
        return f"has no value: the truth is 0 in {share}, and an error is no share of 0"
    there = set(answers.truth.tolist())
    if answers.classes and len(there) == 1:
        return f"has no value: all {len(answers.truth)} rows are `{there.pop()}`"
    absent = [name for name in answers.classes if name not in there]
    if absent:
        return f"has no value: none of the {len(answers.truth)} rows is `{absent[0]}`"
    return f"has no value on these {len(answers.truth)} row{'s' if len(answers.truth) != 1 else ''}"


def losses(answers: Said) -> Array:
    """Each row's loss: log loss for probabilities, 0 or 1 for other classes, the squared error for numbers."""
    if not answers.classes:
        return _squared(answers)
    return log_losses(answers) if answers.are_probabilities else 1.0 - _hits(answers)
