"""A template once it is read: text, prints, loops, branches and macros, and nothing that computes.

Plain tuples, so that a wheel carries them as constants that Python itself has compiled: then compiling a spec
imports no Jinja. They are found by the digest of a template's text, so a stale one is never taken, and only in the
package's own folder: code from a folder that others can write would be theirs to run.

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

import hashlib
from functools import lru_cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any, TypeAlias

from mlopsgen.diagnostics import Span
from mlopsgen.records import dataclass
from mlopsgen.resources import PRECOMPILED

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


_FORMAT = 1
"""Changes when trees do."""


@lru_cache(maxsize=64)
def template_tree(text: str, name: str) -> Body:
    """The tree of a template: the one that came with the package if it was made from this very text."""
    path = PRECOMPILED / _file_name(text)
    if not path.is_file():
        from mlopsgen.render.reading import read_template

        return read_template(text, name)
    # Python's own loader keeps the compiled form beside the file, where pip puts it too.
    code: Any = SourceFileLoader(path.stem, str(path)).get_code(path.stem)
    module: dict[str, Body] = {}
    exec(code, module)  # noqa: S102 — a module of our own package
    return module["TREE"]


def precompile(templates: Path, out: Path) -> int:
    """Writes the tree of every template under a folder; how many there were."""
    from mlopsgen.render.reading import read_template

    out.mkdir(parents=True, exist_ok=True)
    paths = sorted(templates.rglob("*.j2"))
    for path in paths:
        text = path.read_text(encoding="utf-8")
        tree = read_template(text, path.relative_to(templates).as_posix())
        (out / _file_name(text)).write_text(f"TREE = {tree!r}\n", encoding="utf-8")
    return len(paths)


def _file_name(text: str) -> str:
    digest = hashlib.sha256(f"{_FORMAT}\0{text}".encode()).hexdigest()
    return f"t_{digest[:32]}.py"
