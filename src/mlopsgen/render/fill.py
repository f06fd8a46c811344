"""Fills a template and remembers every value it printed, in the order and at the line it was printed.

Nothing is spelled here: each `{{ value }}` leaves a numbered marker, which parseback.py replaces.
Strict: an unknown name is an error, a mapping has keys and no methods, nothing is called but macros.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.records import dataclass
from mlopsgen.render.precompiled import template_tree
from mlopsgen.render.tree import Body, Expression, Node, TemplateLine
from mlopsgen.resources import TEMPLATES

Templates: TypeAlias = Path | Mapping[str, str]
"""A folder of templates, or their texts by name."""

SHARED = "_shared/"
"""How the name of a template that all targets share begins."""

_MARKS = "\ue000\ue001"
MARKER = re.compile('"\ue000([0-9]+)\ue001"')


def marker(number: int) -> str:
    """The text that stands in a filled template until its value is spelled."""
    return f'"\ue000{number}\ue001"'


@dataclass(frozen=True, slots=True)
class Print:
    """One value that a template printed, and where."""

    value: Any
    template: str
    line: int

    def place(self) -> TemplateLine:
        """The template and line that printed the value."""
        return TemplateLine(self.template, self.line)


@dataclass(frozen=True, slots=True)
class Filled:
    """A template's text with a marker for each printed value."""

    template: str
    text: str
    prints: tuple[Print, ...]

    def place_of_line(self, line: int) -> TemplateLine:
        """The template line of the last value printed up to this line of the text, the best guess there is."""
        before = "\n".join(self.text.split("\n")[:line])
        numbers = MARKER.findall(before)
        return self.prints[int(numbers[-1])].place() if numbers else TemplateLine(self.template, 1)


def fill(template: str, values: Mapping[str, Any], templates: Templates) -> Filled:
    """Runs a template once over its values; raises SpecError where it cannot."""
    filling = _Filling(templates)
    filling.include(template, dict(values))
    text = "".join(filling.out)
    if len(MARKER.findall(text)) != len(filling.prints) or sum(map(text.count, _MARKS)) != 2 * len(filling.prints):
        raise SpecError([_broken(TemplateLine(template, 1), "it holds private-use characters")])
    return Filled(template, text, tuple(filling.prints))


_ABSENT = object()


@dataclass(frozen=True, slots=True)
class _Missing:
    """The value of a name that has none: a template may ask whether it is defined, and may not use it."""

    what: str


@dataclass(frozen=True, slots=True)
class _Macro:
    """A macro, and the template and names that it was written beside."""

    template: str
    name: str
    parameters: tuple[str, ...]
    body: Body
    scope: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Loop:
    """The value of `loop` in a loop."""

    index0: int
    length: int

    @property
    def index(self) -> int:
        """The number of the turn, from one."""
        return self.index0 + 1

    @property
    def first(self) -> bool:
        """Whether this is the first turn."""
        return self.index0 == 0

    @property
    def last(self) -> bool:
        """Whether no turn follows."""
        return self.index0 == self.length - 1


