"""Fills a template and remembers every value it printed, in the order and at the line it was printed.

Nothing is spelled here: each `{{ value }}` leaves a numbered marker, which parseback.py replaces.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateError, Undefined
from jinja2 import pass_context as _pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from mlopsgen.diagnostics import Diagnostic, Span, SpecError
from mlopsgen.records import dataclass
from mlopsgen.render.precompiled import precompiled, precompiled_name
from mlopsgen.resources import TEMPLATES

FORMATS: Mapping[str, str] = {
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".py": "python",
    ".sh": "shell",
    ".txt": "text",
    ".in": "text",
    ".md": "markdown",
    "Dockerfile": "dockerfile",
    ".dockerignore": "text",
    ".gitignore": "text",
}
"""Which spelling a file gets, by its whole name or its suffix; a file with neither is refused."""

FILTERS = ("items",)
TESTS = ("defined", "none")

_MARKS = "\ue000\ue001"
MARKER = re.compile('"\ue000([0-9]+)\ue001"')


def marker(number: int) -> str:
    """What stands in a filled template until its value is spelled."""
    return f'"\ue000{number}\ue001"'


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a template."""

    template: str
    line: int

    def span(self) -> Span:
        """The same line as findings say it."""
        return Span(self.template, self.line, 1, self.line, 1)


@dataclass(frozen=True, slots=True)
class Print:
    """One value that a template printed, and the compiled line that did it."""

    value: Any
    source: Mapping[str, Any]
    code_line: int

    def place(self) -> Place:
        """The template and line that printed the value."""
        pairs = (pair.split("=") for pair in self.source["debug_info"].split("&") if pair)
        lines = [int(template) for template, code in pairs if int(code) <= self.code_line]
        return Place(str(self.source["name"]), lines[-1] if lines else 1)


@dataclass(frozen=True, slots=True)
class Filled:
    """A template's text with a marker for each printed value."""

    template: str
    text: str
    prints: tuple[Print, ...]

    def place_of_line(self, line: int) -> Place:
        """The template line of the last value printed up to this line of the text, the best guess there is."""
        before = "\n".join(self.text.split("\n")[:line])
        found = MARKER.findall(before)
        return self.prints[int(found[-1])].place() if found else Place(self.template, 1)


def format_of(path: str) -> str:
    """The format of an output file, by its name or suffix."""
    name = PurePosixPath(path)
    known = FORMATS.get(name.name) or FORMATS.get(name.suffix)
    if known is None:
        hint = "known: " + ", ".join(sorted(FORMATS))
        raise SpecError([Diagnostic("MG401", f"nobody knows how to spell values in `{path}`", hint=hint)])
    return known


def fill(template: str, values: Mapping[str, Any], templates: Path | BaseLoader) -> Filled:
    """Run a template once over its values."""
    prints: list[Print] = []
    token = _PRINTS.set(prints)
    try:
        text = _environment(templates).get_template(template).render(values)
    except (TemplateError, TypeError, ValueError, AttributeError) as problem:
        raise SpecError([_broken(template, problem)]) from problem
    finally:
        _PRINTS.reset(token)
    if len(MARKER.findall(text)) != len(prints) or sum(map(text.count, _MARKS)) != 2 * len(prints):
        place = Place(template, 1)
        raise SpecError([Diagnostic("MG405", f"template {template} holds private-use characters", span=place.span())])
    return Filled(template, text, tuple(prints))


_PRINTS: ContextVar[list[Print]] = ContextVar("prints")


# Jinja folds constants at compile time unless finalize wants the context: `{{ "x" }}` would then
# reach the text without a marker, or leave one that belongs to another render.
@_pass_context
def _note(_: Context, value: Any) -> Any:
    if type(value) is Markup:  # what a macro of ours returned: text with markers in it
        return value
    if isinstance(value, Undefined):
        return str(value)  # raises, with the name of what is missing
    frame = sys._getframe(1)  # noqa: SLF001  (the compiled template: it alone knows the line)
    prints = _PRINTS.get()
    prints.append(Print(value, frame.f_globals, frame.f_lineno))
    return Markup(marker(len(prints) - 1))  # noqa: S704  (a number between our own marks)


class _Printing(ImmutableSandboxedEnvironment):
    """Strict: an unknown name is an error, a mapping has keys and no methods, nothing is callable but macros."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`a.b`: the key of a mapping, or the field of a record."""
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def compile(self, source: Any, name: str | None = None, filename: str | None = None, **how: Any) -> Any:  # type: ignore[override]
        """A template as code: the one that came with the package, if it was made from this very text."""
        made = precompiled(source, name) if not how else None
        return made or super().compile(source, name, filename, **how)


@lru_cache(maxsize=8)
def _environment(templates: Path | BaseLoader) -> _Printing:
    own = FileSystemLoader(templates) if isinstance(templates, Path) else templates
    shared = PrefixLoader({"_shared": FileSystemLoader(TEMPLATES / "_shared")})
    made = _Printing(
        loader=ChoiceLoader([own, shared]),
        autoescape=True,
        finalize=_note,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.tests = {name: made.tests[name] for name in TESTS}
    return made


def precompile(templates: Path, out: Path) -> int:
    """Write every template under a folder as Python code, for `precompiled` to find; how many there were."""
    made = _environment(templates)
    out.mkdir(parents=True, exist_ok=True)
    paths = sorted(templates.rglob("*.j2"))
    for path in paths:
        # Loaders know a template by its name in the folder that they look into: a target's, or the shared one.
        name = path.relative_to(templates).as_posix().split("/", 1)[-1]
        source = path.read_text(encoding="utf-8")
        (out / precompiled_name(source, name)).write_text(made.compile(source, name, raw=True), encoding="utf-8")
    return len(paths)


def _broken(template: str, problem: Exception) -> Diagnostic:
    name = getattr(problem, "name", None) or template
    line = getattr(problem, "lineno", None) or _line_of(problem, str(name))
    place = Place(str(name), line)
    return Diagnostic("MG405", f"template {name}, line {line}: {problem}", span=place.span())


def _line_of(problem: Exception, name: str) -> int:
    """Jinja rewrites tracebacks so that template lines are in them."""
    line, step = 1, problem.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.endswith(name) or step.tb_frame.f_globals.get("name") == name:
            line = step.tb_lineno
        step = step.tb_next
    return line
