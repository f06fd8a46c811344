"""A picture as Mermaid, which GitHub and many other places draw. Whatever a spec says stays text there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlopsgen.findings.safe_text import inert
from mlopsgen.graph.picture import Edge, Kind, Node, Picture

_SHAPES = {
    Kind.DATA: ("[(", ")]"),
    Kind.MODEL: ("[(", ")]"),
    Kind.GATE: ("{{", "}}"),
    Kind.REGISTRY: ("[[", "]]"),
    Kind.HANDLER: ("[", "]"),
}
_BOX = ("(", ")")
# Fill, line and text are all said, so that a node reads the same on a light page and on a dark one.
_COLOURS = {
    Kind.DATA: "fill:#eef2f6,stroke:#57606a,color:#1f2328",
    Kind.MODEL: "fill:#eef2f6,stroke:#57606a,color:#1f2328",
    Kind.PREPARE: "fill:#e6f7f4,stroke:#0f766e,color:#1f2328",
    Kind.TRAINING: "fill:#f1edfd,stroke:#6d3fd4,color:#1f2328",
    Kind.TUNING: "fill:#f1edfd,stroke:#6d3fd4,color:#1f2328",
    Kind.EVALUATION: "fill:#e8f0fe,stroke:#1d4ed8,color:#1f2328",
    Kind.GATE: "fill:#fef4dd,stroke:#a15c07,color:#1f2328",
    Kind.REGISTRY: "fill:#e7f6ea,stroke:#1a7f37,color:#1f2328",
    Kind.STEP: "fill:#f6f8fa,stroke:#6e7781,color:#1f2328",
    Kind.HANDLER: "fill:#f6f8fa,stroke:#6e7781,color:#1f2328,stroke-dasharray:6 4",
}


def mermaid(picture: Picture) -> str:
    """The text of a Mermaid flowchart."""
    nodes = (*picture.nodes, *picture.handlers)
    ids = {node.key: f"n{number}" for number, node in enumerate(nodes, 1)}
    lines = [
        "flowchart TB",
        f"  accTitle: {_plain(picture.name)}",
        *(f"  {_node(node, ids[node.key])}" for node in picture.nodes),
        *_handlers(picture, ids),
        *_starts(picture, ids),
        *(f"  {_edge(edge, ids)}" for edge in picture.edges),
        *_classes(nodes, ids),
    ]
    return "\n".join(lines) + "\n"


def _node(node: Node, name: str) -> str:
    opening, closing = _SHAPES.get(node.kind, _BOX)
    head = f"<b>{_inert(node.title)}</b>"
    kind = [] if node.kind == node.title else [f"<i>{node.kind}</i>"]
    return f'{name}{opening}"{"<br>".join([head, *kind, *map(_inert, node.lines)])}"{closing}'


def _handlers(picture: Picture, ids: Mapping[str, str]) -> Iterator[str]:
    if picture.handlers:
        yield '  subgraph last["when all else has ended, well or not"]'
        yield from (f"    {_node(node, ids[node.key])}" for node in picture.handlers)
        yield "  end"


def _starts(picture: Picture, ids: Mapping[str, str]) -> Iterator[str]:
    """Triggers point to the steps that wait for nobody."""
    if not picture.starts:
        return
    yield f'  starts(["{"<br>".join(map(_inert, picture.starts))}"])'
    sources = {node.key for node in picture.nodes if node.kind in (Kind.DATA, Kind.MODEL)}
    waiting = {edge.end for edge in picture.edges if edge.start not in sources}
    for node in picture.nodes:
        if node.key not in waiting | sources:
            yield f"  starts -.-> {ids[node.key]}"


def _edge(edge: Edge, ids: Mapping[str, str]) -> str:
    arrow = "-->" if edge.data else "-.->"
    label = f'|"{_inert(edge.label)}"|' if edge.label else ""
    return f"{ids[edge.start]} {arrow}{label} {ids[edge.end]}"


def _classes(nodes: tuple[Node, ...], ids: Mapping[str, str]) -> Iterator[str]:
    for kind in Kind:
        if named := [ids[node.key] for node in nodes if node.kind is kind]:
            word = kind.name.lower()
            yield f"  classDef {word} {_COLOURS[kind]}"
            yield f"  class {','.join(named)} {word}"
    if optional := [ids[node.key] for node in nodes if node.optional]:
        yield "  classDef optional stroke-dasharray:6 4"
        yield f"  class {','.join(optional)} optional"


# What is left as it is steers neither Mermaid nor HTML nor Markdown; a full stop may stand inside a word
# alone, since `1. ` begins a list.
_STEERS = re.compile(r"[^A-Za-z0-9 .,:()/_-]|[_/:.-](?![A-Za-z0-9])|^[-.:/_]|__|//|--")


def _inert(text: str) -> str:
    """The text as one label: whatever could steer is written by its number, which Mermaid shows as itself."""
    return _STEERS.sub(lambda match: "".join(f"#{ord(c)};" for c in match[0]), inert(text))


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9 -]", " ", text)
