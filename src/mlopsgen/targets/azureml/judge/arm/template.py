"""An ARM template as rules see it: its resources, each with the identity that others depend on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlopsgen.targets.azureml.judge.arm.expressions import (
    Call,
    Literal,
    NoExpression,
    Term,
    calls,
    is_expression,
    read_expression,
)
from mlopsgen.targets.documents import Document, Path, dig, maps, walk

DEPLOYMENTS = "Microsoft.Resources/deployments"
DEPTH = 20


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource; of a child, type and name in full."""

    data: Mapping[str, Any]
    path: Path
    type: str
    name: str
    """What its name evaluates to, parameters as `<name>`."""

    @property
    def identity(self) -> str:
        """What `resourceId` of it evaluates to."""
        return f"id({self.type}:{self.name})".lower()

    def where(self, *path: str | int) -> Path:
        """A place in the file."""
        return (*self.path, *path)


class Template:
    """One template: a file, or what a deployment in one deploys with values of its own."""

    def __init__(self, document: Document, values: Mapping[str, str] | None = None) -> None:
        self.document = document
        self.values = values or {}
        """What the parameters of a template inside hold, as far as the file tells."""
        self.data: Mapping[str, Any] = document.data if isinstance(document.data, dict) else {}
        self.resources = tuple(self._resources())

    def section(self, name: str) -> Mapping[str, Any]:
        """`parameters`, `variables` or `outputs`."""
        members = self.data.get(name)
        return members if isinstance(members, dict) else {}

    @property
    def copies(self) -> frozenset[str]:
        """Variables that are made in a loop."""
        return frozenset(str(one.get("name")) for _, one in maps(self.section("variables").get("copy")))

    def of(self, kind: str) -> Iterator[Resource]:
        """Every resource of a type."""
        return (resource for resource in self.resources if resource.type.lower() == kind.lower())

    def _resources(self) -> Iterator[Resource]:
        listed = self.data.get("resources")
        entries: Any = listed.items() if isinstance(listed, dict) else maps(listed)
        for i, data in entries:
            if isinstance(data, dict):
                yield from self._with_children(data, ("resources", i), "", "")

    def _with_children(self, data: Mapping[str, Any], path: Path, type_: str, name: str) -> Iterator[Resource]:
        own_type, own_name = str(data.get("type", "")), self.value(data.get("name"))
        whole = own_type if not type_ or own_type.lower().startswith(type_.lower() + "/") else f"{type_}/{own_type}"
        full = own_name if not name or whole == own_type else f"{name}/{own_name}"
        yield Resource(data, path, whole, full)
        for i, child in maps(data.get("resources")):
            yield from self._with_children(child, (*path, "resources", i), whole, full)

    def value(self, value: Any, depth: int = 0) -> str:
        """What a value evaluates to, as far as a file tells: parameters stay `<name>`."""
        if not isinstance(value, str) or not is_expression(value):
            return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
        try:
            return self.term(read_expression(value), depth)
        except NoExpression:
            return value

    def term(self, term: Term, depth: int = 0) -> str:
        """What a read expression evaluates to."""
        if isinstance(term, Literal):
            return term.value
        if depth > DEPTH:
            return "…"
        args = [self.term(argument, depth + 1) for argument in term.args]
        tail = "".join(f".{word}" for word in term.tail)
        return self._call(term, args, depth) + tail

    def _call(self, call: Call, args: list[str], depth: int) -> str:
        match call.known:
            case "parameters" if len(args) == 1:
                return self.values.get(args[0], f"<{args[0]}>")
            case "variables" if len(args) == 1 and args[0] in self.section("variables"):
                return self.value(self.section("variables")[args[0]], depth + 1)
            case "concat":
                return "".join(args)
            case "format" if args:
                return re.sub(r"\{(\d+)\}", lambda m: dict(enumerate(args[1:])).get(int(m[1]), m[0]), args[0])
            case "resourceid" | "subscriptionresourceid" | "tenantresourceid" | "extensionresourceid":
                at = next((i for i, arg in enumerate(args) if "." in arg.split("/")[0] and "/" in arg), None)
                return f"id({args[at]}:{'/'.join(args[at + 1 :])})".lower() if at is not None else "id()"
        return f"{call.known}({','.join(args)})"

    def expressions(self, below: Any = None, path: Path = ()) -> Iterator[tuple[Path, str, Term | NoExpression]]:
        """Every expression at and below a value, read, or why it cannot be; keys are expressions too."""
        for place, value in walk(self.data if below is None else below, path):
            if "template" in place and self._deploys:
                continue  # a template inside a template has parameters of its own
            texts = [value] if isinstance(value, str) else list(value) if isinstance(value, dict) else []
            for text in texts:
                if is_expression(text):
                    try:
                        yield place, text, read_expression(text)
                    except NoExpression as wrong:
                        yield place, text, wrong

    @cached_property
    def _deploys(self) -> bool:
        return "Microsoft.Resources/deployments" in str(self.data.get("resources"))

    def calls(self, below: Any = None, path: Path = ()) -> Iterator[tuple[Path, str, Call]]:
        """Every function that is called at and below a value."""
        for place, text, term in self.expressions(below, path):
            if not isinstance(term, NoExpression):
                for call in calls(term):
                    yield place, text, call


def templates(documents: Iterable[Document]) -> Iterator[Template]:
    """The templates of these files, and those inside them."""
    for document in documents:
        yield from _with_inner(Template(document))


def _with_inner(t: Template) -> Iterator[Template]:
    yield t
    for r in t.of(DEPLOYMENTS):
        path = (*r.path, "properties", "template")
        properties = dig(r.data, ("properties",))
        scope = dig(properties, ("expressionEvaluationOptions", "scope"))
        # The default is `outer`: then what stands in brackets means the parameters of the template around it.
        if str(scope).lower() == "inner" and isinstance(dig(properties, ("template",)), dict):
            parameters = dig(properties, ("parameters",))
            entries = parameters.items() if isinstance(parameters, dict) else ()
            values = {name: t.value(dig(one, ("value",))) for name, one in entries}
            yield from _with_inner(Template(t.document.below(path), values))


def text_of(call: Call) -> str | None:
    """The one text that a function gets, as in `parameters('name')`."""
    only = call.args[0] if len(call.args) == 1 else None
    return only.value if isinstance(only, Literal) else None
