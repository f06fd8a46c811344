"""How a fault is written down: a small function that breaks one thing in a parsed bundle.

The lists (faults_*.py) were fixed before any judge was written; a fault may be added, never
taken away because it is hard to catch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.targets.breaking import Absent, Doc, Fault, Faults, at, drop, put, rename

__all__ = ["Absent", "Doc", "Fault", "Faults", "Seeded", "at", "drop", "put", "rename"]


class Loader(yaml.SafeLoader):
    """Reads a template; short tags (!Ref) become their long form, dates stay text."""


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


def _as_text(loader: Loader, node: yaml.ScalarNode) -> Any:
    return loader.construct_scalar(node)


Loader.add_multi_constructor("!", _long_form)
Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_text)


@dataclass
class Seeded:
    """A bundle in memory: parsed JSON and YAML, other files as text."""

    files: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Seeded:
        found = {}
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            found[path.relative_to(folder).as_posix()] = _parse(path)
        return cls(found)

    def copy(self) -> Seeded:
        return Seeded(deepcopy(self.files))

    def write(self, folder: Path) -> None:
        for name, value in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_spell(name, value))

    @property
    def definition(self) -> Doc:
        return _a_map(self.files.get("pipeline.json"))

    @property
    def template(self) -> Doc:
        return _a_map(self.files.get("stack.yaml"))

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
                return _a_map(found)
        raise Absent(kind)


def _parse(path: Path) -> Any:
    text = path.read_text()
    if path.suffix == ".json":
        return json.loads(text)
    return yaml.load(text, Loader) if path.suffix in (".yaml", ".yml") else text


def _spell(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if name.endswith(".json"):
        return json.dumps(value, indent=2)
    return yaml.safe_dump(value, sort_keys=False, width=200)


def _walk(node: Any) -> Iterator[Any]:
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _walk(child)


def _walk_steps(steps: list[Doc]) -> Iterator[Doc]:
    for step in steps:
        yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from _walk_steps(step.get("Arguments", {}).get(branch, []))


def _a_map(node: Any) -> Doc:
    if not isinstance(node, dict):
        raise Absent
    return node
