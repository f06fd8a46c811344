"""Every code that a finding of mlopsgen can have, with what it means; feeds `mlopsgen explain` and docs/codes.md.

A code is never used again for something else. Third-party targets bring their own, with a prefix of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mlopsgen.codes.bundle import BUNDLE
from mlopsgen.codes.entry import Code
from mlopsgen.codes.judging import JUDGING
from mlopsgen.codes.language import LANGUAGE
from mlopsgen.codes.locking import LOCKING
from mlopsgen.codes.meaning import MEANING
from mlopsgen.codes.plan import PLAN
from mlopsgen.codes.running import RUNNING
from mlopsgen.codes.target import TARGET
from mlopsgen.codes.text import TEXT

__all__ = ["CODES", "Code", "docs_page"]

_ALL = (*TEXT, *LANGUAGE, *MEANING, *LOCKING, *PLAN, *TARGET, *BUNDLE, *JUDGING, *RUNNING)

CODES: Mapping[str, Code] = MappingProxyType({c.code: c for c in sorted(_ALL, key=lambda c: c.code)})

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
