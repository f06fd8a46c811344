"""Is the new model really better? Paired tests on the same rows."""

from __future__ import annotations

from dataclasses import dataclass

from .contract import Positive
from .counts import weighted
from .gates import Gate
from .predictions import as_classes, as_numbers
from .problems import Failed
from .resampling import FEWEST_MOMENTS, RESAMPLES, Sample, exchanged, exchanged_largest, lower_bound, sample_of
from .scores import METRICS, Array, Metric, Said, applies
from .shares import least_gain, mcnemar, rows_needed
from .tables import Frame


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the new model wins, and how that was found out."""

    wins: bool
    how: str


def judge_pair(gate: Gate, new: Frame, old: Frame, positive: Positive | None, moments: Array | None = None) -> Verdict:
    """A one-sided test: of shares for accuracy, by a paired bootstrap for all else and where rows follow in time."""
    new, old = same_rows(new, old)
    rights = _rights(gate.metric, new, old, positive)
    if moments is None and rights is not None:
        return _share(gate, *rights)
    if moments is not None and (count := int(moments.max()) + 1) < FEWEST_MOMENTS:
        return Verdict(False, f"the test rows are of {count} moments, and a paired test needs {FEWEST_MOMENTS}")
    if gate.metric == "max_error" and moments is None:
        return _largest(gate, new, old)
    verdict = _resampled(gate, new, old, positive, moments)
    # Stretches in which the models hardly differ say too little: a share has to hold row by row, too.
    return _share(gate, *rights) if rights is not None and verdict.wins else verdict


def _rights(metric: str, new: Frame, old: Frame, positive: Positive | None) -> tuple[Array, Array] | None:
    """Where the models are right, of the rows of which a metric is the share of right ones; None for other metrics."""
    if metric not in (*_ACCURACIES, "recall"):
        return None
    first, second = as_classes(new, positive), as_classes(old, positive)
    right, was_right = first.truth == first.prediction, second.truth == second.prediction
    if metric in _ACCURACIES:
        return right, was_right
    # Without a favourable class there is no recall, which the bootstrap says.
    return (right[first.favourable], was_right[first.favourable]) if applies(METRICS[metric], first) else None


_ACCURACIES = ("accuracy", "f1_micro", "precision_micro", "recall_micro")
"""One metric: each row has one class."""


def _share(gate: Gate, right: Array, was_right: Array) -> Verdict:
    assert gate.confidence is not None
    if not len(right):
        return Verdict(False, f"no test row is one that `{gate.metric}` looks at")
    won, lost = int((right & ~was_right).sum()), int((~right & was_right).sum())
    if gate.by == 0:
        chance, allowed = mcnemar(won, lost), 1 - gate.confidence
        # 1 - 0.95 is 0.050000000000000044: the comparison must not hang on that.
        return Verdict(chance <= allowed + 1e-12, f"McNemar's test, p = {chance:.3g}, at most {allowed:.3g} is needed")
    if won + lost == 0 and (verdict := _alike(gate, len(right))):
        return verdict
    return _above(gate, "paired score bound", least_gain(won, lost, len(right), gate.confidence))


def _above(gate: Gate, method: str, low: float) -> Verdict:
    gain = f"at {gate.confidence:.0%} confidence the gain is at least {low:.3g}"
    return Verdict(low > gate.by, f"{method}, {gain}, above {gate.by:g} is needed")


def _alike(gate: Gate, rows: int) -> Verdict | None:
    """Models that say the same of all rows: what that tells of others, if it is too little."""
    assert gate.confidence is not None
    if gate.by >= 0 or rows >= (needed := rows_needed(gate.by, gate.confidence)):
        return None
    return Verdict(
        False,
        f"both models say the same of the {rows} test rows that count, and {needed} are needed to tell at"
        f" {gate.confidence:.0%} confidence that no more than {-gate.by:g} is lost",
    )


def _resampled(gate: Gate, new: Frame, old: Frame, positive: Positive | None, moments: Array | None) -> Verdict:
    assert gate.confidence is not None
    sample, gains = bootstrap(gate, new, old, positive, moments)
    metric = METRICS.get(gate.metric)
    if metric is not None and metric.needs in ("classes", "positive") and (gains == 0).all():
        counted = _counted(metric, new, old, positive)
        if verdict := _alike(gate, counted):
            return verdict
    method = "paired bootstrap"
    if sample.moments is not None:
        method += f" in stretches of {sample.length} of {int(sample.moments.max()) + 1} moments"
    independent = sample.independent
    if metric is not None and metric.needs == "positive" and sample.moments is None:
        # Rows that the metric does not look at tell nothing of how far it varies.
        independent = min(independent, float(_counted(metric, new, old, positive)))
    verdict = _above(gate, method, lower_bound(gains, gate.confidence, independent))
    if not verdict.wins or gate.by or sample.moments is not None:
        return verdict
    return _exchanged(gate, new, old, positive) or verdict


def _exchanged(gate: Gate, new: Frame, old: Frame, positive: Positive | None) -> Verdict | None:
    """What a test of exchanged models objects: of a few rows with rare large errors a bootstrap promises too much."""
    assert gate.confidence is not None
    metric = METRICS.get(gate.metric)
    if metric is None or (metric.by_row is None and gate.metric not in _OF_SQUARES):
        return None
    first, second = (_row_gains(metric, said_of(metric, table, positive)) for table in (new, old))
    # Squares are errors, whichever way the metric made of them goes.
    better = metric.maximize and metric.by_row is not None
    chance, allowed = exchanged((first - second) * (1.0 if better else -1.0)), 1 - gate.confidence
    if chance <= allowed + 1e-12:
        return None
    return Verdict(False, f"models exchanged row by row, p = {chance:.3g}, at most {allowed:.3g} is needed")


def _largest(gate: Gate, new: Frame, old: Frame) -> Verdict:
    """By exchange alone: resamples never hold an error larger than the largest that was seen."""
    assert gate.confidence is not None
    numbers = (said_of(METRICS["max_error"], table, None) for table in (new, old))
    first, second = (abs(one.truth - one.prediction) for one in numbers)
    chance, allowed = exchanged_largest(first + gate.by, second), 1 - gate.confidence
    how = f"models exchanged row by row, p = {chance:.3g}, at most {allowed:.3g} is needed"
    return Verdict(chance <= allowed + 1e-12, how)


_OF_SQUARES = ("root_mean_squared_error", "r2")
"""Better just when the mean of squares is."""


def _counted(metric: Metric, new: Frame, old: Frame, positive: Positive | None) -> int:
    """How many rows a metric looks at: of the positive class's, those that are positive to the truth or a model."""
    first, second = said_of(metric, new, positive), said_of(metric, old, positive)
    if metric.needs != "positive":
        return len(new)
    counts = first.favourable | (first.prediction == first.positive) | (second.prediction == first.positive)
    return int(counts.sum())


