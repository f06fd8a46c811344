"""Templates print, loop and branch: anything else in one is an offence, named with its line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, nodes

from mlopsgen.diagnostics import SpecError
from mlopsgen.render.formats import format_of

FILTERS = ("items",)
TESTS = ("defined", "none")

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.For,
    nodes.If,
    nodes.Not,
    nodes.Test,
    nodes.Filter,
    nodes.Tuple,  # the `key, value` of a loop over `map|items`
    nodes.Macro,
    nodes.FromImport,
    nodes.Include,
)


def offences(text: str) -> list[tuple[int, str]]:
    """Every node of a template that computes, by line."""
    try:
        tree = Environment(autoescape=True).parse(text)
    except TemplateSyntaxError as problem:
        return [(problem.lineno, f"does not parse: {problem.message}")]
    return tree_offences(tree)


def tree_offences(tree: nodes.Template) -> list[tuple[int, str]]:
    """The same, of a template that has been parsed."""
    macros = _macros(tree)
    printed = {id(part) for output in tree.find_all(nodes.Output) for part in output.nodes}
    files = {id(n.template) for n in tree.find_all(nodes.Node) if isinstance(n, nodes.FromImport | nodes.Include)}
    every = [node for node in tree.find_all(nodes.Node) if id(node) not in files]
    found = [(node.lineno or 1, what) for node in every if (what := _offence(node, macros))]
    calls = [node for node in tree.find_all(nodes.Call) if id(node) not in printed]
    found += [(node.lineno, "a macro whose text is not printed as it is") for node in calls]
    return sorted(set(found))


def template_offences(folder: Path) -> Iterator[str]:
    """Every offence of every template under a folder, as `file:line: what`."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            continue
        name = path.relative_to(folder).as_posix()
        if path.suffix != ".j2":
            yield f"{name}:1: is no template: its name does not end in .j2"
            continue
        try:
            format_of(name.removesuffix(".j2"))
        except SpecError as problem:
            yield f"{name}:1: {problem}"
        for line, what in offences(path.read_text(encoding="utf-8")):
            yield f"{name}:{line}: {what}"


def _macros(tree: nodes.Template) -> set[str]:
    imported = {n if isinstance(n, str) else n[1] for f in tree.find_all(nodes.FromImport) for n in f.names}
    return imported | {macro.name for macro in tree.find_all(nodes.Macro)}


def _offence(node: nodes.Node, macros: set[str]) -> str | None:
    match node:
        case nodes.Call():
            return _called(node, macros)
        case nodes.Filter(name=name) if name not in FILTERS:
            return f"filter `{name}`"
        case nodes.Test(name=name) if name not in TESTS:
            return f"test `is {name}`"
        case nodes.For() if node.test is not None or node.recursive:
            return "a loop with a condition or recursion"
        case nodes.FromImport() | nodes.Include():
            return _brought(node)
        case nodes.Macro() if node.defaults:
            return "a macro with a default value"
        case nodes.Const():
            return "a constant: write it into the template's text"
        case _ if not isinstance(node, _ALLOWED):
            return type(node).__name__
    return None


def _called(node: nodes.Call, macros: set[str]) -> str | None:
    if not (isinstance(node.node, nodes.Name) and node.node.name in macros):
        return "a call of something that is no macro"
    if any(not isinstance(a, nodes.Name | nodes.Getattr) for a in node.args) or node.kwargs or node.dyn_args:
        return "a macro called with anything but plain values"
    return None


def _brought(node: nodes.FromImport | nodes.Include) -> str | None:
    return None if isinstance(node.template, nodes.Const) else "an import whose file is computed"
