"""metrics.json: the numbers that were measured, and what was asked for and has none, with the reason.

It is a flat object of numbers. Beside it the built-in trainer and evaluator leave `without.json`: the metrics that
these rows cannot have, each with the reason, which a gate on one of them tells.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .files import read_json, write_json
from .problems import Failed

FLAT = 'metrics.json is a flat object of numbers, such as {"accuracy": 0.9}'
WITHOUT = "without.json"


@dataclass(frozen=True, slots=True)
class Measured:
    """Metrics with their values, and others with the reason why they have none."""

    values: Mapping[str, float]
    without: Mapping[str, str] = field(default_factory=dict)

    def sentence(self) -> str:
        """The metrics without a value, as a sentence of its own; empty when there is none."""
        return "; ".join(f"`{name}` {reason}" for name, reason in sorted(self.without.items()))


def read_measured(folder: Path) -> Measured:
    """What an evaluation or a training measured; only finite numbers are values."""
    content = read_json(folder / "metrics.json")
    if not isinstance(content, dict):
        raise Failed(f"{folder / 'metrics.json'} must hold an object of numbers")
    aside = folder / WITHOUT
    notes = read_json(aside) if aside.exists() else {}
    values = {name: float(value) for name, value in content.items() if _is_number(value)}
    wrong = {name: why_none(value) for name, value in content.items() if name not in values}
    reasons = (
        {name: str(reason) for name, reason in notes.items() if name not in content} if isinstance(notes, dict) else {}
    )
    return Measured(values, {**reasons, **wrong})


def read_metrics(folder: Path) -> dict[str, float]:
    """The numbers of `metrics.json` alone."""
    return dict(read_measured(folder).values)


def write_measured(folder: Path, measured: Measured) -> None:
    """Writes `metrics.json`, names in alphabetical order, and why other metrics are not in it."""
    values, none = measured.values, dict(measured.without)
    none |= {name: why_none(value) for name, value in values.items() if not math.isfinite(value)}
    write_json(folder / "metrics.json", {name: float(values[name]) for name in sorted(values) if name not in none})
    if none:
        write_json(folder / WITHOUT, dict(sorted(none.items())))


def why_none(value: object) -> str:
    """Why what stands in metrics.json is no value, as the rest of a sentence that begins with the metric."""
    if isinstance(value, bool):
        return f"is {str(value).lower()}, not a number"
    if isinstance(value, int | float):
        return "is NaN" if math.isnan(value) else "is infinite"
    if isinstance(value, str):
        return f"is the text `{value[:40]}`, not a number"
    if isinstance(value, dict | list):
        return f"is {'an object' if isinstance(value, dict) else 'a list'}, not a number: {FLAT}"
    return "is null"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
