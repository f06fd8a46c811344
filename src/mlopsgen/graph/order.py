"""Who stands beside whom in each row, so that few edges cross."""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence

Rows = Sequence[Sequence[int]]
Neighbours = Mapping[int, Sequence[int]]

_SWEEPS = 24
_SWAPPED = 400
"""Members of a picture in which swaps are tried too; in a larger one they would take seconds."""


def ordered(rows: Rows, above: Neighbours, below: Neighbours) -> list[list[int]]:
    """The rows with their members in the best order that some sweeps and swaps find, from several beginnings."""
    starts = ([list(row) for row in rows], [list(row)[::-1] for row in rows])
    tried = (_improved(start, above, below, first) for first in (0, 1) for start in starts)
    return min(tried, key=lambda found: crossings(found, below))


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
        if (found := crossings(now, below)) < fewest:
            best, fewest = [list(row) for row in now], found
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
