"""Mermaid: GitHub draws it, and nothing that a spec says is more than text in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlopsgen.findings.safe_text import inert
from mlopsgen.graph import mermaid
from mlopsgen.graph.picture import Edge, Kind, Node, Picture
from tests.conftest import Golden
from tests.graph.pictures import PAYLOADS, example, hostile, large

HERE = Path(__file__).parent

# What may stand in a label: letters, what is harmless between letters, and signs by their number.
TEXT = r"(?:[A-Za-z0-9 ,()]|[.:/_-](?=[A-Za-z0-9])|#[0-9]{1,7};)*"
LABEL = rf'"<b>{TEXT}</b>(?:<br><i>[a-z ]+</i>)?(?:<br>{TEXT})*"'
NODE = rf"n[0-9]+(?:\({LABEL}\)|\[{LABEL}\]|\[\({LABEL}\)\]|\[\[{LABEL}\]\]|\{{\{{{LABEL}\}}\}})"
LINES = (
    r"flowchart TB",
    r"  accTitle: [A-Za-z0-9 -]*",
    rf"  {NODE}",
    r'  subgraph last\["when all else has ended, well or not"\]',
    rf"    {NODE}",
    r"  end",
    rf'  starts\(\["{TEXT}(?:<br>{TEXT})*"\]\)',
    r"  starts -\.-> n[0-9]+",
    rf'  n[0-9]+ (?:-->|-\.->)(?:\|"{TEXT}"\|)? n[0-9]+',
    r"  classDef [a-z]+ [a-z0-9#:, -]+",
    r"  class n[0-9]+(?:,n[0-9]+)* [a-z]+",
)


def unknown(text: str) -> list[str]:
    """Lines that are none of those that are meant."""
    return [line for line in text.split("\n")[:-1] if not any(re.fullmatch(known, line) for known in LINES)]


def decoded(label: str) -> str:
    return re.sub(r"#([0-9]+);", lambda match: chr(int(match[1])), label)


@pytest.mark.parametrize("name", ["diabetes", "schedule-adherence", "wine"])
def test_an_example_as_mermaid(name: str, golden: Golden) -> None:
    golden(HERE / f"{name}.mmd", mermaid(example(name)))


@pytest.mark.parametrize("picture", [hostile(), large(60, 1)], ids=["hostile", "large"])
def test_every_line_is_one_that_is_meant(picture: Picture) -> None:
    assert unknown(mermaid(picture)) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_reader_sees_the_name_as_it_was_written(payload: str) -> None:
    text = mermaid(Picture("a", "", (), (Node("a", Kind.STEP, payload), Node("b", Kind.STEP, "b")), (), ()))
    match = re.search(r"<b>(.*?)</b>", text)
    assert match
    assert decoded(match[1]) == inert(payload)


def test_every_edge_is_drawn_between_its_nodes() -> None:
    picture = large(40, 2)
    number = {node.key: f"n{at}" for at, node in enumerate(picture.nodes, 1)}
    drawn = re.findall(r"^  (n\d+) (-->|-\.->)(?:\|.*\|)? (n\d+)$", mermaid(picture), re.MULTILINE)
    arrows = [(number[e.start], "-->" if e.data else "-.->", number[e.end]) for e in picture.edges]
    assert drawn == arrows


def test_a_trigger_starts_the_steps_that_wait_for_nobody() -> None:
    nodes = (Node("data.a", Kind.DATA, "a"), Node("first", Kind.STEP, "first"), Node("then", Kind.STEP, "then"))
    edges = (Edge("data.a", "first", ""), Edge("first", "then", "x"))
    text = mermaid(Picture("p", "", ("weekly: 0 2 * * 1 (UTC)",), nodes, (), edges))
    assert re.findall(r"starts -\.-> (\w+)", text) == ["n2"]
