"""The colours of a picture, on a light page and on a dark one."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.graph.picture import Kind
from mlopsgen.records import dataclass

FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI','Noto Sans',Helvetica,Arial,sans-serif"


@dataclass(frozen=True, slots=True)
class _Page:
    """What every element looks like on one kind of page; a kind has its box's colour and its line's."""

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
