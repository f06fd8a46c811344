"""Rules for what a template refers to: functions, parameters, variables, resources, in an order that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.nearest import nearest
from mlopsgen.targets.azureml.judge.arm.expressions import FUNCTIONS, Call, Literal, NoExpression
from mlopsgen.targets.azureml.judge.arm.template import Resource, Template, text_of
from mlopsgen.targets.documents import Path, dig, walk
from mlopsgen.targets.rules import rule

_EXPRESSIONS = "Azure Resource Manager documentation, ARM template functions"
_ORDER = "Azure Resource Manager documentation, define the order for deploying resources"
_OTHER_LANGUAGES = re.compile(r"\$\{(?:var|local|data|module|self)\.|\$\{\{|\{\{\s*[\w.]+\s*\}\}")
_LOOKUPS = {"parameters": "parameter", "variables": "variable"}


@rule("arm-expressions", _EXPRESSIONS)
def expressions(t: Template) -> Iterator[Diagnostic]:
    """What stands in brackets can be read, and calls functions that there are."""
    own = {
        f"{space.get('namespace')}.{name}".lower()
        for space in t.data.get("functions") or ()
        if isinstance(space, dict)
        for name in space.get("members") or ()
    }
    for path, text, term in t.expressions():
        if isinstance(term, NoExpression):
            yield t.document.finding("MG439", f"`{text[:80]}`: {term}", path)
    for path, _, call in t.calls():
        if call.known not in FUNCTIONS and not re.fullmatch(r"list\w*", call.known) and call.known not in own:
            near = nearest(call.name, FUNCTIONS)
            hint = f"did you mean `{near}`?" if near else None
            yield t.document.finding("MG439", f"there is no function `{call.name}`", path, hint)


@rule("arm-brackets", _EXPRESSIONS + ": an expression starts with [ and ends with ]")
def brackets(t: Template) -> Iterator[Diagnostic]:
    """A text that begins like an expression ends like one, and is none of another language."""
    for path, value in walk(t.data):
        if not isinstance(value, str):
            continue
        if re.match(r"\[[A-Za-z]\w*\(", value) and not value.endswith("]"):
            yield t.document.finding("MG439", f"`{value[:60]}` does not end with a bracket: it stays text", path)
        elif _OTHER_LANGUAGES.search(value) and "metadata" not in path and "template" not in path:
            message = f"`{value[:60]}` is an expression of another language: it stays text here"
            yield t.document.finding("MG439", message, path)


@rule("arm-lookups", _EXPRESSIONS)
def lookups(t: Template) -> Iterator[Diagnostic]:
    """Every parameter and variable that is read is there, and every one that is there is read."""
    read: set[tuple[str, str]] = set()
    for path, _, call in t.calls():
        name = text_of(call)
        section = call.known
        if section not in _LOOKUPS or name is None or "functions" in path:
            continue
        read.add((section, name.lower()))
        if name.lower() not in {known.lower() for known in (*t.section(section), *t.copies)}:
            near = nearest(name, t.section(section))
            hint = f"did you mean `{near}`?" if near else None
            yield t.document.finding("MG434", f"there is no {_LOOKUPS[section]} `{name}`", path, hint)
    dynamic = {call.known for _, _, call in t.calls() if call.known in _LOOKUPS and text_of(call) is None}
    for section, what in _LOOKUPS.items():
        for name in t.section(section):
            if (section, name.lower()) not in read and section not in dynamic and name != "copy":
                message = f"nobody reads the {what} `{name}`"
                yield t.document.finding("MG434", message, (section, name), severity=Severity.WARNING)


@rule("arm-variables", _EXPRESSIONS + ": reference and list* cannot be used in variables")
def variables(t: Template) -> Iterator[Diagnostic]:
    """A variable reads nothing that is only known later, and not itself."""
    for path, _, call in t.calls(t.section("variables"), ("variables",)):
        if call.known == "reference" or call.known.startswith("list"):
            yield t.document.finding("MG439", f"`{call.name}` cannot stand in a variable", path)
    read = {
        name: {text_of(c) or "" for _, _, c in t.calls(value, ("variables", name)) if c.known == "variables"}
        for name, value in t.section("variables").items()
    }
    yield from _rings(t, read, lambda name: ("variables", name), "variable")


@rule("resource-ids", _EXPRESSIONS + ": resourceId takes a name for each part of the type behind the provider")
def resource_ids(t: Template) -> Iterator[Diagnostic]:
    """ResourceId gets as many names as its type has parts."""
    for path, text, call in t.calls():
        if call.known in ("resourceid", "subscriptionresourceid", "tenantresourceid"):
            at = _type_at(call)
            if at is None:
                continue
            kind = call.args[at]
            named = kind.value if isinstance(kind, Literal) else ""
            parts, names = named.count("/"), len(call.args) - at - 1
            if parts != names:
                message = f"`{text[:80]}`: {named} has {parts} names, not {names}"
                yield t.document.finding("MG433", message, path)


def _type_at(call: Call) -> int | None:
    for i, argument in enumerate(call.args):
        if isinstance(argument, Literal) and re.fullmatch(r"\w+\.[\w.]+(?:/\w+)+", argument.value):
            return i
    return None


@rule("depends-on", _ORDER)
def depends_on(t: Template) -> Iterator[Diagnostic]:
    """What a resource depends on is in the template."""
    known = {resource.identity for resource in t.resources}
    names = {resource.name.lower().rsplit("/", 1)[-1] for resource in t.resources} | {
        resource.name.lower() for resource in t.resources
    }
    copies = {str((resource.data.get("copy") or {}).get("name", "")).lower() for resource in t.resources}
    for resource in t.resources:
        listed = resource.data.get("dependsOn")
        if isinstance(listed, str):
            yield t.document.finding("MG431", "`dependsOn` must be a list", resource.where("dependsOn"))
        for i, entry in enumerate(listed if isinstance(listed, list) else ()):
            value = t.value(entry).lower()
            if "copyindex" in value or "if(" in value:
                continue
            if value not in known and value not in names and value not in copies and _certain(value):
                message = f"`{entry}` depends on nothing of this template"
                yield t.document.finding("MG434", message, resource.where("dependsOn", i))


def _certain(value: str) -> bool:
    """Whether all of a value is known here: an identity or a plain name, not the result of a function."""
    inside = value.removeprefix("id(").removesuffix(")") if value.startswith("id(") else value
    return "(" not in inside


@rule("read-order", _ORDER + ": reference with a resource ID adds no dependency")
def read_order(t: Template) -> Iterator[Diagnostic]:
    """A resource that reads another one by its ID waits for it, and no resource waits for itself."""
    before = _waits(t)
    for resource in t.resources:
        waits, seen = before[resource.identity], set[str]()
        for path, needed in _needs(t, resource):
            if needed in before and needed not in waits and needed != resource.identity and needed not in seen:
                seen.add(needed)
                message = f"this reads {needed}, and `dependsOn` does not name it"
                yield t.document.finding("MG434", message, path)
    direct = {resource.identity: _direct(t, resource) for resource in t.resources}
    places = {resource.identity: resource.path for resource in t.resources}
    yield from _rings(t, direct, lambda name: places[name], "resource")


def _needs(t: Template, resource: Resource) -> Iterator[tuple[Path, str]]:
    for path, _, call in t.calls(resource.data, resource.path):
        if call.known == "reference" and call.args:
            first = call.args[0]
            yield path, t.term(first).lower()
    identity = resource.data.get("identity")
    chosen = identity.get("userAssignedIdentities") if isinstance(identity, dict) else None
    for key in chosen if isinstance(chosen, dict) else ():
        yield resource.where("identity", "userAssignedIdentities", key), t.value(key).lower()


def _direct(t: Template, resource: Resource) -> set[str]:
    listed = resource.data.get("dependsOn")
    return {t.value(entry).lower() for entry in (listed if isinstance(listed, list) else ())}


def _waits(t: Template) -> Mapping[str, set[str]]:
    """Resource → every resource that is made before it."""
    direct = {resource.identity: _direct(t, resource) for resource in t.resources}
    return {name: _reached(direct, name) for name in direct}


def _reached(direct: Mapping[str, set[str]], start: str) -> set[str]:
    reached, waiting = set[str](), list(direct.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(direct.get(name, ()))
    return reached


def _rings(t: Template, direct: Mapping[str, set[str]], place: object, what: str) -> Iterator[Diagnostic]:
    for name in direct:
        if name in _reached(direct, name):
            path = place(name) if callable(place) else ()
            yield t.document.finding("MG435", f"the {what} `{name}` waits for itself", path)


@rule("resources-once", "two resources of one type and name are one")
def once(t: Template) -> Iterator[Diagnostic]:
    """No two resources are the same."""
    seen: set[str] = set()
    for resource in t.resources:
        if resource.identity in seen and "condition" not in resource.data and resource.type and resource.name:
            yield t.document.finding("MG436", f"`{resource.name}` stands twice", resource.where("name"))
        seen.add(resource.identity)


@rule("empty-names", _EXPRESSIONS + ": resourceId with an empty name is refused; a parameter may be empty by default")
def empty_names(t: Template) -> Iterator[Diagnostic]:
    """What is named by a parameter that may be empty is made under a condition."""
    empty = [name for name, one in t.section("parameters").items() if dig(one, ("defaultValue",)) == ""]
    for r in t.resources:
        for key in ("scope", "resourceGroup") if "condition" not in r.data else ():
            read = next((name for name in empty if f"<{name}>" in t.value(r.data.get(key))), None)
            if read:
                message = f"`{read}` is empty by default, and then there is nothing of that name"
                hint = f'`"condition": "[not(empty(parameters(\'{read}\')))]"`'
                yield t.document.finding("MG434", message, r.where(key), hint, severity=Severity.WARNING)
