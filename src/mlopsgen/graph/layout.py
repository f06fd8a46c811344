"""Boxes, edges and labels with their places.

Every row of nodes is followed by a row for the labels of the edges that leave it. An edge passes
through one slot in each row between its ends, so that it crosses neither a box nor another's label.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from mlopsgen.graph.arrangement import ordered, ranks, spread
from mlopsgen.graph.letters import broken, drawable, width
from mlopsgen.graph.picture import Edge, Node, Picture
from mlopsgen.records import dataclass

TITLE, LINE, KIND, LABEL = 14.0, 12.0, 11.0, 11.0
"""Sizes of the fonts."""
PAD = 14.0
_ROOM = 264.0
_NARROWEST = 132.0
_SIDE = 28.0
_GAP = 22.0
_LABEL_ROW = 20.0
_PASS = 10.0
_PASSES = 40
_PORTS = 18.0
_STIFF = 3.0
"""How much more a slot on the way of an edge pulls than a box does: long edges stay straight."""
_INDENT = 8.0
"""Of a line that goes on with the one before."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place; its texts are broken to fit."""

    node: Node
    title: tuple[str, ...]
    lines: tuple[tuple[float, str], ...]
    """Each with its indentation."""
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge: the points it goes through, and its label with the middle of its place."""

    edge: Edge
    points: tuple[tuple[float, float], ...]
    label: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Flow:
    """All boxes and wires, beginning at 0, 0."""

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    width: float
    height: float


@dataclass(slots=True)
class _Slot:
    """Room in a row: a box, or the way of an edge, with its label in one of its slots."""

    row: int
    width: float
    height: float
    stiff: float
    x: float = 0.0
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)


def flow(picture: Picture) -> Flow:
    """A picture's nodes and edges, placed."""
    if not picture.nodes:
        return Flow((), (), 0, 0)
    boxes = [box_of(node) for node in picture.nodes]
    slots, chains = _slots(picture, boxes)
    rows = _rows(slots)
    _place(slots, rows)
    left = min(slot.x - slot.width / 2 for slot in slots)
    for slot in slots:
        slot.x -= left
    tops = _tops(slots, rows)
    placed = tuple(_placed(box, slots[n], tops) for n, box in enumerate(boxes))
    wires = tuple(_wires(picture.edges, chains, slots, placed, tops))
    right = max(slot.x + slot.width / 2 for slot in slots)
    return Flow(placed, wires, right, max(box.y + box.height for box in placed))


def box_of(node: Node) -> Box:
    """A node's box with its size, at 0, 0."""
    title = broken(drawable(node.title), _ROOM, TITLE, most=3, bold=True)
    lines = tuple(part for line in node.lines for part in _indented(line))
    widths = (
        width(node.kind, KIND, bold=True),
        *(width(text, TITLE, bold=True) for text in title),
        *(indent + width(text, LINE) for indent, text in lines),
    )
    height = 2 * PAD + KIND + 4 + len(title) * (TITLE + 4) + len(lines) * (LINE + 5) - 2
    return Box(node, title, lines, 0, 0, max(_NARROWEST, max(widths) + 2 * PAD), height)


def _indented(line: str) -> Iterator[tuple[float, str]]:
    for number, part in enumerate(broken(drawable(line), _ROOM, LINE, most=3)):
        yield (_INDENT if number else 0.0), part


def _slots(picture: Picture, boxes: Sequence[Box]) -> tuple[list[_Slot], list[list[int]]]:
    """A slot for each box, then those that edges pass; and each edge's way through them."""
    row = ranks([node.key for node in picture.nodes], [(e.start, e.end) for e in picture.edges])
    number = {node.key: n for n, node in enumerate(picture.nodes)}
    slots = [_Slot(2 * row[box.node.key], box.width, box.height, 1.0) for box in boxes]
    chains = []
    for edge in picture.edges:
        start, end = number[edge.start], number[edge.end]
        chain = [start]
        for between in range(slots[start].row + 1, slots[end].row):
            named = edge.label if between == slots[start].row + 1 else ""
            wide = width(_short(named), LABEL) + 8 if named else _PASS
            slots.append(_Slot(between, wide, _LABEL_ROW if named else 0, _STIFF))
            chain.append(len(slots) - 1)
        chain.append(end)
        for one, other in itertools.pairwise(chain):
            slots[one].below.append(other)
            slots[other].above.append(one)
        chains.append(chain)
    return slots, chains


def _short(label: str) -> str:
    return "".join(broken(drawable(label), _ROOM, LABEL, most=1))