def same_rows(new: Frame, old: Frame) -> tuple[Frame, Frame]:
    """Both tables in one order; rows belong together by id, or by place where ids say nothing."""
    if "id" in new.columns and "id" in old.columns and new["id"].is_unique and old["id"].is_unique:
        if set(new["id"]) != set(old["id"]):
            raise Failed("the two evaluations did not judge the same rows: their ids differ")
        old = old.set_index("id").loc[new["id"]].reset_index()
    if len(new) != len(old) or (new["truth"].to_numpy() != old["truth"].to_numpy()).any():
        raise Failed("the two evaluations did not judge the same rows: their truths differ")
    return new, old


def bootstrap(
    gate: Gate, new: Frame, old: Frame, positive: Positive | None, moments: Array | None = None
) -> tuple[Sample, Array]:
    """The gain in each of 2,000 seeded resamples of the rows, the same rows for both models."""
    import numpy as np

    sign = 1.0 if gate.maximize else -1.0
    metric = METRICS.get(gate.metric)
    if metric is None:
        gains = sign * (loss_of(gate.metric, new) - loss_of(gate.metric, old))
        sample = sample_of(len(new), moments, gains)
        return sample, np.fromiter((float(d @ gains / d.sum()) for d in sample.draws()), float, RESAMPLES)
    first, second = said_of(metric, new, positive), said_of(metric, old, positive)
    if not (applies(metric, first) and applies(metric, second)):
        raise Failed(f"`{gate.metric}` cannot be computed from predictions.csv; it needs {wants_of(metric)}")
    sample = sample_of(len(new), moments, _row_gains(metric, first) - _row_gains(metric, second))
    one, other = weighted(gate.metric, first.coded()), weighted(gate.metric, second.coded())
    return sample, np.fromiter((sign * (one(d) - other(d)) for d in sample.draws()), float, RESAMPLES)


def _row_gains(metric: Metric, rows: Said) -> Array:
    """What each row says of a model: the metric's own value of it, or whether, or how far, it is right."""
    if metric.by_row is not None:
        return metric.by_row(rows)
    if rows.classes:
        return (rows.truth == rows.prediction).astype(float)
    return (rows.truth - rows.prediction) ** 2


def wants_of(metric: Metric) -> str:
    """What predictions.csv has to hold for a metric, in words."""
    match metric.needs:
        case "number" | "not negative":
            return "numbers as truth and prediction"
        case "classes":
            return "classes as truth and prediction"
        case "positive":
            return "two classes, or a positive one in the data contract"
        case _:
            return "a score in every row and two classes, or a column `score:<class>` for each"


def loss_of(name: str, table: Frame) -> Array:
    """The column `loss`, whose mean a metric of one's own is."""
    if "loss" not in table.columns or (table["loss"] == "").any():
        raise Failed(f"`{name}` can be tested only if predictions.csv has a `loss` in every row whose mean it is")
    return table["loss"].astype(float).to_numpy()


def said_of(metric: Metric, table: Frame, positive: Positive | None) -> Said:
    """The rows as a metric wants them: numbers or classes."""
    return as_numbers(table) if metric.needs in ("number", "not negative") else as_classes(table, positive)
