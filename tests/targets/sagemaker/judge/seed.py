"""A SageMaker bundle in memory, to be broken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from tests.targets.judging import seeded
from tests.targets.judging.faults import Absent, Doc, Fault, Faults, at, drop, put, rename
from tests.targets.judging.seeded import a_map

__all__ = ["Absent", "Doc", "Fault", "Faults", "Seeded", "at", "drop", "put", "rename"]


class Loader(seeded.Loader):
    """Reads a template; short tags (!Ref) become their long form."""


def _long_form(loader: Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        value = value.split(".", 1) if suffix == "GetAtt" else value
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", _long_form)


class Seeded(seeded.Seeded):
    """The definition and the templates by what stands in them."""

    loader = Loader

    @property
    def definition(self) -> Doc:
        return a_map(self.files.get("pipeline.json"))

    @property
    def template(self) -> Doc:
        return a_map(self.files.get("stack.yaml"))

    def steps(self, kind: str | None = None) -> list[Doc]:
        found = [s for s in _walk_steps(self.definition.get("Steps", [])) if kind in (None, s.get("Type"))]
        if not found:
            raise Absent(kind)
        return found

    def arguments(self, kind: str, *path: str | int) -> Any:
        """The first step of this type that has such a place in its arguments."""
        for step in self.steps(kind):
            try:
                return at(step["Arguments"], *path)
            except Absent:
                continue
        raise Absent(kind, path)

    def resource(self, kind: str, *path: str | int) -> Any:
        """The first resource of this type, in any template, that has such a place."""
        for template in (v for k, v in self.files.items() if k.endswith((".yaml", ".yml"))):
            for resource in template.get("Resources", {}).values():
                try:
                    if resource.get("Type") == kind:
                        return at(resource, *path)
                except Absent:
                    continue
        raise Absent(kind, path)

    def expressions(self, key: str) -> list[Doc]:
        """Every `{key: …}` object of the definition, in order."""
        found = [n for n in _walk(self.definition) if isinstance(n, dict) and list(n) == [key]]
        if not found:
            raise Absent(key)
        return found

    def get(self, starts: str) -> Doc:
        """The first reference that starts so."""
        for found in self.expressions("Get"):
            if isinstance(found["Get"], str) and found["Get"].startswith(starts):
                return found
        raise Absent(starts)

    def parameter(self, kind: str) -> Doc:
        for found in self.definition.get("Parameters", []):
            if found.get("Type", "String") == kind:
                return a_map(found)
        raise Absent(kind)


def _walk(node: Any) -> Iterator[Any]:
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _walk(child)


def _walk_steps(steps: list[Doc]) -> Iterator[Doc]:
    for step in steps:
        yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from _walk_steps(step.get("Arguments", {}).get(branch, []))
