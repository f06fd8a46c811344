"""Reads a template with Jinja's own parser into a tree of ours (see tree.py), and refuses what computes.

Jinja is imported here alone: a wheel carries its templates as trees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, nodes

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.render.job import format_of
from mlopsgen.render.tree import Body, Expression, Node, TemplateLine


def read_template(text: str, name: str) -> Body:
    """The tree of a template; raises SpecError for what does not parse, and for what computes."""
    try:
        tree = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True).parse(text, name)  # noqa: S701 — nothing is rendered by it
    except TemplateSyntaxError as problem:
        raise SpecError([_broken(name, problem.lineno, str(problem.message))]) from problem
    offences = tree_offences(tree)
    if offences:
        raise SpecError(_broken(name, line, what) for line, what in offences)
    return tuple(_body(tree.body))


def _broken(name: str, line: int, what: str) -> Diagnostic:
    return Diagnostic("MG405", f"template {name}, line {line}: {what}", span=TemplateLine(name, line).span())


def _body(body: Sequence[nodes.Node]) -> Iterator[Node]:
    for node in body:
        match node:
            case nodes.Output():
                yield from map(_printed, node.nodes)
            case nodes.For():
                inner = (tuple(_body(node.body)), tuple(_body(node.else_)))
                yield ("for", node.lineno, _names(node.target), _expression(node.iter), *inner)
            case nodes.If():
                yield _branches(node)
            case nodes.Macro():
                yield ("macro", node.lineno, node.name, tuple(arg.name for arg in node.args), tuple(_body(node.body)))
            case nodes.FromImport(template=nodes.Const(value=file)):
                names = tuple(n if isinstance(n, tuple) else (n, n) for n in node.names)
                yield ("from", node.lineno, file, names)
            case nodes.Include(template=nodes.Const(value=file)):
                yield ("include", node.lineno, file)


def _printed(node: nodes.Expr) -> Node:
    match node:
        case nodes.TemplateData():
            return ("text", node.data)
        case nodes.Call(node=nodes.Name(name=name)):
            return ("call", node.lineno, name, tuple(map(_expression, node.args)))
        case _:
            return ("print", node.lineno, _expression(node))


def _branches(node: nodes.If) -> Node:
    """`elif` is an `if` inside an `else`."""
    otherwise: tuple[Node, ...] = tuple(_body(node.else_))
    for branch in reversed(node.elif_):
        otherwise = (("if", branch.lineno, _expression(branch.test), tuple(_body(branch.body)), otherwise),)
    return ("if", node.lineno, _expression(node.test), tuple(_body(node.body)), otherwise)


def _names(target: nodes.Node) -> tuple[str, ...]:
    if isinstance(target, nodes.Tuple):
        return tuple(item.name for item in target.items if isinstance(item, nodes.Name))
    assert isinstance(target, nodes.Name)
    return (target.name,)


def _expression(node: nodes.Node) -> Expression:
    match node:
        case nodes.Name():
            return ("name", node.name)
        case nodes.Getattr():
            return ("field", _expression(node.node), node.attr)
        case nodes.Not():
            return ("not", _expression(node.node))
        case nodes.Test():  # `defined` and `none`: `tree_offences` lets no other pass
            return (node.name, _expression(node.node))
        case nodes.Filter(node=inner) if inner is not None:  # `items`, the only one
            return ("items", _expression(inner))
    raise AssertionError(f"{type(node).__name__} came past `tree_offences`")


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
    offences = [(node.lineno or 1, what) for node in every if (what := _offence(node, macros))]
    calls = [node for node in tree.find_all(nodes.Call) if id(node) not in printed]
    offences += [(node.lineno, "a macro whose text is not printed as it is") for node in calls]
    return sorted(set(offences))


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
