"""Is the new model really better? Paired tests on the same rows."""

from __future__ import annotations

from dataclasses import dataclass

from .contract import Positive
from .counts import fast_value
from .gates import Gate
from .predictions import as_classes, as_numbers
from .problems import Failed
from .scores import METRICS, Array, Metric, Said, applies, value_of
from .tables import Frame

RESAMPLES = 2000
SEED = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the new model wins, and how that was found out."""

    wins: bool
    how: str


def judge_pair(gate: Gate, new: Frame, old: Frame, positive: Positive | None) -> Verdict:
    """McNemar's exact test for accuracy without a margin, a paired bootstrap over rows for all else; both one-sided."""
    assert gate.confidence is not None
    new, old = same_rows(new, old)
    if gate.metric == "accuracy" and gate.by == 0:
        right = (new["truth"] == new["prediction"]).to_numpy()
        was_right = (old["truth"] == old["prediction"]).to_numpy()
        chance = mcnemar(int((right & ~was_right).sum()), int((~right & was_right).sum()))
        allowed = 1 - gate.confidence
        # 1 - 0.95 is 0.050000000000000044: the comparison must not hang on that.
        return Verdict(chance <= allowed + 1e-12, f"McNemar's test, p = {chance:.3g}, at most {allowed:.3g} is needed")
    gains = bootstrap(gate, new, old, positive)
    low = lower_bound(gains, gate.confidence)
    gain = f"at {gate.confidence:.0%} confidence the gain is at least {low:.3g}"
    return Verdict(low > gate.by, f"paired bootstrap, {gain}, above {gate.by:g} is needed")


def same_rows(new: Frame, old: Frame) -> tuple[Frame, Frame]:
    """Both tables in one order; rows belong together by id, or by place where ids say nothing."""
    if "id" in new.columns and "id" in old.columns and new["id"].is_unique and old["id"].is_unique:
        if set(new["id"]) != set(old["id"]):
            raise Failed("the two evaluations did not judge the same rows: their ids differ")
        old = old.set_index("id").loc[new["id"]].reset_index()
    if len(new) != len(old) or (new["truth"].to_numpy() != old["truth"].to_numpy()).any():
        raise Failed("the two evaluations did not judge the same rows: their truths differ")
    return new, old


def mcnemar(won: int, lost: int) -> float:
    """The chance that an equal model would win at least so many of the rows on which the two differ."""
    if won + lost == 0:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(won, won + lost, 0.5, alternative="greater").pvalue)


def lower_bound(gains: Array, confidence: float) -> float:
    """The gain that is surpassed with the given confidence; resamples without a value are left out."""
    import numpy as np

    known = gains[np.isfinite(gains)]
    if len(known) < len(gains) / 2:
        raise Failed("the test rows are too few for a bootstrap: most resamples have no value for the metric")
    return float(np.quantile(known, 1 - confidence))


def bootstrap(gate: Gate, new: Frame, old: Frame, positive: Positive | None) -> Array:
    """The gain in each of 2,000 seeded resamples of the rows, the same rows for both models."""
    import numpy as np

    chance = np.random.RandomState(SEED)
    sign = 1.0 if gate.maximize else -1.0
    by_row = _by_row(gate.metric, new, old, positive)
    if by_row is not None:
        gains = sign * (by_row[0] - by_row[1])
        return np.array([gains[chance.randint(0, len(gains), len(gains))].mean() for _ in range(RESAMPLES)])
    metric = METRICS[gate.metric]
    first, second = said_of(metric, new, positive).coded(), said_of(metric, old, positive).coded()
    drawn = (chance.randint(0, len(new), len(new)) for _ in range(RESAMPLES))
    return np.array([sign * (_resampled(gate.metric, first, r) - _resampled(gate.metric, second, r)) for r in drawn])


def _resampled(name: str, said: Said, rows: Array) -> float:
    value = fast_value(name, said, rows)
    return value_of(METRICS[name], said.take(rows)) if value is None else value


def _by_row(name: str, new: Frame, old: Frame, positive: Positive | None) -> tuple[Array, Array] | None:
    """Row values of a metric that is their mean; a metric of one's own is the mean of the column `loss`."""
    metric = METRICS.get(name)
    if metric is None:
        return loss_of(name, new), loss_of(name, old)
    first, second = said_of(metric, new, positive), said_of(metric, old, positive)
    if not (applies(metric, first) and applies(metric, second)):
        raise Failed(f"`{name}` cannot be computed from predictions.csv; it needs {_lacks(metric)}")
    return None if metric.by_row is None else (metric.by_row(first), metric.by_row(second))


def _lacks(metric: Metric) -> str:
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
