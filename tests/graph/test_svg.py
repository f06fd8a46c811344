"""The SVG: well-formed whatever a spec says, readable on light and dark pages, the same bytes each time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mlopsgen.findings.safe_text import inert
from mlopsgen.graph import Picture, svg
from mlopsgen.graph.letters import drawable, width
from mlopsgen.graph.picture import Kind, Node
from tests.conftest import Golden
from tests.graph.pictures import PAYLOADS, example, hostile, large
from tests.projects import EXAMPLES, ROOT, spec_of

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "title", "style", "defs", "marker", "path", "rect", "g", "text"}
SIZES = {"kind": 11.0, "title": 14.0, "quiet": 12.0}
PICTURES = {**{name: example(name) for name in EXAMPLES}, "hostile": hostile(), "large": large(60, 1)}


@pytest.fixture(params=list(PICTURES))
def picture(request: pytest.FixtureRequest) -> Picture:
    return PICTURES[request.param]


def tree(picture: Picture) -> ET.Element:
    return ET.fromstring(svg(picture))


def classes(top: ET.Element) -> set[str]:
    return {name for element in top.iter() for name in element.get("class", "").split()}


def test_the_picture_in_the_readme_is_the_flagship_s(golden: Golden) -> None:
    golden(ROOT / "docs" / "pictures" / "schedule-adherence.svg", svg(example("schedule-adherence")))


def test_nothing_in_it_runs_or_is_fetched(picture: Picture) -> None:
    top = tree(picture)
    assert {element.tag.removeprefix(SVG) for element in top.iter()} <= ALLOWED
    names = {name for element in top.iter() for name in element.attrib}
    assert not {name for name in names if name.startswith("on") or name.endswith(("href", "src"))}
    sheet = top.findtext(f"{SVG}style") or ""
    assert not re.search(r"url\(|@import|@font-face|expression", sheet)


def test_every_box_says_its_whole_name_to_who_cannot_see(picture: Picture) -> None:
    names = "".join(element.text or "" for element in tree(picture).iter(f"{SVG}title"))
    for node in (*picture.nodes, *picture.handlers):
        assert drawable(node.title) in names


def test_every_text_fits_its_box(picture: Picture) -> None:
    for group in tree(picture).iter(f"{SVG}g"):
        box = group.find(f"{SVG}rect")
        if box is None or "box" not in box.get("class", "").split():
            continue
        for text in group.findall(f"{SVG}text"):
            kind = text.get("class", "").split()[0]
            size, bold = SIZES[kind], kind != "quiet"
            right = float(text.get("x", "0")) + width(text.text or "", size, bold=bold)
            assert right <= float(box.get("width", "0")) - 8
            assert size <= float(text.get("y", "0")) <= float(box.get("height", "0")) - 5


def test_a_light_page_and_a_dark_one_have_every_colour(picture: Picture) -> None:
    top = tree(picture)
    sheet = top.findtext(f"{SVG}style") or ""
    light, dark = sheet.split("@media (prefers-color-scheme:dark){")
    coloured = {name for name in classes(top) if f".{name}{{" in dark or f".{name}," in dark}
    assert {
        "page",
        "quiet",
        "wire",
        *(word for word in classes(top) & {kind.name.lower() for kind in Kind}),
    } <= coloured
    assert re.findall(r"[.a-z,]+(?=\{(?:fill|stroke):#)", dark) == re.findall(r"[.a-z,]+(?=\{(?:fill|stroke):#)", light)


def contrast(one: str, other: str) -> float:
    """As the rules of accessible pages measure it: 4.5 is what small text needs."""
    high, low = sorted(map(_light, (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_all_text_can_be_read_on_what_is_behind_it() -> None:
    for sheet in svg(example("wine")).split("@media"):
        page = re.findall(r"\.page\{fill:(#\w+)", sheet)
        texts = re.findall(r"text\{fill:(#\w+)\}\.quiet,\.label\{fill:(#\w+)", sheet)[0]
        boxes = re.findall(r"\.box\.\w+\{fill:(#\w+);stroke:(#\w+)", sheet)
        assert len(boxes) == len(Kind)
        pairs = [(text, back) for text in texts for back in (*page, *(fill for fill, _ in boxes))]
        assert min(contrast(*pair) for pair in (*pairs, *boxes)) >= 4.5


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_stays_text(payload: str) -> None:
    plain = tree(Picture("a", "", (), (Node("a", Kind.STEP, "plain"),), (), ()))
    odd = tree(Picture("a", "", (), (Node("a", Kind.STEP, payload),), (), ()))
    kinds = [element.tag for element in plain.iter() if element.get("class") != "title"]
    assert [element.tag for element in odd.iter() if element.get("class") != "title"] == kinds
    title = "".join(element.text or "" for element in odd.iter(f"{SVG}text") if element.get("class") == "title")
    cut = title.removesuffix("…").replace(" ", "")
    assert drawable(payload).replace(" ", "").startswith(cut)
    assert inert(title) == title


def test_the_same_bytes_in_every_process() -> None:
    code = "import sys; from mlopsgen.cli import main; main()"
    digests = set()
    for seed, zone in (("0", "UTC"), ("4711", "Asia/Tokyo")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        command = [sys.executable, "-c", code, "graph", str(spec_of("diabetes")), "--svg"]
        digests.add(subprocess.run(command, env=env, capture_output=True, check=True, cwd=Path(__file__).parent).stdout)
    assert digests == {svg(example("diabetes")).encode()}
