"""Where things stand: nothing on top of anything else, few edges that cross, readers below what they read."""

from __future__ import annotations

import time
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import pytest
from fontTools.ttLib import TTFont

from mlopsgen.graph import Picture, layout
from mlopsgen.graph.arrangement import crossings, ordered, ranks, spread
from mlopsgen.graph.letters import broken, width
from mlopsgen.graph.picture import Edge, Kind, Node
from tests.graph.pictures import example, hostile, large
from tests.projects import EXAMPLES

PICTURES = {**{name: example(name) for name in EXAMPLES}, "hostile": hostile(), "large": large(60, 1)}


@pytest.fixture(params=list(PICTURES))
def drawn(request: pytest.FixtureRequest) -> layout.Flow:
    return layout.flow(PICTURES[request.param])


def test_no_box_lies_on_another(drawn: layout.Flow) -> None:
    for one, other in combinations(drawn.boxes, 2):
        beside = one.x + one.width < other.x or other.x + other.width < one.x
        below = one.y + one.height < other.y or other.y + other.height < one.y
        assert beside or below


def test_everything_lies_on_the_page(drawn: layout.Flow) -> None:
    for box in drawn.boxes:
        assert box.x >= -0.01
        assert box.y >= 0
        assert box.x + box.width <= drawn.width + 0.01
        assert box.y + box.height <= drawn.height + 0.01


def test_an_edge_leaves_below_its_start_and_arrives_above_its_end(drawn: layout.Flow) -> None:
    boxes = {box.node.key: box for box in drawn.boxes}
    for wire in drawn.wires:
        start, end = boxes[wire.edge.start], boxes[wire.edge.end]
        (x, y), (to_x, to_y) = wire.points[0], wire.points[-1]
        assert start.x < x < start.x + start.width
        assert y == start.y + start.height
        assert end.x < to_x < end.x + end.width
        assert to_y == end.y
        heights = [point[1] for point in wire.points]
        assert heights == sorted(heights)


def test_no_edge_runs_through_a_box(drawn: layout.Flow) -> None:
    for wire in drawn.wires:
        for (x, y), (to_x, to_y) in zip(wire.points, wire.points[1:], strict=False):
            for box in drawn.boxes:
                if x == to_x and box.y < to_y and y < box.y + box.height:
                    assert not box.x < x < box.x + box.width


def test_no_label_lies_on_another(drawn: layout.Flow) -> None:
    named = [wire for wire in drawn.wires if wire.label]
    for one, other in combinations(named, 2):
        if one.y == other.y:
            assert abs(one.x - other.x) >= (width(one.label, 11) + width(other.label, 11)) / 2


@pytest.mark.parametrize("picture", [*map(example, EXAMPLES), large(12, 1)], ids=[*EXAMPLES, "swaps needed"])
def test_edges_that_need_not_cross_do_not(picture: Picture) -> None:
    ways = [wire.points for wire in layout.flow(picture).wires]
    assert not [pair for pair in combinations(ways, 2) if _cross(*pair)]


def _cross(one: tuple[tuple[float, float], ...], other: tuple[tuple[float, float], ...]) -> bool:
    """Whether two edges change sides between heights that they share."""
    sides = set()
    for y in sorted({point[1] for point in one} & {point[1] for point in other}):
        gap = next(x for x, at in one if at == y) - next(x for x, at in other if at == y)
        if gap:
            sides.add(gap > 0)
    return len(sides) > 1


def test_a_source_stands_right_above_its_first_reader() -> None:
    rows = ranks(["late", "a", "b", "c"], [("a", "b"), ("b", "c"), ("late", "c")])
    assert rows == {"a": 0, "b": 1, "c": 2, "late": 1}


def test_crossings_are_counted_and_undone() -> None:
    rows = [[0, 1, 2], [3, 4, 5]]
    below = {0: [5], 1: [4], 2: [3], 3: [], 4: [], 5: []}
    above = {5: [0], 4: [1], 3: [2], 0: [], 1: [], 2: []}
    assert crossings(rows, below) == 3
    assert crossings(ordered(rows, above, below), below) == 0


def test_crossings_are_as_many_as_pairs_that_cross() -> None:
    below = {0: [4, 6], 1: [3], 2: [5, 3], 3: [], 4: [], 5: [], 6: []}
    edges = [(0, 4), (0, 6), (1, 3), (2, 5), (2, 3)]
    count = sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(edges, 2))
    assert crossings([[0, 1, 2], [3, 4, 5, 6]], below) == count


def test_things_stand_where_they_want_when_there_is_room() -> None:
    assert spread([0, 100, 250], [40, 40, 40], [1, 1, 1], 10) == [0, 100, 250]


def test_things_that_want_the_same_place_share_it() -> None:
    assert spread([0, 0, 0], [40, 40, 40], [1, 1, 1], 10) == [-50, 0, 50]


def test_the_heavier_moves_less() -> None:
    left, right = spread([0, 0], [10, 10], [3, 1], 0)
    assert (left, right) == (-2.5, 7.5)


def test_no_usual_font_is_wider_than_what_is_reckoned_with() -> None:
    """DejaVu Sans is the widest of those that a page may have."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    texts = ["data/schedule_management.csv", "fair: demographic_parity_difference", "WWW MMM @@@ 4711 {0,1} ≥ 0.8"]
    for name, bold in (("DejaVuSans.ttf", False), ("DejaVuSans-Bold.ttf", True)):
        font = TTFont(folder / name)
        advances, glyphs, units = font["hmtx"], font.getBestCmap(), font["head"].unitsPerEm
        for text in [*texts, *(chr(n) * 20 for n in range(32, 127))]:
            real = sum(advances[glyphs[ord(letter)]][0] for letter in text) / units
            assert width(text, 1, bold=bold) >= real * (0.99 if len(set(text)) > 1 else 0.8)


def test_a_text_is_broken_where_it_may_be_and_cut_where_it_must() -> None:
    assert broken("one two", 1000, 12, most=2) == ("one two",)
    assert all(width(line, 12) <= 80 for line in broken("some words of a sentence", 80, 12, most=9))
    lines = broken("x" * 500, 100, 12, most=2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert all(width(line, 12) <= 100 for line in lines)
    assert broken("", 100, 12, most=2) == ()


def test_hundreds_of_steps_take_no_time_that_anybody_notices() -> None:
    """Within a second on any machine; swaps and counting by pairs would take minutes."""
    began = time.process_time()
    layout.flow(large(400, 3))
    assert time.process_time() - began < 5


def test_one_step_alone_and_none() -> None:
    assert layout.flow(Picture("a", "", (), (), (), ())).boxes == ()
    alone = layout.flow(Picture("a", "", (), (Node("a", Kind.STEP, "a"),), (), ()))
    assert [(box.x, box.y) for box in alone.boxes] == [(0, 0)]


def test_two_edges_between_two_boxes_do_not_hide_each_other() -> None:
    nodes = (Node("a", Kind.STEP, "a"), Node("b", Kind.STEP, "b"))
    flow = layout.flow(Picture("p", "", (), nodes, (), (Edge("a", "b", "x"), Edge("a", "b", "y", data=False))))
    one, other = flow.wires
    assert all(abs(x - to_x) > 5 for (x, _), (to_x, _) in zip(one.points, other.points, strict=True))
