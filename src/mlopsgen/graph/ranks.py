"""Which node stands in which row: below everything that it waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import TopologicalSorter

Pair = tuple[str, str]


def ranks(keys: Sequence[str], pairs: Iterable[Pair]) -> Mapping[str, int]:
    """Key → row, from 0; one that waits for nobody stands right above its first reader."""
    before: dict[str, list[str]] = {key: [] for key in keys}
    after: dict[str, list[str]] = {key: [] for key in keys}
    for start, end in pairs:
        before[end].append(start)
        after[start].append(end)
    row: dict[str, int] = {}
    for key in TopologicalSorter(before).static_order():
        row[key] = max((row[other] + 1 for other in before[key]), default=0)
    for key in keys:
        if not before[key] and after[key]:
            row[key] = min(row[other] for other in after[key]) - 1
    return row
