"""What every model is asked, whoever trained it: what it reads of some rows, and what it says of that."""

from __future__ import annotations

from abc import ABC, abstractmethod

from .features import Feature
from .outcomes import CLASSIFICATION
from .scores import Array
from .tables import Frame


class Answers(ABC):
    """A model, ready to be asked."""

    __slots__ = ()
    task: str
    classes: tuple[str, ...]
    positive: str | None
    features: tuple[Feature, ...]
    """Those that the built-in trainer prepared; none of another's."""

    @abstractmethod
    def names(self, rows: Frame) -> tuple[str, ...]:
        """The columns of some rows that it reads."""

    @abstractmethod
    def table(self, rows: Frame) -> Frame:
        """What it reads of some rows."""

    @abstractmethod
    def numbers(self, table: Frame) -> Array:
        """Numbers, or the numbers of classes."""

    @abstractmethod
    def scores(self, table: Frame) -> Array | None:
        """One column for each class; None when it gives no scores."""

    def both(self, table: Frame) -> tuple[Array, Array | None]:
        """Numbers and scores; overridden where one is a step on the way to the other."""
        return self.numbers(table), self.scores(table)

    def answer(self, raw: Array) -> Array:
        """Numbers in the words of the data."""
        import numpy as np

        if self.task != CLASSIFICATION:
            return np.asarray(raw, dtype=float).reshape(len(raw))
        return np.array(self.classes, dtype=object)[np.asarray(raw, dtype=int)]

    def predict(self, rows: Frame) -> Array:
        """Classes as text, or numbers."""
        return self.answer(self.numbers(self.table(rows)))

    def chances(self, rows: Frame) -> Array | None:
        """One column for each class; None when it gives no scores."""
        return self.scores(self.table(rows))
