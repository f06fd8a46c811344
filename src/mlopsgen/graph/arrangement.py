"""Which node stands in which row, who stands beside whom, and where on its line each one stands."""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from itertools import accumulate, pairwise

from mlopsgen.records import dataclass

Rows = Sequence[Sequence[int]]
Neighbours = Mapping[int, Sequence[int]]

_SWEEPS = 24
_SWAPPED = 400
"""Members of a picture in which swaps are tried too; in a larger one they would take seconds."""


def ordered(rows: Rows, above: Neighbours, below: Neighbours) -> list[list[int]]:
    """The rows with their members in the best order that some sweeps and swaps find, from several beginnings."""
    starts = ([list(row) for row in rows], [list(row)[::-1] for row in rows])
    tried = (_improved(start, above, below, first) for first in (0, 1) for start in starts)
    return min(tried, key=lambda order: crossings(order, below))


def _improved(rows: list[list[int]], above: Neighbours, below: Neighbours, first: int) -> list[list[int]]:
    """Sweeps down and up in turn, up first when `first` is 1."""
    now, best, fewest = rows, rows, crossings(rows, below)
    for turn in range(_SWEEPS):
        if fewest == 0:
            break
        now = _swept(now, above) if turn % 2 == first else _swept(now[::-1], below)[::-1]
        if sum(map(len, rows)) <= _SWAPPED:
            now = [list(row) for row in now]
            _swap(now, above, below, even=turn % 4 > 1)
        if (count := crossings(now, below)) < fewest:
            best, fewest = [list(row) for row in now], count
    return best


def _swap(rows: list[list[int]], above: Neighbours, below: Neighbours, *, even: bool) -> None:
    """Swaps neighbours in a row where fewer edges cross then, or as many when `even`: a way out of dead ends."""
    for number, row in enumerate(rows):
        places = [
            {member: at for at, member in enumerate(rows[n])} if 0 <= n < len(rows) else {}
            for n in (number - 1, number + 1)
        ]
        for at in range(len(row) - 1):
            one, other = row[at], row[at + 1]
            sides = zip((above, below), places, strict=True)
            gain = sum(_gain(side[one], side[other], place) for side, place in sides)
            if gain > 0 or (even and gain == 0):
                row[at], row[at + 1] = other, one


def _gain(one: Sequence[int], other: Sequence[int], place: Mapping[int, int]) -> int:
    """How many crossings less there are when two neighbours swap, on one side of them."""
    pairs = [(place[a], place[b]) for a in one for b in other]
    return sum(a > b for a, b in pairs) - sum(a < b for a, b in pairs)


def crossings(rows: Rows, below: Neighbours) -> int:
    """How many pairs of edges cross between neighbouring rows."""
    total = 0
    for row, following in itertools.pairwise(rows):
        place = {member: number for number, member in enumerate(following)}
        seen: list[int] = []
        for member in row:
            ends = sorted(place[other] for other in below[member])
            total += sum(len(seen) - bisect_left(seen, end + 1) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _swept(rows: Rows, neighbours: Neighbours) -> list[list[int]]:
    """Each row sorted by where its neighbours in the row before stand, on average."""
    done = [list(rows[0])]
    for row in rows[1:]:
        place = {member: number for number, member in enumerate(done[-1])}
        done.append(_sorted(row, place, neighbours))
    return done


def _sorted(row: Sequence[int], place: Mapping[int, int], neighbours: Neighbours) -> list[int]:
    """A member without neighbours keeps its seat; the others share the seats that are left, in their order."""
    wants = {m: sum(place[o] for o in neighbours[m]) / len(neighbours[m]) for m in row if neighbours[m]}
    moving = iter(sorted(wants, key=lambda member: wants[member]))
    return [next(moving) if member in wants else member for member in row]


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


@dataclass(slots=True)
class _Block:
    """Neighbours that touch and move as one."""

    total: float
    weight: float
    count: int

    @property
    def place(self) -> float:
        return self.total / self.weight


def spread(wants: Sequence[float], room: Sequence[float], weights: Sequence[float], gap: float) -> list[float]:
    """The centres, in the given order, as near as possible to where they want to be.

    This is the exact answer (least squares under minimal distances): who comes too near to its
    neighbour joins it in a block, which stands where its members want to be on average.
    """
    steps = [(one + other) / 2 + gap for one, other in pairwise(room)]
    offsets = list(accumulate(steps, initial=0.0))[: len(wants)]
    blocks: list[_Block] = []
    for want, offset, weight in zip(wants, offsets, weights, strict=True):
        blocks.append(_Block((want - offset) * weight, weight, 1))
        while len(blocks) > 1 and blocks[-2].place > blocks[-1].place:
            last = blocks.pop()
            before = blocks[-1]
            blocks[-1] = _Block(before.total + last.total, before.weight + last.weight, before.count + last.count)
    places = [block.place for block in blocks for _ in range(block.count)]
    return [place + offset for place, offset in zip(places, offsets, strict=True)]
