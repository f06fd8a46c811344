"""Resamples of test rows, and what gain they leave no doubt about.

A resample is how often each row was drawn. Rows that follow one another in time are drawn as stretches of moments,
from a circle (D. Politis and J. Romano, 1992): alone, each would seem to say something of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from .problems import Failed
from .scores import Array

RESAMPLES = 2000
SEED = 0
FEWEST_MOMENTS = 10


@dataclass(frozen=True, slots=True)
class Sample:
    """What resamples are drawn from: single rows, or stretches of moments."""

    rows: int
    moments: Array | None = None
    """The number of the moment of each row; None where rows have nothing to do with each other."""
    length: int = 1
    """How many moments are drawn together."""

    @property
    def independent(self) -> float:
        """How many pieces say something of their own."""
        return self.rows if self.moments is None else (int(self.moments.max()) + 1) / self.length

    def draws(self) -> Iterator[Array]:
        """How often each row is in each of the resamples, which are always the same."""
        import numpy as np

        # RandomState's stream is frozen by numpy's policy (NEP 19); the newer generators may change.
        chance = np.random.RandomState(SEED)
        if self.moments is None:
            for _ in range(RESAMPLES):
                yield np.bincount(chance.randint(0, self.rows, self.rows), minlength=self.rows)
            return
        count = int(self.moments.max()) + 1
        ahead = np.arange(self.length)
        for _ in range(RESAMPLES):
            starts = chance.randint(0, count, -(-count // self.length))
            drawn = ((starts[:, None] + ahead) % count).ravel()[:count]
            yield np.bincount(drawn, minlength=count)[self.moments]


def sample_of(rows: int, moments: Array | None, gains: Array) -> Sample:
    """Stretches as long as the gains of the rows hang together, where they follow one another."""
    if moments is None:
        return Sample(rows)
    import numpy as np

    count = int(moments.max()) + 1
    return Sample(rows, moments, stretch(np.bincount(moments, weights=gains - gains.mean(), minlength=count)))


def stretch(series: Array) -> int:
    """Twice the length of D. Politis and H. White (2004, corrected 2009) for circular stretches.

    Theirs makes the variance as sure as it can be; a test holds its promise with longer ones.
    """
    import numpy as np

    count = len(series)
    centred = series - series.mean()
    quiet = max(5, math.isqrt(int(math.log10(count))))
    furthest = min(math.isqrt(count - 1) + 1 + quiet, count - 1)
    together = np.array([centred[: count - lag] @ centred[lag:] for lag in range(furthest + 1)]) / count
    if together[0] <= 0:
        return 1
    small = abs(together[1 : furthest + 1] / together[0]) < 2 * math.sqrt(math.log10(count) / count)
    calm = (lag for lag in range(len(small) - quiet + 1) if small[lag : lag + quiet].all())
    loud = np.flatnonzero(~small)
    last = next(calm, int(loud[-1]) + 1 if len(loud) else 0)
    lags = np.arange(1, min(2 * max(last, 1), furthest) + 1)
    weights = np.minimum(1, 2 * (1 - lags / len(lags))) * together[lags]
    spread = together[0] + 2 * float(weights.sum())
    slope = 2 * float((lags * weights).sum())
    best = (1.5 * slope**2 / spread**2 * count) ** (1 / 3) if spread > 0 else 1.0
    return max(1, math.ceil(2 * min(best, 3 * math.sqrt(count), count / 6)))


def lower_bound(gains: Array, confidence: float, independent: float) -> float:
    """The gain that is surpassed with the given confidence; resamples without a value are left out.

    A quantile a little further out than asked for, as far as Student's is beyond the normal one (T. Hesterberg,
    The American Statistician 69, 2015): of a few pieces, resamples vary less than new ones would.
    """
    import numpy as np
    from scipy.stats import norm, t

    known = gains[np.isfinite(gains)]
    if len(known) < len(gains) / 2:
        raise Failed("the test rows are too few for a bootstrap: most resamples have no value for the metric")
    few = max(independent, 2.0)
    further = norm.cdf(math.sqrt(few / (few - 1)) * t.ppf(1 - confidence, few - 1))
    return float(np.quantile(known, further))


def exchanged(gains: Array) -> float:
    """How likely a mean gain as large is when, of each row, chance says which of the two models is the new one.

    Fisher's randomisation test (The Design of Experiments, 1935) over seeded exchanges: exact for models that are as
    good, however rare and large their errors.
    """
    seen = float(gains.sum())
    reached = sum(float(gains @ (1.0 - 2.0 * swaps)) >= seen for swaps in _exchanges(len(gains)))
    return (1 + reached) / (1 + RESAMPLES)


def exchanged_largest(new: Array, old: Array) -> float:
    """The same for how far the largest of the new model's errors is below the old one's."""
    import numpy as np

    seen = float(old.max() - new.max())
    reached = 0
    for swaps in _exchanges(len(new)):
        one: Array = np.where(swaps == 1, new, old)
        other: Array = np.where(swaps == 1, old, new)
        reached += float(one.max() - other.max()) >= seen
    return (1 + reached) / (1 + RESAMPLES)


def _exchanges(rows: int) -> Iterator[Array]:
    """In which rows the models change places, each time."""
    import numpy as np

    chance = np.random.RandomState(SEED)
    return (chance.randint(0, 2, rows) for _ in range(RESAMPLES))
