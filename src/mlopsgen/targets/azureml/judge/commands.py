"""Rules for components: what the command reads and writes, and what its inputs allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.nearest import nearest
from mlopsgen.targets.azureml.judge.pipeline import Binding, a_map, bindings, broken
from mlopsgen.targets.azureml.judge.shapes import SIMPLE, as_number, fits, outside
from mlopsgen.targets.documents import Document, walk
from mlopsgen.targets.rules import rule

_COMMANDS = "Azure ML documentation, command component YAML schema: command, ${{inputs.x}}, $[[…]] around optional ones"
_INPUTS = "Azure ML documentation, command component YAML schema: inputs"
_OPTIONAL = re.compile(r"\$\[\[(?P<inside>.*?)\]\]", re.DOTALL)


@rule("command-braces", _COMMANDS)
def command_braces(d: Document) -> Iterator[Diagnostic]:
    """Braces and brackets of a command close; expressions stand nowhere else in a component."""
    for path, value in walk(d.data):
        if not isinstance(value, str):
            continue
        wrong = broken(value)
        if wrong is not None:
            yield d.finding("MG439", wrong, path)
        elif path == ("command",) and "$[[" in _OPTIONAL.sub("", value):
            yield d.finding("MG439", "`$[[` has no `]]`", path)
        elif path not in (("command",), ("code",)) and path[:1] not in (("resources",), ("distribution",)):
            for binding in bindings(value):
                yield d.finding("MG439", f"`{binding.text}` is not read here: expressions stand in `command`", path)


@rule("command-references", _COMMANDS)
def command_references(d: Document) -> Iterator[Diagnostic]:
    """The command reads inputs and writes outputs that the component has, and all of them."""
    data = a_map(d.data)
    command = data.get("command")
    if not isinstance(command, str):
        return
    seen: set[tuple[str, str]] = set()
    for binding in bindings(command):
        seen.add((binding.root, binding.parts[1] if len(binding.parts) > 1 else ""))
        wrong = _wrong(data, binding)
        if wrong is not None:
            yield d.finding("MG434", wrong[0], ("command",), wrong[1])
    for section, verb in (("inputs", "read"), ("outputs", "write")):
        for name in a_map(data.get(section)):
            if (section, name) not in seen and broken(command) is None:
                message = f"the command does not {verb} the {section[:-1]} `{name}`"
                yield d.finding("MG434", message, (section, name), severity=Severity.WARNING)


def _wrong(data: Any, binding: Binding) -> tuple[str, str | None] | None:
    if binding.root not in ("inputs", "outputs") or len(binding.parts) < 2:
        return f"`{binding.text}` is nothing that a command knows: inputs.NAME, outputs.NAME", None
    declared = a_map(data.get(binding.root))
    if binding.parts[1] in declared or ".".join(binding.parts[1:]) in declared:
        return None
    near = nearest(binding.parts[1], declared)
    message = f"the component has no {binding.root[:-1]} `{'.'.join(binding.parts[1:])}`"
    return message, f"did you mean `{near}`?" if near else None


@rule("optional-inputs", _COMMANDS)
def optional_inputs(d: Document) -> Iterator[Diagnostic]:
    """An input that may be left out stands in brackets of its own, and only such a one does."""
    data = a_map(d.data)
    command = data.get("command")
    if not isinstance(command, str):
        return
    inside = {b.parts[1] for m in _OPTIONAL.finditer(command) for b in bindings(m["inside"]) if len(b.parts) > 1}
    outer = {b.parts[1] for b in bindings(_OPTIONAL.sub("", command)) if b.root == "inputs" and len(b.parts) > 1}
    for name, entry in a_map(data.get("inputs")).items():
        optional = a_map(entry).get("optional") in (True, "true")
        if optional and name in outer:
            message = f"`{name}` may be left out: write `$[[--{name}=${{{{inputs.{name}}}}}]]`"
            yield d.finding("MG439", message, ("command",))
        elif name in inside and not optional:
            yield d.finding("MG439", f"`{name}` stands in `$[[…]]` and is not `optional`", ("command",))


@rule("inputs", _INPUTS)
def inputs(d: Document) -> Iterator[Diagnostic]:
    """Bounds, words and default of an input agree; no two names differ by capitals alone."""
    seen: dict[str, str] = {}
    for name, entry in a_map(a_map(d.data).get("inputs")).items():
        if name.lower() in seen:
            message = f"`{name}` and `{seen[name.lower()]}` are one name: capitals do not count"
            yield d.finding("MG436", message, ("inputs", name))
        seen[name.lower()] = name
        kind = a_map(entry).get("type")
        if kind in SIMPLE:
            yield from _bounds(d, name, entry, str(kind))


def _bounds(d: Document, name: str, entry: dict[str, Any], kind: str) -> Iterator[Diagnostic]:
    path = ("inputs", name)
    least, most = as_number(entry.get("min")), as_number(entry.get("max"))
    for key in ("min", "max"):
        if key in entry and fits(kind, entry[key]) is not None:
            yield d.finding("MG431", f"`{key}` must be {kind}", (*path, key))
    if least is not None and most is not None and least > most:
        yield d.finding("MG433", f"`min` {least:g} is above `max` {most:g}", (*path, "min"))
    if "default" in entry:
        code = fits(kind, entry["default"])
        if code is not None:
            yield d.finding(code, f"`default` must be {kind}, is `{entry['default']}`", (*path, "default"))
        else:
            for wrong in outside(entry, kind, entry["default"]):
                yield d.finding("MG433", f"`default` {wrong}", (*path, "default"))
