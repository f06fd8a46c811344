"""A template once it is read: text, prints, loops, branches and macros, and nothing that computes.

Plain tuples, so that a wheel carries them as constants that Python itself has compiled: then compiling a spec
imports no Jinja (precompiled.py).

    ("text", words)                                what stands there
    ("print", line, expression)                    {{ a.b }}
    ("call", line, macro, expressions)             {{ macro(a.b) }}
    ("for", line, names, expression, body, else)   {% for a, b in … %}
    ("if", line, expression, body, else)           {% if … %}
    ("macro", line, name, names, body)             {% macro name(a, b) %}
    ("from", line, template, pairs of names)       {% from "x.j2" import a as b %}
    ("include", line, template)                    {% include "x.j2" %}

An expression is ("name", a), ("field", expression, b), ("not", …), ("defined", …), ("none", …) or ("items", …).
"""

from __future__ import annotations

from typing import Any, TypeAlias

from mlopsgen.diagnostics import Span
from mlopsgen.records import dataclass

Node: TypeAlias = tuple[Any, ...]
Body: TypeAlias = tuple[Node, ...]
Expression: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A line of a template."""

    template: str
    line: int

    def span(self) -> Span:
        """The same line as findings say it."""
        return Span(self.template, self.line, 1, self.line, 1)
