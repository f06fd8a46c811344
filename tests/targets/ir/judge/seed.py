"""How a fault is written down: one place in a parsed bundle, and what is put there instead.

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

from tests.targets import breaking
from tests.targets.breaking import Absent, Doc, Fault

__all__ = ["Absent", "Doc", "Fault", "Faults", "Seeded", "place", "walk"]


class Loader(yaml.CSafeLoader):
    """Reads YAML whose dates stay text, as the servers behind these files see them."""


def _as_text(loader: Loader, node: yaml.ScalarNode) -> Any:
    return loader.construct_scalar(node)


Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_text)


@dataclass
class Seeded:
    """A bundle in memory: JSON as one document, YAML as a list of them, other files as text."""

    files: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Seeded:
        paths = sorted(p for p in folder.rglob("*") if p.is_file())
        return cls({path.relative_to(folder).as_posix(): _parse(path) for path in paths})

    def copy(self) -> Seeded:
        return Seeded(deepcopy(self.files))

    def write(self, folder: Path) -> None:
        for name, value in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_spell(name, value))

    def documents(self) -> Iterator[tuple[str, Doc]]:
        """Every parsed document that is an object, with the name of its file."""
        for name, value in self.files.items():
            for document in value if isinstance(value, list) else [value]:
                if isinstance(document, dict):
                    yield name, document

    def named(self, which: str) -> list[Doc]:
        """`ir`, `platform`, `tf`, a Kubernetes kind, or the keys `a+b` that an object has."""
        return [d for name, d in self.documents() if _is(which, name, d)]

    @property
    def ir(self) -> Doc:
        return self.one("ir")

    def one(self, which: str) -> Doc:
        found = self.named(which)
        if not found:
            raise Absent(which)
        return found[0]

    def tasks(self) -> Iterator[tuple[Doc, str, Doc]]:
        """Every task with the tasks beside it and its name, outermost first."""
        holders = [self.ir.get("root", {}), *self.ir.get("components", {}).values()]
        for holder in holders:
            beside = holder.get("dag", {}).get("tasks", {})
            for name, task in list(beside.items()):
                yield beside, name, task

    def component(self, task: Doc) -> Doc:
        found: Doc = self.ir["components"][task["componentRef"]["name"]]
        return found

    def containers(self) -> list[Doc]:
        executors = self.ir["deploymentSpec"]["executors"].values()
        return [e["container"] for e in executors if "container" in e]


def _is(which: str, name: str, document: Doc) -> bool:
    if which == "ir":
        return "components" in document or "pipelineInfo" in document
    if which == "platform":
        return "platforms" in document
    if which == "tf":
        return name.endswith(".tf.json")
    if which[0].islower():
        return name.endswith(".json") and all(key in document for key in which.split("+"))
    return document.get("kind") == which and "apiVersion" in document


def _parse(path: Path) -> Any:
    text = path.read_text()
    if path.suffix == ".json":
        return json.loads(text)
    return list(yaml.load_all(text, Loader)) if path.suffix in (".yaml", ".yml") else text


def _spell(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if name.endswith(".json"):
        return json.dumps(value, indent=2)
    return str(yaml.dump_all(value, Dumper=yaml.CSafeDumper, sort_keys=False, width=200))


def walk(node: Any) -> Iterator[Any]:
    """Every value, parents first."""
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


def place(documents: list[Doc], path: str) -> tuple[Any, Any]:
    """The first holder and key at which `a.b.[].c` can be read; `[]` is the first entry, `*` any key.

    A path that starts with `/` starts at the top of a document.
    """
    keys = path.lstrip("/").split(".")
    for document in documents:
        for start in [document] if path.startswith("/") else walk(document):
            for found in _follow(start, keys):
                return found
    raise Absent(path)


def _follow(node: Any, keys: list[str]) -> Iterator[tuple[Any, Any]]:
    key = keys[0]
    if key == "[]":
        candidates: list[Any] = list(range(len(node))) if isinstance(node, list) else []
    elif key == "*":
        candidates = list(node) if isinstance(node, dict) else []
    else:
        candidates = [key.replace("~", ".")] if isinstance(node, dict) and key.replace("~", ".") in node else []
    for candidate in candidates:
        if len(keys) == 1:
            yield node, candidate
        else:
            yield from _follow(node[candidate], keys[1:])


class Faults(breaking.Faults):
    """A list that fills itself from functions and from tables."""

    def renames(self, which: str, table: dict[str, str], *codes: int) -> None:
        """`path: other last key`."""
        for path, new in table.items():

            def break_(b: Seeded, path: str = path, new: str = new) -> None:
                holder, key = place(b.named(which), path)
                holder[new] = holder.pop(key)

            self.add(_name("rename", which, path), "rename", codes or (430, 432), break_)

    def retypes(self, which: str, table: list[tuple[str, Any]], *codes: int, kind: str = "retype") -> None:
        """`(path, other value)`; a function makes the other value from the one there."""
        for number, (path, new) in enumerate(table):

            def break_(b: Seeded, path: str = path, new: Any = new) -> None:
                holder, key = place(b.named(which), path)
                holder[key] = new(holder[key]) if callable(new) else deepcopy(new)

            name = _name(f"{kind}-{number}", which, path)
            self.add(name, kind, codes or (431, 433), break_)

    def dangles(self, which: str, *paths: str, code: int = 434) -> None:
        """Every text gets a letter more, so that it names nobody."""
        self.retypes(which, [(path, lambda text: text + "x") for path in paths], code, kind="dangle")

    def deletes(self, which: str, *paths: str, codes: tuple[int, ...] = (432,)) -> None:
        for path in paths:

            def break_(b: Seeded, path: str = path) -> None:
                holder, key = place(b.named(which), path)
                del holder[key]

            self.add(_name("delete", which, path), "delete", codes, break_)


def _name(*parts: str) -> str:
    return "-".join(parts).replace("/", "").replace(".[]", "").replace(".", "-").replace("+", "-")