def _rows(slots: Sequence[_Slot]) -> list[list[int]]:
    rows: list[list[int]] = [[] for _ in range(max(slot.row for slot in slots) + 1)]
    for number, slot in enumerate(slots):
        rows[slot.row].append(number)
    above = {number: slot.above for number, slot in enumerate(slots)}
    below = {number: slot.below for number, slot in enumerate(slots)}
    return ordered(rows, above, below)


def _place(slots: Sequence[_Slot], rows: Sequence[Sequence[int]]) -> None:
    """Gives every slot its middle: near its neighbours above and below, with room beside it."""
    for row in rows:
        _settle(slots, row, [(0.0, 1.0)] * len(row))
    for turn in range(_PASSES):
        down = turn % 2 == 0
        for row in rows if down else rows[::-1]:
            _settle(slots, row, [_want(slots, slots[n], turn) for n in row])


def _settle(slots: Sequence[_Slot], row: Sequence[int], wants: Sequence[tuple[float, float]]) -> None:
    """Every member where it wants to be, the more so the stronger it is pulled."""
    members = [slots[n] for n in row]
    places = [place for place, _ in wants]
    centres = spread(places, [m.width for m in members], [pull for _, pull in wants], _SIDE)
    for member, centre in zip(members, centres, strict=True):
        member.x = centre


def _want(slots: Sequence[_Slot], slot: _Slot, turn: int) -> tuple[float, float]:
    """The middle of its neighbours on one side, in the last turns of both; and how strong they pull."""
    sides = slot.above + slot.below if turn >= _PASSES // 2 else (slot.above, slot.below)[turn % 2]
    if not sides:
        return slot.x, 1.0
    pull = sum(slot.stiff * slots[n].stiff for n in sides)
    return sum(slots[n].x * slot.stiff * slots[n].stiff for n in sides) / pull, pull


def _tops(slots: Sequence[_Slot], rows: Sequence[Sequence[int]]) -> list[tuple[float, float]]:
    """Where each row begins and ends."""
    tops = []
    y = 0.0
    for row in rows:
        height = max((slots[n].height for n in row), default=0.0)
        tops.append((y, y + height))
        y += height + _GAP
    return tops


def _placed(box: Box, slot: _Slot, tops: Sequence[tuple[float, float]]) -> Box:
    """A box in the middle of its row."""
    top, bottom = tops[slot.row]
    y = (top + bottom - box.height) / 2
    return Box(box.node, box.title, box.lines, slot.x - box.width / 2, y, box.width, box.height)


def _wires(
    edges: Sequence[Edge],
    chains: Sequence[Sequence[int]],
    slots: Sequence[_Slot],
    boxes: Sequence[Box],
    tops: Sequence[tuple[float, float]],
) -> Iterator[Wire]:
    starts = _ports(chains, slots, boxes, leaving=True)
    ends = _ports(chains, slots, boxes, leaving=False)
    for number, (edge, chain) in enumerate(zip(edges, chains, strict=True)):
        first, *way, last = chain
        top, bottom = boxes[first], boxes[last]
        points = [(starts[number], top.y + top.height)]
        for slot in (slots[n] for n in way):
            points += [(slot.x, tops[slot.row][0]), (slot.x, tops[slot.row][1])]
        points.append((ends[number], bottom.y))
        middle = sum(tops[slots[way[0]].row]) / 2
        yield Wire(edge, tuple(points), _short(edge.label), slots[way[0]].x, middle)


def _ports(
    chains: Sequence[Sequence[int]], slots: Sequence[_Slot], boxes: Sequence[Box], *, leaving: bool
) -> Mapping[int, float]:
    """Edge → where it leaves (or reaches) its box: as straight as can be, not on top of another."""
    at: dict[int, list[tuple[float, int]]] = {}
    for number, chain in enumerate(chains):
        box, other = (chain[0], chain[1]) if leaving else (chain[-1], chain[-2])
        at.setdefault(box, []).append((slots[other].x, number))
    by_edge = {}
    for box, wants in at.items():
        wants.sort()
        places = _along(boxes[box], [x for x, _ in wants])
        by_edge.update({number: place for (_, number), place in zip(wants, places, strict=True)})
    return by_edge


def _along(box: Box, wants: Sequence[float]) -> list[float]:
    left, right = box.x + PAD, box.x + box.width - PAD
    gap = min(_PORTS, (right - left) / max(1, len(wants) - 1))
    kept = [min(max(x, left), right) for x in wants]
    places = spread(kept, [0.0] * len(kept), [1.0] * len(kept), gap)
    last = len(places) - 1
    return [min(max(x, left + n * gap), right - (last - n) * gap) for n, x in enumerate(places)]
