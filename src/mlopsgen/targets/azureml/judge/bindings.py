"""Reads `${{…}}`: what a text of Azure Machine Learning's YAML refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WHOLE = re.compile(r"\$\{\{\s*(?P<said>[^{}]*?)\s*\}\}")
_OPEN = re.compile(r"\$\{\{|\$\{(?=\s*(?:parent|inputs|outputs|search_space)\b)")
_CLOSED = re.compile(r"\}\}")


@dataclass(frozen=True, slots=True)
class Binding:
    """One reference: its words between the dots, and whether it is all of the text."""

    text: str
    parts: tuple[str, ...]
    whole: bool

    @property
    def root(self) -> str:
        """`parent`, `inputs`, `outputs` or `search_space`."""
        return self.parts[0]

    @property
    def of_step(self) -> tuple[str, str] | None:
        """The step and the output that `parent.jobs.STEP.outputs.OUTPUT` names."""
        if len(self.parts) == 5 and self.parts[:2] == ("parent", "jobs") and self.parts[3] == "outputs":
            return self.parts[2], self.parts[4]
        return None

    @property
    def of_pipeline(self) -> tuple[str, str] | None:
        """`inputs` or `outputs` and the name that `parent.inputs.NAME` says; groups have further words."""
        if len(self.parts) >= 3 and self.parts[0] == "parent" and self.parts[1] in ("inputs", "outputs"):
            return self.parts[1], self.parts[2]
        return None


def bindings(text: str) -> Iterator[Binding]:
    """Every reference in a text, in order."""
    for found in _WHOLE.finditer(text):
        parts = tuple(part.strip() for part in found["said"].split("."))
        yield Binding(found[0], parts, whole=found[0] == text.strip())


def broken(text: str) -> str | None:
    """What is wrong with the braces of a text, None where nothing is."""
    rest = _WHOLE.sub("", text)
    opened = _OPEN.search(rest)
    if opened is not None:
        said = "`${{` has no `}}`" if opened[0] == "${{" else "an expression has two braces: `${{…}}`"
        return f"{said}: `{rest[opened.start() : opened.start() + 40]}`"
    return None
