"""The tree as plain data, with every `${…}` turned into the value it stands for, and pasted credentials found."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import field
from typing import Any

from mlopsgen.credentials import SecretFormat, find_credential
from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.records import dataclass
from mlopsgen.source import Node
from mlopsgen.spec.values import Placeholder, Text, UnknownPlaceholder, parse_text, refs

WHERE_PARAMETERS_STAND = (
    "it may stand in step params, gates, `when`, URIs of sources and of batch input and output, "
    "`trials`, `parallel`, `nodes`, `machines` and `approval`"
)
PARAMETER = re.compile(r"[a-z][a-z0-9_]*")
WHERE_FACTS_STAND = "it may stand in step params and in URIs"


@dataclass(slots=True)
class Filler:
    """Turns nodes into plain data; findings gather in `findings`."""

    parameters: Collection[str]
    credentials: tuple[SecretFormat, ...]
    """The kinds that the tree may hold at all, which `suspects` tells."""
    findings: list[Diagnostic] = field(default_factory=list)

    def fill(self, node: Node, spec_path: SpecPath = ()) -> Any:
        """The plain data of a node, placeholders as values."""
        value = node.value
        if isinstance(value, dict):
            return {self._key(key, spec_path): self.fill(child, (*spec_path, key)) for key, child in value.items()}
        if isinstance(value, list):
            return [self.fill(child, (*spec_path, index)) for index, child in enumerate(value)]
        if isinstance(value, str):
            return self._string(value, node, spec_path)
        return value

    def _key(self, key: str, spec_path: SpecPath) -> str:
        if kind := find_credential(key, self.credentials):
            self.findings.append(_pasted(kind, (*spec_path, key), On.KEY))
        return key

    def _string(self, text: str, node: Node, spec_path: SpecPath) -> str | Placeholder:
        if kind := find_credential(text, self.credentials):
            self.findings.append(_pasted(kind, spec_path, On.VALUE))
            return text
        try:
            value = parse_text(text)
        except UnknownPlaceholder as error:
            self.findings.append(_unknown(error.written, node, spec_path))
            return text
        self.findings.extend(self._undeclared(value, node, spec_path))
        if (
            not isinstance(value, str)
            and spec_path[:1] == ("targets",)
            and spec_path[2:3] in (("steps",), ("patches",))
        ):
            self.findings.append(not_here(value, spec_path))
        return value

    def _undeclared(self, value: str | Placeholder, node: Node, spec_path: SpecPath) -> list[Diagnostic]:
        findings = []
        for ref in refs(value):
            if ref.name in self.parameters:
                continue
            # One whose own name is wrong is said there.
            near = nearest(ref.name, [name for name in self.parameters if PARAMETER.fullmatch(name)])
            if near is None and any(nearest(ref.name, [name]) == name for name in self.parameters):
                continue
            hint = f"did you mean `{near}`?" if near else f"declare it: `parameters: {{{ref.name}: {{type: …}}}}`"
            fix = (
                Fix(node.raw.replace(f"parameters.{ref.name}}}", f"parameters.{near}}}")) if near and node.raw else None
            )
            findings.append(Diagnostic("MG113", f"the spec declares no parameter `{ref.name}`", spec_path, hint, fix))
        return findings


def not_here(value: Placeholder, spec_path: SpecPath) -> Diagnostic:
    """A placeholder where the language has none."""
    parameters = refs(value)
    hint = WHERE_PARAMETERS_STAND if parameters else WHERE_FACTS_STAND
    what = (
        f"`{parameters[0]}`, which a run may change," if parameters else f"`{_fact(value)}`, which only the run knows,"
    )
    return Diagnostic("MG112", f"{what} cannot stand here", spec_path, hint)


def _fact(value: Placeholder) -> str:
    parts = value.parts if isinstance(value, Text) else (value,)
    return next(str(part) for part in parts if not isinstance(part, str))


def _unknown(written: str, node: Node, spec_path: SpecPath) -> Diagnostic:
    literal = Fix(node.raw.replace(written, f"${written}")) if node.raw else None
    if not written.endswith("}"):
        hint = "a placeholder is `${parameters.<name>}`; a literal `${` is written `$${`"
        return Diagnostic("MG113", "a `${` without its `}`", spec_path, hint, literal)
    inner = written[2:-1]
    if inner.startswith("var."):
        return Diagnostic(
            "MG112", f"`{written}` cannot stand here", spec_path, "a variable's default is a value of its own"
        )
    if inner.startswith("run."):
        return Diagnostic(
            "MG113", f"a run knows no `{inner}`", spec_path, "there are `${run.id}` and `${run.scheduled_at}`"
        )
    if inner.startswith("parameters."):
        hint = "a parameter's name has small letters, digits and underscores"
        return Diagnostic("MG113", f"`{written}` is no parameter's name", spec_path, hint)
    hint = (
        f"write `${written}` for the literal text; placeholders are `${{parameters.…}}`, `${{var.…}}` and `${{run.id}}`"
    )
    return Diagnostic("MG113", f"`{written}` means nothing in a spec", spec_path, hint, literal)


def _pasted(kind: str, spec_path: SpecPath, on: On) -> Diagnostic:
    hint = "revoke it, keep the new one in the target's secret store, and name it here: `secrets: {ENV: <name>}`"
    return Diagnostic("MG115", f"this looks like {kind}; a spec holds no secrets", spec_path, hint, on=on)
