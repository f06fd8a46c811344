"""What is said of records that cannot be scored: the caller's to mend, or the model's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..problems import Failed

SHOWN = 20
"""So many problems of one request are told; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: with a column, a record (counted from 0) or both; neither where it is the text."""

    message: str
    column: str | None = None
    row: int | None = None
    id: Any = None

    def record(self) -> dict[str, Any]:
        """As JSON; what is not known is left out."""
        facts = {"message": self.message, "column": self.column, "row": self.row, "id": self.id}
        return {name: fact for name, fact in facts.items() if fact is not None}

    def __str__(self) -> str:
        if self.row is None:
            return self.message
        name = "" if self.id is None else f" (id {self.id})"
        return f"record {self.row}{name}: {self.message}"


class BadRecords(Failed):
    """The records, or the bytes that should hold them, are wrong: whoever sent them has to mend them."""

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        self.problems = (Problem(message=problems),) if isinstance(problems, str) else tuple(problems)
        more = len(self.problems) - SHOWN
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        super().__init__("; ".join([*lines, f"and {more} more"] if more > 0 else lines))


class UnknownType(Failed):
    """Nobody here reads what a content type names."""


class UnknownAnswer(Failed):
    """Nobody here writes any of the content types that would be accepted."""


class ModelFailed(Failed):
    """The model, or the script that asks it, broke: the records are not to blame as far as anyone can tell."""
