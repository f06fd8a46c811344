"""Where on a line things stand that want to be somewhere and need room."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from mlopsgen.records import dataclass


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
