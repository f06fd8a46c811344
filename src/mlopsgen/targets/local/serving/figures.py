"""What the router measures of the version that a rollout brings."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from mlopsgen.runtime.platforms.api import Reading

MOST = 100_000
"""So many requests are remembered: those of ten minutes, of a machine that answers 160 in a second."""


class Figures:
    """The answers of one version."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: deque[tuple[float, bool, float]] = deque(maxlen=MOST)

    def count(self, *, failed: bool, seconds: float) -> None:
        """One request that has its answer, or will never have one."""
        with self._lock:
            self._answers.append((time.monotonic(), failed, seconds))

    def forget(self) -> None:
        """A step begins: what was measured before says nothing of it."""
        with self._lock:
            self._answers.clear()

    def reading(self, alarm: Mapping[str, Any], seconds: float) -> Reading:
        """The share of failed requests, or how long a share of them took, in the last seconds."""
        since = time.monotonic() - seconds
        with self._lock:
            answers = [one for one in self._answers if one[0] >= since]
        if not answers:
            return Reading(value=None, requests=0)
        if alarm["figure"] == "errors":
            return Reading(value=sum(failed for _, failed, _ in answers) / len(answers), requests=len(answers))
        took = sorted(seconds for _, _, seconds in answers)
        within = max(math.ceil(float(alarm["quantile"]) * len(took)), 1)
        return Reading(value=took[within - 1], requests=len(answers))
