"""Python files out of filled templates: values as literals, `Identifier`s as bare names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import SpecError
from mlopsgen.render.encode import python_text
from mlopsgen.render.fill import MARKER, Filled, marker
from mlopsgen.render.proof import finding, not_whole, plain_values, same, unparsable
from mlopsgen.render.tokens import Identifier

_NAME = "mlopsgen_printed_{}_here"


def python_file(filled: Filled) -> str:
    """The text of a Python file, each value proved to be one whole literal or name of it."""
    values = [
        p.value if isinstance(p.value, Identifier) else v
        for p, v in zip(filled.prints, plain_values(filled), strict=True)
    ]
    skeleton = _parsed(filled, MARKER.sub(lambda m: _standing_in(int(m[1]), values), filled.text))
    text = MARKER.sub(lambda m: _spelled(m, values[int(m[1])]), filled.text)
    comparison = _Comparison(values)
    comparison.compare(skeleton, _parsed(filled, text))
    findings = [not_whole(p) for n, p in enumerate(filled.prints) if comparison.seen.count(n) != 1]
    findings += [
        finding("MG404", p.place(), "the value does not read back")
        for n, p in enumerate(filled.prints)
        if n in comparison.wrong
    ]
    if not findings and comparison.moved:
        findings = [finding("MG404", filled.place_of_line(1), "the values change what the code around them says")]
    if findings:
        raise SpecError(findings)
    return text


def _parsed(filled: Filled, text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as problem:
        line = getattr(problem, "lineno", None) or 1
        raise unparsable(filled, line, str(getattr(problem, "msg", problem))) from problem


def _standing_in(number: int, values: list[Any]) -> str:
    return _NAME.format(number) if isinstance(values[number], Identifier) else marker(number)


def _spelled(match: re.Match[str], value: Any) -> str:
    if isinstance(value, Identifier):
        return str(value)
    line = match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()]
    return python_text(value, len(line) - len(line.lstrip(" ")))


class _Comparison:
    """Walks two trees side by side; where one has a marker, the other must have the value."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values
        names = {n: _NAME.format(n) if isinstance(v, Identifier) else marker(n)[1:-1] for n, v in enumerate(values)}
        self.numbers = {text: n for n, text in names.items()}
        self.seen: list[int] = []
        self.wrong: set[int] = set()
        self.moved = False

    def compare(self, skeleton: Any, real: Any) -> None:
        """Compare two nodes, lists or plain fields."""
        number = self._number(skeleton)
        if number is not None:
            self._met(number, real)
        elif isinstance(skeleton, ast.Constant):
            # Not its fields: a bare name printed between quotes would look like a name.
            self.moved |= ast.dump(skeleton) != (ast.dump(real) if isinstance(real, ast.AST) else None)
        elif isinstance(skeleton, ast.AST):
            self.moved |= type(skeleton) is not type(real)
            for name in skeleton._fields:
                self.compare(getattr(skeleton, name, None), getattr(real, name, None))
        elif isinstance(skeleton, list):
            self.moved |= not isinstance(real, list) or len(skeleton) != len(real)
            for a, b in _pairs(skeleton, real):
                self.compare(a, b)
        else:
            self.moved |= type(skeleton) is not type(real) or skeleton != real

    def _number(self, node: Any) -> int | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            number = self.numbers.get(node.value)
            return None if number is None or isinstance(self.values[number], Identifier) else number
        number = self.numbers.get(node) if isinstance(node, str) else None
        return number if number is not None and isinstance(self.values[number], Identifier) else None

    def _met(self, number: int, real: Any) -> None:
        self.seen.append(number)
        value = self.values[number]
        if isinstance(value, Identifier):
            good = real == str(value)
        else:
            good = isinstance(real, ast.AST) and same(_literal(real), value)
        if not good:
            self.wrong.add(number)


def _pairs(a: list[Any], b: Any) -> Iterator[tuple[Any, Any]]:
    yield from zip(a, b if isinstance(b, list) else [], strict=False)


def _literal(node: ast.AST) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return node
