"""A picture as SVG with its colours: no script, no font or image from elsewhere, readable on light and dark pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mlopsgen.graph import layout
from mlopsgen.graph.layout import KIND, LABEL, LINE, PAD, TITLE, Box, Flow, Wire
from mlopsgen.graph.letters import broken, drawable, width
from mlopsgen.graph.picture import Kind, Node, Picture
from mlopsgen.records import dataclass

_MARGIN = 24.0
_NAME = 18.0
_WIDEST = 640.0
"""Of the description, where the steps themselves need less."""
_LAST = "when all else has ended, well or not"


@dataclass(frozen=True, slots=True)
class _Part:
    """Some elements, and the room they take."""

    lines: tuple[str, ...]
    width: float
    height: float


def svg(picture: Picture) -> str:
    """The text of an SVG file."""
    flow = layout.flow(picture)
    last = _handlers(picture.handlers)
    head = _head(picture, max(flow.width, last.width, _WIDEST))
    inner = max(head.width, flow.width, last.width)
    parts = []
    y = _MARGIN
    for part in (head, _Part(tuple(_flow(flow)), flow.width, flow.height), last):
        if part.lines:
            # The head stands left, as a title does; what follows stands in the middle.
            x = _MARGIN if part is head else _MARGIN + (inner - part.width) / 2
            parts += [f'<g transform="translate({_n(x)} {_n(y)})">', *part.lines, "</g>"]
            y += part.height + _MARGIN
    return "\n".join(_document(picture, inner + 2 * _MARGIN, y, parts)) + "\n"


def _document(picture: Picture, wide: float, high: float, parts: Iterable[str]) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(wide)}" height="{_n(high)}" '
        f'viewBox="0 0 {_n(wide)} {_n(high)}" role="img" aria-labelledby="name">'
    )
    yield f'<title id="name">{_text(picture.name)}: its steps and what flows between them</title>'
    yield f"<style>\n{style()}\n</style>"
    yield (
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0 0.5L8 4L0 7.5z"/></marker></defs>'
    )
    yield f'<rect class="page" width="{_n(wide)}" height="{_n(high)}" rx="8"/>'
    yield from parts
    yield "</svg>"


def _head(picture: Picture, room: float) -> _Part:
    """The product's name, what it does, and what starts a run."""
    about = broken(drawable(picture.description), room, LINE, most=2)
    starts = [line for text in picture.starts for line in broken(f"starts {drawable(text)}", room, LINE, most=2)]
    name = "".join(broken(drawable(picture.name), room, _NAME, most=1, bold=True))
    lines = [_say("name", 0, _NAME, name)]
    y = _NAME + 4
    for text in (*about, *starts):
        y += LINE + 5
        lines.append(_say("quiet", 0, y - 2, text))
    widths = [width(name, _NAME, bold=True), *(width(text, LINE) for text in (*about, *starts))]
    return _Part(tuple(lines), max(widths), y + 2)


def _flow(flow: Flow) -> Iterator[str]:
    yield from map(_wire, flow.wires)
    yield from (part for wire in flow.wires if wire.label for part in _label(wire))
    for box in flow.boxes:
        yield from _box(box)


def _handlers(nodes: Sequence[Node]) -> _Part:
    """Exit handlers side by side in a frame that says when they run."""
    if not nodes:
        return _Part((), 0, 0)
    boxes = [layout.box_of(node) for node in nodes]
    x, y = PAD, LINE + 2 * PAD
    lines: list[str] = []
    for box in boxes:
        lines += _box(Box(box.node, box.title, box.lines, x, y, box.width, box.height))
        x += box.width + PAD
    wide = max(x, width(_LAST, LINE) + 2 * PAD)
    high = y + max(box.height for box in boxes) + PAD
    frame = f'<rect class="frame" width="{_n(wide)}" height="{_n(high)}" rx="8"/>'
    return _Part((frame, _say("quiet", PAD, PAD + LINE - 2, _LAST), *lines), wide, high)


def _box(box: Box) -> Iterator[str]:
    """A node: a bar in its colour, its kind, its name, what it does."""
    kind = box.node.kind
    name = word(kind)
    also = " optional" if box.node.optional or kind is Kind.HANDLER else ""
    yield f'<g transform="translate({_n(box.x)} {_n(box.y)})">'
    yield f"<title>{_text(' · '.join((box.node.kind, box.node.title, *box.node.lines)))}</title>"
    yield f'<rect class="box {name}{also}" width="{_n(box.width)}" height="{_n(box.height)}" rx="6"/>'
    yield f'<rect class="bar {name}" y="8" width="4" height="{_n(box.height - 16)}" rx="2"/>'
    y = PAD + KIND - 2
    yield _say(f"kind {name}", PAD, y, kind)
    y += 4
    for text in box.title:
        y += TITLE + 4
        yield _say("title", PAD, y - 2, text)
    for indent, text in box.lines:
        y += LINE + 5
        yield _say("quiet", PAD + indent, y, text)
    yield "</g>"


def _wire(wire: Wire) -> str:
    (x, y), *rest = wire.points
    path = [f"M{_n(x)} {_n(y)}"]
    for number, (to_x, to_y) in enumerate(rest, 1):
        tip = 1 if number == len(rest) else 0
        path.append(_bow(x, y, to_x, to_y - tip))
        x, y = to_x, to_y
    after = "" if wire.edge.data else " after"
    return f'<path class="wire{after}" d="{"".join(path)}" marker-end="url(#head)"/>'