class _Filling:
    """One run of a template: what it has written and printed so far, and where it is."""

    def __init__(self, templates: Templates) -> None:
        self.templates = templates
        self.out: list[str] = []
        self.prints: list[Print] = []
        self.template = ""
        self.line = 1

    def include(self, template: str, scope: dict[str, Any]) -> None:
        """Runs a template where the text is now."""
        tree = self._tree(template)
        outer, self.template = self.template, template
        self._run(tree, scope)
        self.template = outer

    def _tree(self, template: str) -> Body:
        text = _text_of(template, self.templates)
        if text is None:
            self.template = self.template or template
            self._stop(f"there is no template `{template}`")
        return template_tree(text, template)

    def _run(self, body: Body, scope: dict[str, Any]) -> None:
        for node in body:
            if node[0] == "text":
                self.out.append(node[1])
            else:
                self.line = node[1]
                _RUN[node[0]](self, node, scope)

    def print(self, node: Node, scope: dict[str, Any]) -> None:
        """`{{ value }}`: a marker now, the value when all is proved."""
        value = self._known(node[2], scope)
        self.out.append(marker(len(self.prints)))
        self.prints.append(Print(value, self.template, node[1]))

    def branch(self, node: Node, scope: dict[str, Any]) -> None:
        """`{% if %}`."""
        _, _, test, body, otherwise = node
        self._run(body if self._known(test, scope) else otherwise, scope)

    def loop(self, node: Node, scope: dict[str, Any]) -> None:
        """`{% for %}`."""
        _, _, names, of, body, otherwise = node
        items = self._items(self._known(of, scope))
        for number, item in enumerate(items):
            own = (item,) if len(names) == 1 else tuple(self._items(item))
            if len(own) != len(names):
                self._stop(f"{len(names)} names for {len(own)} values")
            self._run(body, {**scope, **dict(zip(names, own, strict=True)), "loop": _Loop(number, len(items))})
        if not items:
            self._run(otherwise, scope)

    def _items(self, value: Any) -> list[Any]:
        try:
            return list(value)
        except TypeError as problem:
            self._stop(str(problem))

    def define(self, node: Node, scope: dict[str, Any]) -> None:
        """`{% macro %}`."""
        _, _, name, parameters, body = node
        # The scope itself: macros that come later are seen too.
        scope[name] = _Macro(self.template, name, parameters, body, scope)

    def call(self, node: Node, scope: dict[str, Any]) -> None:
        """`{{ macro(value) }}`: what it prints stands here."""
        _, line, name, arguments = node
        macro = scope.get(name)
        if not isinstance(macro, _Macro):
            self._stop(f"`{name}` is no macro")
        if len(arguments) > len(macro.parameters):
            self._stop(f"macro `{name}` takes {len(macro.parameters)} values, not {len(arguments)}")
        values = {parameter: _Missing(parameter) for parameter in macro.parameters}
        values |= zip(macro.parameters, (self._value(argument, scope) for argument in arguments), strict=False)
        outer, self.template = self.template, macro.template
        self._run(macro.body, {**macro.scope, **values})
        self.template, self.line = outer, line

    def bring(self, node: Node, scope: dict[str, Any]) -> None:
        """`{% from "x.j2" import macro %}`."""
        _, _, template, names = node
        defined: dict[str, Any] = {}
        _Filling(self.templates).include(template, defined)
        for name, known_as in names:
            if name not in defined:
                self._stop(f"there is no macro `{name}` in `{template}`")
            scope[known_as] = defined[name]

    def put(self, node: Node, scope: dict[str, Any]) -> None:
        """`{% include "x.j2" %}`."""
        self.include(node[2], dict(scope))

    def _known(self, of: Expression, scope: dict[str, Any]) -> Any:
        value = self._value(of, scope)
        if isinstance(value, _Missing):
            self._stop(f"{value.what} is undefined")
        return value

    def _value(self, of: Expression, scope: dict[str, Any]) -> Any:
        match of:
            case ("name", name):
                return scope[name] if name in scope else _Missing(f"`{name}`")
            case ("field", inner, name):
                return self._field(self._known(inner, scope), name)
            case ("not", inner):
                return not self._known(inner, scope)
            case ("defined", inner):
                return not isinstance(self._value(inner, scope), _Missing)
            case ("none", inner):
                return self._value(inner, scope) is None
        return self._pairs(self._known(of[1], scope))

    def _field(self, of: Any, name: str) -> Any:
        """`a.b`: the key of a mapping, or the field of a record."""
        if isinstance(of, Mapping):
            value = of.get(name, _ABSENT)
        elif name.startswith("_"):
            self._stop(f"`{name}` is private to {type(of).__name__}")
        else:
            value = self._attribute(of, name)
        return _Missing(f"`{name}` of {type(of).__name__}") if value is _ABSENT else value

    def _attribute(self, of: Any, name: str) -> Any:
        try:
            return getattr(of, name, _ABSENT)
        except (TypeError, ValueError) as problem:  # a property that cannot be had
            self._stop(str(problem))

    def _pairs(self, of: Any) -> list[tuple[Any, Any]]:
        if not isinstance(of, Mapping):
            self._stop(f"only a mapping has items, and this is {type(of).__name__}")
        return list(of.items())

    def _stop(self, what: str) -> NoReturn:
        raise SpecError([_broken(TemplateLine(self.template, self.line), what)])


_RUN: Mapping[str, Callable[[_Filling, Node, dict[str, Any]], None]] = {
    "print": _Filling.print,
    "if": _Filling.branch,
    "for": _Filling.loop,
    "macro": _Filling.define,
    "call": _Filling.call,
    "from": _Filling.bring,
    "include": _Filling.put,
}


def _text_of(template: str, templates: Templates) -> str | None:
    """A template's text: a target's own, else one that all targets share."""
    if isinstance(templates, Mapping):
        return templates.get(template)
    for folder in (templates, TEMPLATES) if template.startswith(SHARED) else (templates,):
        path = folder / template
        if ".." not in path.parts and path.is_file():
            return path.read_text(encoding="utf-8")
    return None


def _broken(place: TemplateLine, what: str) -> Diagnostic:
    return Diagnostic("MG405", f"template {place.template}, line {place.line}: {what}", span=place.span())
