"""A YAML syntax error in words: what is wrong, at the place a person has to mend."""

from __future__ import annotations

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.source.layout import Layout, place_of


def explain(error: Exception, layout: Layout) -> Diagnostic:
    """The finding for a text that the parser gave up on."""
    line, column = place_of(getattr(error, "problem_mark", None))
    return Diagnostic("MG101", str(getattr(error, "problem", error)), span=layout.point(line, column))