def _bow(x: float, y: float, to_x: float, to_y: float) -> str:
    """One stretch of an edge, which leaves and arrives upright."""
    if _n(x) == _n(to_x):
        return f"V{_n(to_y)}"
    middle = _n((y + to_y) / 2)
    return f"C{_n(x)} {middle} {_n(to_x)} {middle} {_n(to_x)} {_n(to_y)}"


def _label(wire: Wire) -> Iterator[str]:
    wide, high = width(wire.label, LABEL) + 6, LABEL + 5
    place = f'x="{_n(wire.x - wide / 2)}" y="{_n(wire.y - high / 2)}" width="{_n(wide)}" height="{_n(high)}"'
    yield f'<rect class="back" {place} rx="3"/>'
    yield (
        f'<text class="label" x="{_n(wire.x)}" y="{_n(wire.y + LABEL * 0.36)}" text-anchor="middle">'
        f"{_text(wire.label)}</text>"
    )


def _say(name: str, x: float, y: float, text: str) -> str:
    return f'<text class="{name}" x="{_n(x)}" y="{_n(y)}">{_text(text)}</text>'


_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def _text(text: str) -> str:
    """Text as XML takes it, its own signs escaped."""
    return re.sub('[&<>"]', lambda match: _ESCAPES[match[0]], drawable(text))


def _n(value: float) -> str:
    """A number with at most one decimal."""
    return f"{round(value, 1):g}" if abs(value) < 1e5 else f"{value:.0f}"


FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI','Noto Sans',Helvetica,Arial,sans-serif"


@dataclass(frozen=True, slots=True)
class _Page:
    """The look of every element on one kind of page; a kind has its box's colour and its line's."""

    page: str
    text: str
    quiet: str
    wire: str
    kinds: dict[Kind, tuple[str, str]]


_LIGHT = _Page(
    page="#ffffff",
    text="#1f2328",
    quiet="#57606a",
    wire="#818b98",
    kinds={
        Kind.DATA: ("#f0f3f6", "#57606a"),
        Kind.MODEL: ("#f0f3f6", "#57606a"),
        Kind.PREPARE: ("#e6f7f4", "#0f766e"),
        Kind.TRAINING: ("#f3effd", "#6d3fd4"),
        Kind.TUNING: ("#f3effd", "#6d3fd4"),
        Kind.EVALUATION: ("#e9f1fe", "#1d4ed8"),
        Kind.GATE: ("#fef5e0", "#925200"),
        Kind.REGISTRY: ("#e8f6eb", "#1a7032"),
        Kind.STEP: ("#fceef5", "#a8266f"),
        Kind.HANDLER: ("#f6f8fa", "#57606a"),
    },
)
_DARK = _Page(
    page="#0d1117",
    text="#e6edf3",
    quiet="#9da7b3",
    wire="#6e7681",
    kinds={
        Kind.DATA: ("#1b2129", "#a3aeba"),
        Kind.MODEL: ("#1b2129", "#a3aeba"),
        Kind.PREPARE: ("#0c2624", "#4fd1c1"),
        Kind.TRAINING: ("#221a38", "#b69cff"),
        Kind.TUNING: ("#221a38", "#b69cff"),
        Kind.EVALUATION: ("#12233f", "#79b0ff"),
        Kind.GATE: ("#2d2108", "#e3ae4a"),
        Kind.REGISTRY: ("#10281a", "#56d27c"),
        Kind.STEP: ("#301527", "#f08bc4"),
        Kind.HANDLER: ("#161b22", "#a3aeba"),
    },
)


def word(kind: Kind) -> str:
    """The class of a node's elements."""
    return kind.name.lower()


def style() -> str:
    """The style sheet: what never changes, the light page, and the dark one where that is preferred.

    Every colour is said outright: some that draw an SVG know no variables.
    """
    always = (
        f"text{{font-family:{FONT};font-size:12px}}",
        ".name{font-size:18px;font-weight:600}.title{font-size:14px;font-weight:600}",
        ".kind{font-size:11px;font-weight:600;letter-spacing:.02em}.label{font-size:11px}",
        ".box{stroke-width:1.2}.optional,.frame{stroke-dasharray:5 4}",
        ".wire{fill:none;stroke-width:1.5}.after{stroke-dasharray:3 4}.frame{fill:none;stroke-width:1.2}",
    )
    return "\n".join((*always, *_rules(_LIGHT), "@media (prefers-color-scheme:dark){", *_rules(_DARK), "}"))


def _rules(page: _Page) -> Iterator[str]:
    yield f".page{{fill:{page.page}}}.back{{fill:{page.page}}}"
    yield f"text{{fill:{page.text}}}.quiet,.label{{fill:{page.quiet}}}"
    yield f".wire,.frame{{stroke:{page.wire}}}.head{{fill:{page.wire}}}"
    for kind, (fill, line) in page.kinds.items():
        name = word(kind)
        yield f".box.{name}{{fill:{fill};stroke:{line}}}.bar.{name},.kind.{name}{{fill:{line}}}"
