"""Pictures to look at: of the examples, of any size, and with names that want to be more than names."""

from __future__ import annotations

from random import Random

from mlopsgen.compile import CompileRequest, check
from mlopsgen.graph import Picture, picture_of
from mlopsgen.graph.picture import Edge, Kind, Node
from tests.projects import spec_of

PAYLOADS = (
    '"]; click n1 href "javascript:alert(1)"',
    "</text></svg><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "%%{init: {'securityLevel': 'loose'}}%%",
    "a --> b",
    "end",
    "```",
    "#35; &lt;b&gt; &#x3c;",
    "**bold** `code` [link](http://example.com) __init__",
    "1. a list",
    "- another",
    "a\nb\r\nc\td",
    "]]> <!-- --> <![CDATA[ <?xml ?>",
    "\x00\x1b[31m\x7f\u200b\u202e\u2028",
    "\ufffe\uffff\U0001fffe",
    "\u65e5\u672c\u8a9e \U0001f600 \u05e9\u05dc\u05d5\u05dd e\u0301",
    "a_very_long_name_without_any_place_to_break_" * 6,
    "many short words " * 60,
    "",
)
"""What somebody could write where a name, a path or a command stands."""


def example(name: str) -> Picture:
    file = spec_of(name)
    return picture_of(check(CompileRequest(file, file.read_bytes())).plan)


def hostile() -> Picture:
    """Every payload as a name, in a line, on an edge, in the head, and as what starts a run."""
    nodes = tuple(Node(f"n{i}", list(Kind)[i % 9], text, (text, text)) for i, text in enumerate(PAYLOADS))
    edges = tuple(Edge(f"n{i}", f"n{i + 1}", text) for i, text in enumerate(PAYLOADS[1:]))
    handlers = tuple(Node(f"h{i}", Kind.HANDLER, text, (text,)) for i, text in enumerate(PAYLOADS))
    return Picture(" ".join(PAYLOADS), " ".join(PAYLOADS), PAYLOADS, nodes, handlers, edges)


def large(nodes: int, seed: int) -> Picture:
    """Steps of any kind, each reading some of those before it."""
    dice = Random(seed)
    steps = tuple(
        Node(f"n{i}", list(Kind)[i % 9], f"step-{i}", tuple(f"line {n}" for n in range(dice.randrange(5))))
        for i in range(nodes)
    )
    pairs = (
        (start, end)
        for end in range(1, nodes)
        for start in sorted({dice.randrange(max(0, end - 8), end) for _ in range(dice.randrange(1, 4))})
    )
    labels = ("", "table", "model, metrics")
    edges = [Edge(f"n{start}", f"n{end}", dice.choice(labels), dice.random() < 0.8) for start, end in pairs]
    return Picture("large", "", (), steps, (), tuple(edges))
