"""`${var.x}`: what one compile may change, put in place before anything is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Fix
from mlopsgen.nearest import nearest
from mlopsgen.records import dataclass
from mlopsgen.source import Node
from mlopsgen.source.scalars import Doubt, read_scalar
from mlopsgen.spec.model import fields
from mlopsgen.spec.product import Variable
from mlopsgen.spec.shape import Record
from mlopsgen.spec.values import escape

_VARIABLE = re.compile(r"\$\$\{|\$\{var\.([^{}]*)\}")
_UNSET = object()


@dataclass(slots=True)
class Variables:
    """The variables of one compile: the values of `--var`, the declared defaults, and findings about both."""

    values: Mapping[str, str]
    declared: Mapping[str, Any]
    findings: list[Diagnostic] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def check_values(self, root: Node) -> None:
        """A finding for each `--var` that the spec does not declare."""
        section = root.child("variables")
        span = (section.key or section.span) if section else replace(root.span, end_line=root.span.line, end_column=1)
        for name in self.values:
            if name not in self.declared:
                message = f"`--var {name}=…` sets a variable that the spec does not declare"
                self.findings.append(Diagnostic("MG111", message, ("variables",), self._advice(name), span=span))

    def fill(self, root: Node) -> Node:
        """The tree with every variable put in its place; the section itself keeps only those nobody read."""
        if not isinstance(root.value, dict):
            return root
        filled = {key: node if key == "variables" else self._node(node) for key, node in root.value.items()}
        section = filled.get("variables")
        if section and isinstance(section.value, dict):
            filled["variables"] = section.with_value({k: v for k, v in section.value.items() if k not in self.used})
        return root.with_value(filled)

    def _node(self, node: Node) -> Node:
        value = node.value
        if isinstance(value, dict):
            return node.with_value({key: self._node(child) for key, child in value.items()})
        if isinstance(value, list):
            return node.with_value([self._node(child) for child in value])
        if not isinstance(value, str) or "${var." not in value:
            return node
        return self._string(node, value)

    def _string(self, node: Node, text: str) -> Node:
        whole = _VARIABLE.fullmatch(text)
        if whole and whole[1] is not None:
            value = self._value(whole[1], node)
            return node if value is _UNSET else node.with_value(value)
        return node.with_value(_VARIABLE.sub(lambda match: self._inside(match, node), text))

    def _inside(self, match: re.Match[str], node: Node) -> str:
        if match[1] is None:
            return match[0]
        value = self._value(match[1], node)
        return match[0] if value is _UNSET else _spelled(value)

    def _value(self, name: str, node: Node) -> Any:
        if name not in self.declared:
            self._unknown(name, node)
            return _UNSET
        self.used.add(name)
        if name in self.values:
            return _typed(self.values[name])
        default = self.declared[name]
        if default is _UNSET:
            hint = f"give it: `--var {name}=…`, or write a default under `variables`"
            self.findings.append(Diagnostic("MG111", f"variable `{name}` has no value", hint=hint, span=node.span))
        return default

    def _unknown(self, name: str, node: Node) -> None:
        near = nearest(name, self.declared)
        fix = (
            Fix(node.raw.replace(f"${{var.{name}}}", f"${{var.{near}}}"), span=node.span) if near and node.raw else None
        )
        message = f"the spec declares no variable `{name}`"
        self.findings.append(Diagnostic("MG111", message, hint=self._advice(name), fix=fix, span=node.span))

    def _advice(self, name: str) -> str:
        if near := nearest(name, self.declared):
            return f"did you mean `{near}`?"
        return f"declare it: `variables: {{{name}: {{default: …}}}}`"


def declared_variables(root: Node) -> dict[str, Any]:
    """Every declared variable and its default."""
    section = root.child("variables")
    if section is None or not isinstance(section.value, dict):
        return {}
    return {name: _default(node) for name, node in section.value.items()}


def misspelt_declarations(root: Node) -> Iterator[Diagnostic]:
    """A finding for each unknown key of a declaration: without it, its variable would seem to have no value."""
    section = root.child("variables")
    declared = section.value if section and isinstance(section.value, dict) else {}
    for name, node in declared.items():
        written = node.value if isinstance(node.value, dict) else {}
        for key, child in written.items():
            if key not in fields(Variable):
                from mlopsgen.spec.unknown_fields import unknown_field

                finding = unknown_field(key, ("variables", name, key), Record(Variable), written)
                yield replace(finding, span=child.key, fix=finding.fix and replace(finding.fix, span=child.key))


def _default(node: Node) -> Any:
    default = node.child("default")
    if default is None or isinstance(default.value, dict | list):
        return _UNSET
    return default.value


def _typed(text: str) -> Any:
    """The value of a `--var`: as YAML would read it, and text where YAML is in doubt; never a placeholder."""
    value = read_scalar(text)
    if isinstance(value, Doubt):
        return text
    return escape(value) if isinstance(value, str) else value


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
