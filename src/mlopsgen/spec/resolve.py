"""One spec out of base, environment and variables: long form → merge → `${var.x}` → `uses`. Places travel along."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecError, SpecPath, errors
from mlopsgen.nearest import nearest
from mlopsgen.paths import unsafe
from mlopsgen.source import Node, Source, in_order, plain
from mlopsgen.spec.environments import SUFFIX, checked_suffix, named, unscaled
from mlopsgen.spec.longform import LongForm
from mlopsgen.spec.model import keys_of
from mlopsgen.spec.overlay import drop_nulls, merge
from mlopsgen.spec.product import Spec
from mlopsgen.spec.shape import Record
from mlopsgen.spec.uses import Uses
from mlopsgen.spec.variables import Variables, declared_variables, misspelt_declarations

_WHOLE = Record(Spec)


def resolve(source: Source, env: str | None = None, variables: Mapping[str, str] | None = None) -> Source:
    """The spec for one environment, in the long form, with every variable and `uses` in place."""
    findings: list[Diagnostic] = []
    root = _overlay(source.root, env, findings)
    substitution = Variables(variables or {}, declared_variables(root), findings)
    misspelt = _misspelt(root, "variables") or list(misspelt_declarations(root))
    findings.extend(misspelt)
    if not misspelt:
        substitution.check_values(root)
        root = substitution.fill(root)
    if env is not None:
        root = named(root, env, _declared(source.root).get(env), findings)
    filled = drop_nulls(root, _WHOLE)
    root = Uses(filled, findings).resolve()
    if errors(findings):
        raise SpecError(in_order(findings))
    return replace(source, root=root, findings=tuple(findings))


def environments(source: Source) -> tuple[str, ...]:
    """The environments that a spec declares, in its own order."""
    return tuple(_declared(source.root))


def _declared(root: Node) -> Mapping[str, Node]:
    section = root.child("environments")
    return section.value if section and isinstance(section.value, dict) else {}


def _misspelt(root: Node, section: str) -> list[Diagnostic]:
    """A finding when a section that resolving needs is there under another spelling."""
    written = root.value if isinstance(root.value, dict) else {}
    unknown = [key for key in written if key not in keys_of(Spec) and nearest(key, [section])]
    if section in written or not unknown:
        return []
    key = unknown[0]
    hint, fix = f"did you mean `{section}`?", Fix(section, On.KEY, span=written[key].key)
    return [
        Diagnostic("MG104", f"unknown field `{key}` in a spec", (key,), hint, fix, on=On.KEY, span=written[key].key)
    ]


def _overlay(root: Node, env: str | None, findings: list[Diagnostic]) -> Node:
    """The base in the long form, and over it the environment in its long form."""
    section, declared = root.child("environments"), _declared(root)
    findings.extend(_check(section, declared))
    long = LongForm(findings)
    value = root.value if isinstance(root.value, dict) else {}
    base = long.write(root.with_value({k: v for k, v in value.items() if k != "environments"}), _WHOLE)
    findings.extend(_ci(base, declared))
    if env is None:
        return base
    if env not in declared:
        findings.extend(_misspelt(root, "environments") or [_unknown(env, declared, section or root)])
        return base
    over = declared[env]
    if not isinstance(over.value, dict):
        return base
    part = over.with_value({key: value for key, value in over.value.items() if key != SUFFIX})
    whole = long.write(part, _WHOLE, base, ("environments", env))
    return unscaled(merge(base, whole), whole, env, findings)


def _check(section: Node | None, declared: Mapping[str, Node]) -> list[Diagnostic]:
    """Findings about every environment that the spec declares, whichever one is compiled."""
    if section is not None and section.value is not None and not isinstance(section.value, dict):
        message = "environments are a map from name to what is different there"
        return [Diagnostic("MG106", message, ("environments",), span=section.span)]
    findings = []
    for name, over in declared.items():
        spec_path: SpecPath = ("environments", name)
        if "/" in name or any(unsafe((name,))):
            message = f"`{name}` cannot be the name of an environment: bundles lie in a folder of that name"
            hint = "write a word such as `production`"
            findings.append(Diagnostic("MG106", message, spec_path, hint, on=On.KEY, span=over.key))
        if over.value is not None and not isinstance(over.value, dict):
            message = f"environment `{name}` is a map of what is different there"
            findings.append(Diagnostic("MG106", message, spec_path, span=over.span))
        elif inner := over.child("environments"):
            hint = "write each environment under the one `environments` at the top"
            message = "an environment cannot hold environments"
            findings.append(Diagnostic("MG117", message, (*spec_path, "environments"), hint, span=inner.key))
        findings.extend(checked_suffix(name, over))
    return findings


def _ci(base: Node, declared: Mapping[str, Node]) -> list[Diagnostic]:
    """Environments that `ci` names and nobody declares; the resolved spec has none to compare with."""
    ci = base.child("ci")
    if ci is None or not declared:
        return []
    named = [node for key in ("promote", "approve", "branches") for node in _items(ci.child(key))]
    return [_unknown(str(node.value), declared, node, node) for node in named if node.value not in declared]


def _items(node: Node | None) -> list[Node]:
    value = node.value if node else None
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _unknown(name: str, declared: Mapping[str, Node], near_to: Node, written: Node | None = None) -> Diagnostic:
    near = nearest(name, declared)
    names = ", ".join(f"`{known}`" for known in declared)
    others = f"declared are {names}" if declared else f"it declares none: `environments: {{{name}: {{…}}}}` is one"
    hint = f"did you mean `{near}`?" if near else others
    fix = Fix(near, span=written.span) if near and written else None
    span = written.span if written else near_to.key or replace(near_to.span, end_line=near_to.span.line)
    return Diagnostic("MG114", f"the spec has no environment `{name}`", ("environments",), hint, fix, span=span)


def canonical(source: Source) -> Source:
    """The same spec with the keys of every map sorted; `columns` alone keep theirs, the order of a file's fields."""
    return replace(source, root=_sorted(source.root))


def _sorted(node: Node, key: str = "") -> Node:
    value = node.value
    if isinstance(value, list):
        return node.with_value([_sorted(item) for item in value])
    if not isinstance(value, dict):
        return node
    items = value.items() if key == "columns" else sorted(value.items())
    return node.with_value({name: _sorted(child, name) for name, child in items})


def digest(source: Source) -> str:
    """sha256 over what a spec says, whatever its layout, comments and order of keys."""
    text = json.dumps(plain(canonical(source).root), ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
