"""By how much is the share of right answers larger, of two models that judged the same rows.

Both tests look at the rows on which the models differ: `won`, where the new one alone is right, and `lost`.
McNemar's test is exact, and knows no margin. Tango's score bound does (T. Tango, Statistics in Medicine 17, 1998,
891-908); no library that the runtime has offers it (decision 31).
"""

from __future__ import annotations

import math


def mcnemar(won: int, lost: int) -> float:
    """The chance that an equal model would win at least so many of the rows on which the two differ."""
    if won + lost == 0:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(won, won + lost, 0.5, alternative="greater").pvalue)


def score(won: int, lost: int, rows: int, gain: float) -> float:
    """How many standard errors the gain lies above a supposed one; the error is the one that this would bring."""
    # The likeliest share of rows that are lost, where the gain is as supposed, solves 2n·q² + b·q + c = 0.
    b = (2 * rows - won + lost) * gain - won - lost
    c = -lost * gain * (1 - gain)
    share = (math.sqrt(max(b * b - 8 * rows * c, 0.0)) - b) / (4 * rows)
    variance = rows * (2 * share + gain * (1 - gain))
    above = won - lost - rows * gain
    return above / math.sqrt(variance) if variance > 1e-12 else math.copysign(math.inf, above) if above else 0.0


def least_gain(won: int, lost: int, rows: int, confidence: float) -> float:
    """The gain that is surpassed with the given confidence."""
    from scipy.optimize import brentq
    from scipy.stats import norm

    quantile = float(norm.ppf(confidence))
    seen = (won - lost) / rows
    if quantile <= 0:
        return seen
    low = -1 + 1e-9
    if score(won, lost, rows, low) <= quantile:
        return -1.0
    return float(brentq(lambda gain: score(won, lost, rows, gain) - quantile, low, seen, xtol=1e-12))


def rows_needed(by: float, confidence: float) -> int:
    """How many rows without any difference it takes to tell that a model is not worse by -by.

    A model that is worse by so much differs in that share of rows at least: with fewer, none may show by chance.
    """
    return 1 if by <= -1 else math.ceil(math.log(1 - confidence) / math.log1p(by))
