"""Reads a template with Jinja's own parser into a tree of ours (tree.py says what is in one).

Jinja is imported here and in lint.py alone: a wheel carries its templates as trees (precompiled.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jinja2 import Environment, TemplateSyntaxError, nodes

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.render.lint import tree_offences
from mlopsgen.render.tree import Body, Expression, Node, Place


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
    return Diagnostic("MG405", f"template {name}, line {line}: {what}", span=Place(name, line).span())


def _body(found: Sequence[nodes.Node]) -> Iterator[Node]:
    for node in found:
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
        case nodes.Test():  # `defined` and `none`: lint.py lets no other pass
            return (node.name, _expression(node.node))
        case nodes.Filter(node=inner) if inner is not None:  # `items`, the only one
            return ("items", _expression(inner))
    raise AssertionError(f"{type(node).__name__} came past lint.py")
