"""Every code that a finding of mlopsgen can have, with what it means; feeds `mlopsgen explain` and docs/codes.md.

A code is never used again for something else. Third-party targets bring their own, with a prefix of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from mlopsgen.records import dataclass

__all__ = ["CODES", "Code", "docs_page"]


@dataclass(frozen=True, slots=True)
class Code:
    """A finding's code, its title, and an explanation: what it means, why it is so, what to do, an example.

    The explanation is Markdown. Its example is indented by four spaces: a line `# wrong`, what is wrong, a line
    `# right`, what is right; `$` stands before a command.
    """

    code: str
    title: str
    explanation: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "explanation", cleandoc(self.explanation))


if TYPE_CHECKING:
    CODES: Mapping[str, Code]


def __getattr__(name: str) -> Any:
    """CODES when somebody asks: a compile without findings reads none of their explanations."""
    if name != "CODES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mlopsgen.codes.registry import CODES

    return CODES


_CHAPTERS = {
    "MG1": "The spec",
    "MG2": "The plan",
    "MG3": "Targets",
    "MG4": "Bundles and judges",
    "MG6": "Running",
}

_PREFACE = """\
# Codes of findings

Every finding has a code, which never changes its meaning. `mlopsgen explain CODE` prints the same text as this page;
`--allow CODE` lets a finding of a target pass. This page is generated:
`python -m mlopsgen.codes > docs/codes.md`.
"""


def docs_page(codes: Iterable[Code]) -> str:
    """The page docs/codes.md: each code with its title and explanation, by chapter."""
    lines = [_PREFACE]
    chapter = ""
    for code in sorted(codes, key=lambda c: c.code):
        if code.code[:3] != chapter:
            chapter = code.code[:3]
            lines.append(f"## {_CHAPTERS.get(chapter, chapter)}\n")
        lines.append(f"### {code.code}: {code.title}\n\n{code.explanation}\n")
    return "\n".join(lines)
